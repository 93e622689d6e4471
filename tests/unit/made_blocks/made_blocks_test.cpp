// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "base/files.hpp"
#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/made/block.hpp"
#include "cli/ledger/made/contract_code.hpp"
#include "cli/ledger/replay.hpp"
#include "pel/error.hpp"
#include "tests/support/scratch_folder.hpp"

namespace pel::cli {
namespace {

using ledger::Hash256;
using ledger::U256;

MakeBlockOptions options(const std::string& kind, std::size_t txs, unsigned conflicts) {
  MakeBlockOptions options;
  options.kind = kind;
  options.txs = txs;
  options.conflict_percent = conflicts;
  options.pools = 4;
  options.contracts = PEL_CONTRACTS;
  return options;
}

ReplayResult replay_text(const std::string& text) {
  evm::CodeCache codes;
  const auto input = read_replay(text, "made", codes);
  return replay(*input, codes, 1);
}

struct Executed {
  explicit Executed(const MadeBlock& block) : made(block), parallel(codes, true) {
    input.config = &ledger::ChainConfig::mainnet();
    input.revision = input.config->revision(made.block.header, true);
    input.block = &made.block;
    input.senders = made.senders;
    input.view = &made.state;
  }
  // How many transactions need an earlier one.
  std::size_t dependent() {
    const ledger::BlockGraph graph = parallel.measure(input, 1);
    return static_cast<std::size_t>(std::count_if(
        graph.needs.begin(), graph.needs.end(), [](const auto& needs) { return !needs.empty(); }));
  }

