// SPDX-License-Identifier: Apache-2.0
// Which rules hold from when: mainnet's history, and the networks that fixtures name.
#include <algorithm>
#include <cctype>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

using evm::Revision;

constexpr std::uint64_t kNever = ChainConfig::kNever;
constexpr std::size_t at(Revision revision) { return static_cast<std::size_t>(revision); }

constexpr BlobParams kCancunBlobs{3, 6, 3338477};   // EIP-4844
constexpr BlobParams kPragueBlobs{6, 9, 5007716};   // EIP-7691
constexpr BlobParams kBpo1Blobs{10, 15, 8346193};   // EIP-7892, mainnet
constexpr BlobParams kBpo2Blobs{14, 21, 11684671};  // EIP-7892, mainnet
constexpr BlobParams kBpo3Blobs{21, 32, 20609697};  // fixtures
constexpr BlobParams kBpo4Blobs{14, 21, 13739630};  // fixtures

constexpr Address kMainnetDeposit{{0x00, 0x00, 0x00, 0x00, 0x21, 0x9a, 0xb5, 0x40, 0x35, 0x6c,
                                   0xbb, 0x83, 0x9c, 0xbe, 0x05, 0x30, 0x3d, 0x77, 0x05, 0xfa}};

constexpr std::uint64_t kMainnetParis = 15537394;

// A stage of a fixture's network: a revision, or a blob schedule on top of Osaka.
struct Stage {
  Revision revision = Revision::kFrontier;
  int bpo = 0;
  bool dao = false;
  std::uint64_t bomb_delay = 0;  // of a fork that only sets the difficulty bomb back
};

std::optional<Stage> parse_stage(std::string_view name) {
  if (name == "Dao" || name == "HomesteadDao") return Stage{Revision::kHomestead, 0, true, 0};
  if (name == "MuirGlacier") return Stage{Revision::kIstanbul, 0, false, 9'000'000};  // EIP-2384
  if (name == "ArrowGlacier") return Stage{Revision::kLondon, 0, false, 10'700'000};  // EIP-4345
  if (name == "GrayGlacier") return Stage{Revision::kLondon, 0, false, 11'400'000};   // EIP-5133
  if (name.size() == 4 && name.starts_with("BPO") && name[3] >= '1' && name[3] <= '4')
    return Stage{Revision::kOsaka, name[3] - '0'};
  if (const auto revision = evm::parse_revision(name)) return Stage{*revision};
  return {};
}

bool by_time(Revision revision) { return revision >= Revision::kShanghai; }

// Makes `stage` hold from `from` on: a block number up to London, a time from Shanghai on.
void activate(ChainConfig& config, const Stage& stage, std::uint64_t from) {
  for (std::size_t i = 0; i <= at(stage.revision); ++i) {
    if (config.activation[i] == kNever)
      config.activation[i] =
          by_time(static_cast<Revision>(i)) == by_time(stage.revision) ? from : 0;
  }
  if (stage.revision >= Revision::kParis && !config.terminal_difficulty)
    config.terminal_difficulty = U256{};
  if (stage.dao) config.dao_block = from;
}

void set_bomb_delays(ChainConfig& config) {
  constexpr std::array<std::pair<Revision, std::uint64_t>, 4> kDelays = {{
      {Revision::kByzantium, 3'000'000},       // EIP-649
      {Revision::kConstantinople, 5'000'000},  // EIP-1234
      {Revision::kBerlin, 9'000'000},          // EIP-2384
      {Revision::kLondon, 9'700'000},          // EIP-3554
  }};
  for (const auto& [revision, delay] : kDelays)
    if (config.activation[at(revision)] != kNever)
      config.bomb_delays.emplace_back(config.activation[at(revision)], delay);
}

void set_blobs(ChainConfig& config, int first_bpo, int last_bpo, std::uint64_t from) {
  const std::array<BlobParams, 4> bpo = {kBpo1Blobs, kBpo2Blobs, kBpo3Blobs, kBpo4Blobs};
  const auto add = [&](std::uint64_t time, const BlobParams& params) {
    if (time != kNever) config.blobs.push_back({time, params});
  };
  add(config.activation[at(Revision::kCancun)], kCancunBlobs);
  add(config.activation[at(Revision::kPrague)], kPragueBlobs);
  if (first_bpo > 0) add(0, bpo[static_cast<std::size_t>(first_bpo - 1)]);
  if (last_bpo > 0 && last_bpo != first_bpo) add(from, bpo[static_cast<std::size_t>(last_bpo - 1)]);
}

