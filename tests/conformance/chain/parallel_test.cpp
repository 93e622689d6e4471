// SPDX-License-Identifier: Apache-2.0
// Parallel execution against serial execution, on everything that the conformance tests have.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "cli/ledger/blocktest.hpp"
#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/statetest.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/ledger/parallel.hpp"
#include "pel/loops.hpp"

namespace pel::cli {
namespace {

namespace fs = std::filesystem;
using ledger::BlockExecutor;
using ledger::ParallelBlockExecutor;

std::optional<fs::path> test_data() {
  if (const char* folder = std::getenv("PEL_TESTDATA")) return folder;
  const fs::path beside = fs::current_path() / "../shared/testdata";
  return fs::exists(beside) ? std::optional(beside) : std::nullopt;
}

#define NEED_TEST_DATA(variable)                                                  \
  const auto variable = test_data();                                              \
  if (!variable)                                                                  \
  GTEST_SKIP() << "no test data: PEL_TESTDATA is not set and ../shared/testdata " \
                  "is not there"

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
    ParallelBlockExecutor parallel(codes);
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
    ParallelBlockExecutor parallel(codes);
    const FileResult result = run_block_tests(file, codes, [&](const BlockExecutor::Input& input) {
      ++blocks;
      return both(serial, parallel, input);
    });
    for (const CaseResult& item : result.cases)
      EXPECT_NE(item.outcome, CaseResult::Outcome::kFailed) << item.name << ": " << item.reason;
  });
  EXPECT_GT(blocks.load(), 10000 / stride() / 4);
}

}  // namespace
}  // namespace pel::cli
