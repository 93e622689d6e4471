// SPDX-License-Identifier: Apache-2.0
// The tour's third act: blocks of real contracts, and of mainnet where they are at hand, executed
// serially and in parallel, from decoded blocks to roots, against their headers.
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "cli/digests.hpp"
#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/made/block.hpp"
#include "cli/ledger/replay.hpp"
#include "cli/tour_act.hpp"
#include "pel/error.hpp"

namespace pel::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kRepeat = 7;  // executions; blocks of milliseconds, of which the least is shown

std::string text_of(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

// One row: replays of blocks, added up.
class BlockRow {
 public:
  BlockRow(std::string name, std::string input) {
    row_.name = std::move(name);
    row_.input = std::move(input);
    row_.summary = "blocks, executed serially and in parallel";
    row_.equal = row_.check_passed = true;
    row_.runs = kRepeat;
  }

  void add(const std::string& json, const std::string& place) {
    evm::CodeCache codes;
    const auto input = read_replay(json, place, codes);
    const ReplayResult result = replay(*input, codes, kRepeat);
    row_.plain_s += result.block_seconds;
    row_.pel_s += result.parallel_block_seconds;
    for (const ReplayCheck& check : result.checks) {
      passed_ += check.verdict == ReplayCheck::Verdict::kPass;
      if (check.verdict != ReplayCheck::Verdict::kFail) continue;
      (check.name == "parallel" ? row_.equal : row_.check_passed) = false;
      row_.check_detail += check.name + ": " + check.reason + "; ";
    }
    const ledger::Hash256 hash = ledger::header_hash(input->block.header);
    hashes_.insert(hashes_.end(), hash.bytes.begin(), hash.bytes.end());
    given_.insert(given_.end(), input->hash.bytes.begin(), input->hash.bytes.end());
    transactions_ += result.txs;
    table_ += line_of(result);
  }

  // `size` and `published_as`: its line in docs/digests.txt; without a size the blocks' hashes are
  // compared with those that the input gives.
  TourRow finish(std::uint64_t size, const std::string& published_as) {
    row_.against = std::to_string(passed_) + " checks of headers";
    row_.digest = base::sha256_hex(hashes_);
    row_.publishes = size != 0;
    row_.size = size;
    row_.published_as = published_as;
    row_.published =
        size != 0 ? published_digest(published_as, size, row_.seed) : base::sha256_hex(given_);
    row_.result = std::to_string(transactions_) + " transactions";
    if (row_.check_detail.empty())
      row_.check_detail = "gas, receipts, blooms, roots and what else the input allows";
    row_.own_file = "pel replay your-block.json";
    row_.html =
        "<table><thead><tr><th>block</th><th class=\"number\">transactions</th>"
        "<th class=\"number\">serial ms</th>"
        "<th class=\"number\">pel ms</th><th class=\"number\">speed-up</th>"
        "<th class=\"number\">limit</th></tr></thead><tbody>" +
        table_ + "</tbody></table>";
    return std::move(row_);
  }

 private:
  static std::string line_of(const ReplayResult& result) {
    const double serial = least(result.serial_seconds);
    const double parallel = least(result.parallel_seconds);
    const auto number = [](const std::string& text) {
      return "<td class=\"number\">" + text + "</td>";
    };
    return "<tr><td>" + std::to_string(result.block) + "</td>" +
           number(std::to_string(result.txs)) + number(text_of("%.3f", 1e3 * serial)) +
           number(text_of("%.3f", 1e3 * parallel)) +
           number(text_of("%.2f", parallel > 0 ? serial / parallel : 1)) +
           number(text_of("%.2f", result.oracle_speedup)) + "</tr>\n";
  }

  TourRow row_;
  std::vector<std::uint8_t> hashes_;
  std::vector<std::uint8_t> given_;
  std::string table_;
  std::size_t passed_ = 0;
  std::size_t transactions_ = 0;
};

struct MadeKind {
  const char* kind;
  const char* words;
  std::size_t txs;
  std::size_t full_txs;
  unsigned conflict_percent;
};

constexpr MadeKind kMade[] = {
    {"transfers", "payments", 1000, 20000, 10},
    {"erc20", "transfers of a token (OpenZeppelin's)", 1000, 20000, 10},
    {"swaps", "swaps on Uniswap v3", 300, 3000, 10},
    {"mix", "payments, transfers of a token and swaps, 30 % at one place", 600, 6000, 30},
};

#ifdef PEL_CONTRACTS
constexpr const char* kContracts = PEL_CONTRACTS;
#else
constexpr const char* kContracts = "node_modules";
#endif

void show_made(const MadeKind& made, bool full, const TourAct::Show& show) {
  MakeBlockOptions options;
  options.kind = made.kind;
  options.txs = full ? made.full_txs : made.txs;
  options.conflict_percent = made.conflict_percent;
  options.contracts = kContracts;
  BlockRow row(made.kind, "a block of " + std::to_string(options.txs) + " " + made.words);
  row.add(replay_json(make_block(options)), made.kind);
  show(row.finish(options.txs, std::string("block-") + made.kind));
}

// Empty where there are none.
fs::path mainnet_blocks() {
  const char* named = std::getenv("PEL_TESTDATA");
  const fs::path folder = fs::path(named ? named : "../shared/testdata") / "mainnet";
  std::error_code unreadable;
  return fs::is_directory(folder, unreadable) ? folder : fs::path{};
}

void show_mainnet(const fs::path& folder, const TourAct::Show& show) {
  std::vector<FixtureFile> files;
  read_fixture_files({folder}, [&](FixtureFile&& file) { files.push_back(std::move(file)); });
  BlockRow row("mainnet", std::to_string(files.size()) + " real blocks of Ethereum");
  for (const FixtureFile& file : files) row.add(file.text, file.name);
  show(row.finish(0, ""));
}

void play(Run& run, bool full, const TourAct::Show& show) {
  for (const MadeKind& made : kMade) {
    try {
      show_made(made, full, show);
    } catch (const Error& error) {
      run.say(std::string(made.kind) + ": left out: " + error.what());
    }
  }
  const fs::path folder = mainnet_blocks();
  if (!folder.empty()) show_mainnet(folder, show);
}

const bool registered =
    register_tour_act({3, "the ledger",
                       "Blocks of real compiled contracts, made by seed, and real blocks where "
                       "they are at hand. Each "
                       "is executed serially and in parallel, from the decoded block to its roots, "
                       "senders recovered, "
                       "and compared with its header; the digest is that of the blocks' hashes. "
                       "The tables below give "
                       "execution alone, and the limit that conflicts within the block set.",
                       play});

}  // namespace
}  // namespace pel::cli