// "5", "0x5", "Time15k", "DiffC0000".
struct Moment {
  std::uint64_t number = 0;
  bool difficulty = false;
};
std::optional<Moment> parse_moment(std::string_view text) {
  Moment moment;
  unsigned radix = 10;
  if (text.starts_with("Time")) text.remove_prefix(4);
  if (text.starts_with("Diff")) {
    text.remove_prefix(4);
    moment.difficulty = true;
    radix = 16;
  }
  const bool thousands = text.ends_with("k");
  if (thousands) text.remove_suffix(1);
  if (text.empty() || text.size() > 15) return {};
  for (const char c : text) {
    const int low = std::tolower(c);
    const int digit = std::isdigit(low) ? low - '0' : low - 'a' + 10;
    if (digit < 0 || static_cast<unsigned>(digit) >= radix) return {};
    moment.number = moment.number * radix + static_cast<unsigned>(digit);
  }
  if (thousands) moment.number *= 1000;
  return moment;
}

ChainConfig blank() {
  ChainConfig config;
  config.activation.fill(kNever);
  config.deposit_contract = kMainnetDeposit;
  return config;
}

ChainConfig make_mainnet() {
  ChainConfig config;
  config.activation = {0,          1150000,    2463000,   2675000,  4370000,       7280000,
                       7280000,    9069000,    12244000,  12965000, kMainnetParis, 1681338455,
                       1710338135, 1746612311, 1764798551};
  config.bomb_delays = {{4370000, 3'000'000},  {7280000, 5'000'000},   {9200000, 9'000'000},
                        {12965000, 9'700'000}, {13773000, 10'700'000}, {15050000, 11'400'000}};
  config.blobs = {{1710338135, kCancunBlobs},
                  {1746612311, kPragueBlobs},
                  {1765290071, kBpo1Blobs},
                  {1767747671, kBpo2Blobs}};
  config.dao_block = 1920000;
  config.deposit_contract = kMainnetDeposit;
  config.terminal_difficulty = U256(0x3c6568f12e8000U) * U256(3'450'000);
  return config;
}

}  // namespace

Revision ChainConfig::revision(const Header& header, bool merged) const noexcept {
  for (std::size_t i = activation.size(); i-- > 1;) {
    const auto revision = static_cast<Revision>(i);
    if (activation[i] == kNever) continue;
    if (by_time(revision)) {
      if (merged && header.timestamp >= activation[i]) return revision;
    } else if (revision == Revision::kParis) {
      if (merged) return revision;
    } else if (header.number >= activation[i]) {
      return revision;
    }
  }
  return Revision::kFrontier;
}

BlobParams ChainConfig::blob_params(std::uint64_t time) const noexcept {
  BlobParams params;
  for (const BlobActivation& blob : blobs)
    if (time >= blob.time) params = blob.params;
  return params;
}

const ChainConfig& ChainConfig::mainnet() {
  static const ChainConfig config = make_mainnet();
  return config;
}

std::optional<ChainConfig> ChainConfig::from_network(std::string_view name) {
  ChainConfig config = blank();
  if (const auto stage = parse_stage(name)) {
    activate(config, *stage, 0);
    set_bomb_delays(config);
    if (stage->bomb_delay != 0) config.bomb_delays.emplace_back(0, stage->bomb_delay);
    set_blobs(config, stage->bpo, 0, 0);
    return config;
  }
  const std::size_t to = name.find("To");
  const std::size_t when = name.rfind("At");
  if (to == name.npos || when == name.npos || when < to) return {};
  const auto first = parse_stage(name.substr(0, to));
  const auto second = parse_stage(name.substr(to + 2, when - to - 2));
  const auto moment = parse_moment(name.substr(when + 2));
  if (!first || !second || !moment) return {};
  activate(config, *first, 0);
  if (moment->difficulty) config.terminal_difficulty = U256(moment->number);
  activate(config, *second, moment->difficulty ? 0 : moment->number);
  set_bomb_delays(config);
  if (first->bomb_delay != 0) config.bomb_delays.emplace_back(0, first->bomb_delay);
  set_blobs(config, first->bpo, second->bpo, moment->number);
  return config;
}

}  // namespace pel::ledger