  const MadeBlock& made;
  evm::CodeCache codes;
  ledger::ParallelBlockExecutor parallel;
  ledger::BlockExecutor::Input input;
};

class MadeBlocks : public testing::TestWithParam<const char*> {};

TEST_P(MadeBlocks, PassEveryCheckOfAReplay) {
  const MadeBlock made = make_block(options(GetParam(), 60, 30));
  ASSERT_EQ(made.block.transactions.size(), 60U);
  const ReplayResult result = replay_text(replay_json(made));
  EXPECT_EQ(result.gas, made.block.header.gas_used);
  std::set<std::string> names;
  for (const ReplayCheck& check : result.checks) {
    EXPECT_EQ(check.verdict, ReplayCheck::Verdict::kPass) << check.name << ": " << check.reason;
    names.insert(check.name);
  }
  for (const char* name : {"block_hash", "header_rules", "senders", "parallel", "gas_used",
                           "receipts_root", "logs_bloom", "state_root"})
    EXPECT_TRUE(names.contains(name)) << name;
}

TEST_P(MadeBlocks, HaveOnlyTransactionsThatSucceed) {
  const MadeBlock made = make_block(options(GetParam(), 40, 50));
  Executed executed(made);
  ledger::BlockExecutor serial(executed.codes);
  for (const ledger::Receipt& receipt : serial.execute(executed.input).receipts)
    EXPECT_TRUE(receipt.success);
}

TEST_P(MadeBlocks, AreTheSameForTheSameSeed) {
  MakeBlockOptions seeded = options(GetParam(), 20, 10);
  const std::string text = replay_json(make_block(seeded));
  EXPECT_EQ(text, replay_json(make_block(seeded)));
  seeded.seed = 2;
  EXPECT_NE(text, replay_json(make_block(seeded)));
}

INSTANTIATE_TEST_SUITE_P(Kinds, MadeBlocks, testing::Values("transfers", "erc20", "swaps", "mix"));

TEST(MadeConflicts, AreNoneWhenNoneAreAskedFor) {
  for (const char* kind : {"transfers", "erc20", "swaps", "mix"}) {
    MakeBlockOptions none = options(kind, 12, 0);
    none.pools = 12;
    const MadeBlock made = make_block(none);
    EXPECT_EQ(Executed(made).dependent(), 0U) << kind;
  }
}

TEST(MadeConflicts, AreAChainWhenAllAreAskedFor) {
  for (const char* kind : {"erc20", "swaps"}) {
    const MadeBlock made = make_block(options(kind, 20, 100));
    EXPECT_EQ(Executed(made).dependent(), 19U) << kind;
  }
}

TEST(MadeConflicts, AreTheShareThatIsAskedFor) {
  const MadeBlock made = make_block(options("erc20", 400, 30));
  EXPECT_NEAR(static_cast<double>(Executed(made).dependent()), 0.3 * 400, 30);
}

TEST(MadeConflicts, OfSwapsAreInTheirPools) {
  const MadeBlock made = make_block(options("swaps", 20, 0));
  EXPECT_EQ(Executed(made).dependent(), 16U);  // of 5 in each of 4 pools all but the first
}

// The pool's own event against the formula of a constant product, which a position over the whole
// range is.
TEST(MadeSwaps, PayWhatTheirPoolsReservesSay) {
  MakeBlockOptions one = options("swaps", 1, 0);
  one.pools = 2;
  const MadeBlock made = make_block(one);
  Executed executed(made);
  ledger::BlockExecutor serial(executed.codes);
  const auto output = serial.execute(executed.input);
  const Hash256 event = [] {
    const std::string_view text = "Swap(address,address,int256,int256,uint160,uint128,int24)";
    return ledger::keccak(ledger::Bytes(text.begin(), text.end()));
  }();
  const auto& logs = output.receipts.at(0).logs;
  const auto found = std::find_if(logs.begin(), logs.end(),
                                  [&](const auto& log) { return log.topics.at(0) == event; });
  ASSERT_NE(found, logs.end());
  const U256 first = ledger::load_be(found->data.data());
  const U256 second = ledger::load_be(found->data.data() + 32);
  const bool zero_in = !first.bit(255);
  const auto number = [](const U256& word) {
    const U256 size = word.bit(255) ? U256() - word : word;
    return static_cast<double>(size.w[1]) * 0x1p64 + static_cast<double>(size.w[0]);
  };
  const double in = number(zero_in ? first : second);
  const double out = number(zero_in ? second : first);
  const double reserve = 1e21;
  const double taken = in * (1 - 500e-6);  // the first pool's fee
  EXPECT_NEAR(out / (reserve * taken / (reserve + taken)), 1, 1e-9);
}

TEST(MadeBlocks, RefuseWhatIsUnknownOrMissing) {
  const auto message = [](const MakeBlockOptions& bad) -> std::string {
    try {
      make_block(bad);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_NE(message(options("noise", 5, 0)).find("unknown kind \"noise\""), std::string::npos);
  MakeBlockOptions missing = options("swaps", 5, 0);
  missing.contracts = "/nowhere";
  EXPECT_NE(message(missing).find("npm install canonical-weth@1.4.0"), std::string::npos);
}

TEST(MadeBlocks, RefuseAContractThatIsNoCode) {
  const test::ScratchFolder folder;
  const auto path = folder.path() / kTokenFile.path;
  std::filesystem::create_directories(path.parent_path());
  for (const char* text : {"", "{", "{}", "{\"bytecode\": 1}", "{\"bytecode\": \"0x\"}",
                           "{\"bytecode\": \"0x60__lib__\"}"}) {
    base::write_text(path, text);
    try {
      creation_code(folder.path().string(), kTokenFile);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.place(), path.string()) << text;
    }
  }
}

TEST(Gzip, IsReadBackAndTheSameEachTime) {
  const test::ScratchFolder folder;
  const auto path = folder.path() / "text.json.gz";
  std::string text;
  for (std::uint64_t i = 0; i < 100'000; ++i) text += std::to_string(i * i);
  base::write_text(path, gzip(text));
  EXPECT_LT(std::filesystem::file_size(path), text.size() / 2);
  EXPECT_EQ(read_packed_file(path), text);
  EXPECT_EQ(gzip(text), gzip(text));
}

}  // namespace
}  // namespace pel::cli
