// SPDX-License-Identifier: Apache-2.0
// Parallel execution against serial execution, on everything that the conformance tests have.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "cli/ledger/blocktest.hpp"
#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/replay_input.hpp"
#include "cli/ledger/statetest.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/ledger/chain.hpp"
#include "pel/loops.hpp"
#include "tests/support/test_data.hpp"

namespace pel::cli {
namespace {

namespace fs = std::filesystem;
using ledger::BlockExecutor;
using ledger::ParallelBlockExecutor;

// Every `stride`-th file of an archive goes to `check`, several at a time.
template <class F>
void each_file(const fs::path& archive, std::size_t stride, F&& check) {
  std::vector<FixtureFile> files;
  std::size_t index = 0;
  read_fixture_files({archive}, [&](FixtureFile&& file) {
    if (index++ % stride == 0) files.push_back(std::move(file));
  });
  for_each(files.size(), [&](std::size_t i) { check(files[i]); });
}

// How many of the archives' files take part: all with PEL_ALL_FIXTURES, else a slice.
std::size_t stride() { return std::getenv("PEL_ALL_FIXTURES") ? 1 : 29; }

// Both ways; what they throw must be equal too.
BlockExecutor::Output both(BlockExecutor& serial, ParallelBlockExecutor& parallel,
                           const BlockExecutor::Input& input) {
  std::string error;
  BlockExecutor::Output want;
  try {
    want = serial.execute(input);
  } catch (const Error& thrown) {
    error = thrown.what();
  }
  try {
    const BlockExecutor::Output got = parallel.execute(input);
    EXPECT_EQ(error, "") << "serial execution refuses the block";
    EXPECT_EQ(ledger::difference(want, got), "");
  } catch (const Error& thrown) {
    EXPECT_EQ(error, thrown.what());
    throw;
  }
  return want;
}

TEST(Parallel, StateTestsAsAttempts) {
  NEED_TEST_DATA(data);
  evm::CodeCache codes;
  std::atomic<std::size_t> cases{0};
  each_file(*data / "eest/state_tests.tar.xz", stride(), [&](const FixtureFile& file) {
    ParallelBlockExecutor parallel(codes, true);
    StateTestOptions options;
    options.codes = &codes;
    options.observe = [&](const BlockExecutor::Single& single, const ledger::Transaction& tx,
                          const ledger::Address& sender, const ledger::TxOutcome& want,
                          const ledger::StateDiff& want_diff) {
      ledger::StateDiff diff;
      const ledger::TxOutcome got = parallel.execute(single, tx, sender, diff);
      EXPECT_EQ(got.fault.name, want.fault.name) << file.name;
      EXPECT_EQ(got.receipt.gas_used, want.receipt.gas_used) << file.name;
      EXPECT_EQ(got.receipt.logs, want.receipt.logs) << file.name;
      EXPECT_TRUE(diff == want_diff) << file.name;
      ++cases;
    };
    run_state_tests(file, options);
  });
  EXPECT_GT(cases.load(), 32000 / stride() / 4);
}

TEST(Parallel, BlockchainTests) {
  NEED_TEST_DATA(data);
  evm::CodeCache codes;
  std::atomic<std::size_t> blocks{0};
  each_file(*data / "eest/blockchain_tests.tar.xz", stride(), [&](const FixtureFile& file) {
    BlockExecutor serial(codes);
    ParallelBlockExecutor parallel(codes, true);
    const FileResult result = run_block_tests(file, codes, [&](const BlockExecutor::Input& input) {
      ++blocks;
      return both(serial, parallel, input);
    });
    for (const CaseResult& item : result.cases)
      EXPECT_NE(item.outcome, CaseResult::Outcome::kFailed) << item.name << ": " << item.reason;
  });
  EXPECT_GT(blocks.load(), 10000 / stride() / 4);
}

// A real block, ready to be executed.
struct RealBlock {
  RealBlock(const FixtureFile& file, evm::CodeCache& codes)
      : given(read_replay(file.text, file.name, codes)) {
    input.config = given->chain;
    input.revision = input.config->revision(given->block.header, is_merged(given->block.header));
    for (const ledger::Transaction& tx : given->block.transactions)
      senders.push_back(recover_sender(tx, input.revision).value());
    input.block = &given->block;
    input.senders = senders;
    input.view = &given->view();
    input.block_hashes = [this](std::uint64_t number) { return given->block_hashes.at(number); };
    if (given->witness && input.revision < evm::Revision::kByzantium) {
      base = *given->witness;
      input.intermediate_root = [this](const ledger::StateDiff& diff) {
        ledger::TrieState state = *base;
        return state.apply(diff);
      };
    }
  }

  std::unique_ptr<ReplayInput> given;
  std::vector<ledger::Address> senders;
  std::optional<ledger::TrieState> base;
  BlockExecutor::Input input;
};

struct Crew {
  int workers;
  Schedule::Kind kind;
};

// Executes the blocks of a folder with each crew and compares with serial execution.
void compare_folder(const fs::path& folder, const std::vector<Crew>& crews) {
  evm::CodeCache codes;
  BlockExecutor serial(codes);
  ParallelBlockExecutor parallel(codes, true);
  std::vector<std::unique_ptr<Executor>> executors;
  for (const Crew& crew : crews) {
    ExecutorOptions options;
    options.workers = crew.workers;
    options.oversubscribe = true;
    options.schedule = {crew.kind, 7};
    executors.push_back(std::make_unique<Executor>(options));
  }
  read_fixture_files({folder}, [&](FixtureFile&& file) {
    const RealBlock block(file, codes);
    const BlockExecutor::Output want = serial.execute(block.input);
    for (std::size_t i = 0; i < crews.size(); ++i) {
      executors[i]->run([&] {
        const BlockExecutor::Output got = parallel.execute(block.input);
        EXPECT_FALSE(parallel.counters().serial) << file.name << ", crew " << i;
        EXPECT_EQ(ledger::difference(want, got), "") << file.name << ", crew " << i;
      });
    }
  });
}

std::vector<Crew> crews() {
  using Kind = Schedule::Kind;
  std::vector<Crew> few = {{2, Kind::kNormal}, {3, Kind::kDelayed}};
  if (std::getenv("PEL_ALL_FIXTURES") == nullptr) return few;
  for (const int workers : {0, 1, 2, 3, 8})
    for (const Kind kind : {Kind::kNormal, Kind::kReversed, Kind::kShuffled, Kind::kDelayed})
      few.push_back({workers, kind});
  return few;
}

TEST(Parallel, MainnetBlocks) {
  NEED_TEST_DATA(data);
  compare_folder(*data / "mainnet", crews());
}

TEST(Parallel, WitnessBlocks) {
  NEED_TEST_DATA(data);
  compare_folder(*data / "witness", crews());
}

}  // namespace
}  // namespace pel::cli
