// SPDX-License-Identifier: Apache-2.0
#include "ledger/evm/precompiles.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "pel/detail/base/check.hpp"

namespace pel::evm {

namespace {

struct Entry {
  std::uint16_t number;  // the address
  Revision since;
  PriceFunction price;
  RunFunction run;
};

constexpr std::array kPrecompiles = {
    Entry{0x01, Revision::kFrontier, precompile::price_ec_recover, precompile::run_ec_recover},
    Entry{0x02, Revision::kFrontier, precompile::price_sha256, precompile::run_sha256},
    Entry{0x03, Revision::kFrontier, precompile::price_ripemd160, precompile::run_ripemd160},
    Entry{0x04, Revision::kFrontier, precompile::price_identity, precompile::run_identity},
    Entry{0x05, Revision::kByzantium, precompile::price_modexp, precompile::run_modexp},
    Entry{0x06, Revision::kByzantium, precompile::price_bn254_add, precompile::run_bn254_add},
    Entry{0x07, Revision::kByzantium, precompile::price_bn254_mul, precompile::run_bn254_mul},
    Entry{0x08, Revision::kByzantium, precompile::price_bn254_pairing,
          precompile::run_bn254_pairing},
    Entry{0x09, Revision::kIstanbul, precompile::price_blake2f, precompile::run_blake2f},
    Entry{0x0a, Revision::kCancun, precompile::price_kzg_point_evaluation,
          precompile::run_kzg_point_evaluation},
    Entry{0x0b, Revision::kPrague, precompile::price_bls_g1_add, precompile::run_bls_g1_add},
    Entry{0x0c, Revision::kPrague, precompile::price_bls_g1_msm, precompile::run_bls_g1_msm},
    Entry{0x0d, Revision::kPrague, precompile::price_bls_g2_add, precompile::run_bls_g2_add},
    Entry{0x0e, Revision::kPrague, precompile::price_bls_g2_msm, precompile::run_bls_g2_msm},
    Entry{0x0f, Revision::kPrague, precompile::price_bls_pairing, precompile::run_bls_pairing},
    Entry{0x10, Revision::kPrague, precompile::price_bls_map_fp_to_g1,
          precompile::run_bls_map_fp_to_g1},
    Entry{0x11, Revision::kPrague, precompile::price_bls_map_fp2_to_g2,
          precompile::run_bls_map_fp2_to_g2},
    Entry{0x100, Revision::kOsaka, precompile::price_p256_verify, precompile::run_p256_verify},
};

// The table is in the order of addresses and of revisions, so a revision's contracts are a prefix.
constexpr std::size_t count_in(Revision revision) noexcept {
  std::size_t n = 0;
  while (n < kPrecompiles.size() && kPrecompiles[n].since <= revision) ++n;
  return n;
}

constexpr auto kAddresses = [] {
  std::array<Address, kPrecompiles.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i] = ledger::small_address(kPrecompiles[i].number);
  }
  return all;
}();

// The small number that an address is, or 0.
std::uint16_t number_of(const Address& address) noexcept {
  std::uint64_t high[2];
  std::memcpy(high, address.bytes.data(), 16);
  if ((high[0] | high[1]) != 0 || (address.bytes[16] | address.bytes[17]) != 0) return 0;
  return static_cast<std::uint16_t>(address.bytes[18] << 8 | address.bytes[19]);
}

const Entry* find(Revision revision, const Address& address) noexcept {
  const std::uint16_t number = number_of(address);
  if (number == 0 || number > 0x100) return nullptr;
  const std::size_t index = number == 0x100 ? kPrecompiles.size() - 1 : number - 1u;
  if (index >= kPrecompiles.size() || kPrecompiles[index].number != number) return nullptr;
  return kPrecompiles[index].since <= revision ? &kPrecompiles[index] : nullptr;
}

// The contract at an address that holds one.
const Entry& entry_at(Revision revision, const Address& address) {
  const Entry* const entry = find(revision, address);
  PEL_CHECK(entry != nullptr);
  return *entry;
}

// What is left once the price is paid, or why it cannot be.
PrecompileOutcome pay(const Entry& entry, BytesView input, Revision revision, Gas gas) {
  const Gas price = entry.price(input, revision);
  if (price < 0) return {Status::kPrecompileFailure, 0, 0};
  if (price > gas) return {Status::kOutOfGas, 0, 0};
  return {Status::kSuccess, gas - price, 0};
}

}  // namespace

bool is_precompile(Revision revision, const Address& address) noexcept {
  return find(revision, address) != nullptr;
}

std::span<const Address> precompile_addresses(Revision revision) noexcept {
  return std::span(kAddresses).first(count_in(revision));
}

PrecompileOutcome call_precompile(Revision revision, const Address& address, BytesView input,
                                  Gas gas, PrecompileOutput output) {
  const Entry& entry = entry_at(revision, address);
  PrecompileOutcome outcome = pay(entry, input, revision, gas);
  if (outcome.status != Status::kSuccess) return outcome;
  outcome.output_size = entry.run(input, output);
  if (outcome.output_size == kFailed) return {Status::kPrecompileFailure, 0, 0};
  return outcome;
}

PrecompileResult run_precompile(Revision revision, const Address& address, BytesView input,
                                Gas gas) {
  const Entry& entry = entry_at(revision, address);
  const PrecompileOutcome paid = pay(entry, input, revision, gas);
  if (paid.status != Status::kSuccess) return {paid.status, 0, {}};
  // Outputs are short, as long as the input (identity) or as the input says (modexp).
  std::size_t capacity = std::max<std::size_t>(input.size(), 4096);
  if (entry.run == precompile::run_modexp) {
    capacity = std::max(capacity, precompile::modexp_output_size(input));
  }
  Bytes buffer(capacity);
  const auto outcome =
      call_precompile(revision, address, input, gas, {buffer.data(), buffer.size()});
  buffer.resize(outcome.output_size);
  return {outcome.status, outcome.gas_left, std::move(buffer)};
}

}  // namespace pel::evm
