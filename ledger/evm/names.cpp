// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "pel/ledger/evm.hpp"

namespace pel::evm {

namespace {

constexpr std::array<std::string_view, kRevisions> kRevisionNames = {
    "Frontier",       "Homestead",  "TangerineWhistle", "SpuriousDragon", "Byzantium",
    "Constantinople", "Petersburg", "Istanbul",         "Berlin",         "London",
    "Paris",          "Shanghai",   "Cancun",           "Prague",         "Osaka"};

struct Alias {
  std::string_view name;
  Revision revision;
};
// What fixtures and tools call them besides; forks that change no EVM rule are their predecessors.
constexpr std::array kAliases = {
    Alias{"EIP150", Revision::kTangerineWhistle},
    Alias{"EIP158", Revision::kSpuriousDragon},
    Alias{"ConstantinopleFix", Revision::kPetersburg},
    Alias{"MuirGlacier", Revision::kIstanbul},
    Alias{"ArrowGlacier", Revision::kLondon},
    Alias{"GrayGlacier", Revision::kLondon},
    Alias{"Merge", Revision::kParis},
    Alias{"BPO1", Revision::kOsaka},
    Alias{"BPO2", Revision::kOsaka},
    Alias{"BPO3", Revision::kOsaka},
    Alias{"BPO4", Revision::kOsaka},
    Alias{"BPO5", Revision::kOsaka},
};

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool same(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::string_view to_string(Revision revision) noexcept {
  return kRevisionNames[static_cast<std::size_t>(revision)];
}

std::optional<Revision> parse_revision(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kRevisionNames.size(); ++i) {
    if (same(name, kRevisionNames[i])) return static_cast<Revision>(i);
  }
  for (const Alias& alias : kAliases) {
    if (same(name, alias.name)) return alias.revision;
  }
  return std::nullopt;
}

std::string_view to_string(Status status) noexcept {
  switch (status) {
    case Status::kSuccess:
      return "success";
    case Status::kRevert:
      return "execution reverted";
    case Status::kOutOfGas:
      return "out of gas";
    case Status::kUndefinedInstruction:
      return "undefined instruction";
    case Status::kInvalidInstruction:
      return "invalid instruction";
    case Status::kStackOverflow:
      return "stack overflow";
    case Status::kStackUnderflow:
      return "stack underflow";
    case Status::kBadJumpDestination:
      return "bad jump destination";
    case Status::kReturnDataOutOfBounds:
      return "return data out of bounds";
    case Status::kStaticModeViolation:
      return "write in a static call";
    case Status::kPrecompileFailure:
      return "precompile failure";
    case Status::kAddressCollision:
      return "address collision";
    case Status::kInitCodeTooLarge:
      return "init code too large";
    case Status::kCodeTooLarge:
      return "code too large";
    case Status::kCodeStartsWithEf:
      return "code starts with 0xef";
  }
  return "unknown status";
}

}  // namespace pel::evm
