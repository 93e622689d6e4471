// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "cli/ledger/basic_tests.hpp"
#include "cli/ledger/blocktest.hpp"
#include "cli/ledger/replay.hpp"
#include "cli/ledger/statetest.hpp"
#include "pel/error.hpp"
#include "pel/loops.hpp"
#include "tests/support/test_data.hpp"

namespace pel::cli {
namespace {

namespace fs = std::filesystem;

// Runs every `stride`-th file of an archive; returns how many cases passed.
std::size_t run_archive(const fs::path& archive, std::size_t stride,
                        const std::function<FileResult(const FixtureFile&)>& check) {
  std::vector<FixtureFile> files;
  std::size_t index = 0;
  read_fixture_files({archive}, [&](FixtureFile&& file) {
    if (index++ % stride == 0) files.push_back(std::move(file));
  });
  std::vector<FileResult> results(files.size());
  for_each(files.size(), [&](std::size_t i) { results[i] = check(files[i]); });
  std::size_t passed = 0;
  for (const FileResult& result : results) {
    EXPECT_EQ(result.unreadable, "");
    for (const CaseResult& item : result.cases) {
      EXPECT_EQ(item.outcome, CaseResult::Outcome::kPassed) << item.name << ": " << item.reason;
      ++passed;
    }
  }
  return passed;
}

TEST(Conformance, StateTests) {
  NEED_TEST_DATA(data);
  evm::CodeCache codes;
  StateTestOptions options;
  options.codes = &codes;
  EXPECT_EQ(run_archive(*data / "eest/state_tests.tar.xz", 1,
                        [&](const FixtureFile& file) { return run_state_tests(file, options); }),
            32939U);
}

TEST(Conformance, BlockchainTests) {
  NEED_TEST_DATA(data);
  evm::CodeCache codes;
  EXPECT_EQ(run_archive(*data / "eest/blockchain_tests.tar.xz", 1,
                        [&](const FixtureFile& file) { return run_block_tests(file, codes); }),
            10696U);
}

TEST(Conformance, BasicTests) {
  NEED_TEST_DATA(data);
  EXPECT_GT(run_archive(*data / "ethereum-tests/basic.tar.xz", 1, run_basic_tests), 7700U);
}

void replay_folder(const fs::path& folder, std::size_t expected) {
  std::size_t count = 0;
  read_fixture_files({folder}, [&](FixtureFile&& file) {
    evm::CodeCache codes;
    const auto input = read_replay(file.text, file.name, codes);
    const ReplayResult result = replay(*input, codes, 1);
    for (const ReplayCheck& check : result.checks)
      EXPECT_NE(check.verdict, ReplayCheck::Verdict::kFail)
          << file.name << ": " << check.name << ": " << check.reason;
    ++count;
  });
  EXPECT_EQ(count, expected);
}

TEST(Conformance, MainnetBlocks) {
  NEED_TEST_DATA(data);
  replay_folder(*data / "mainnet", 45);
}

TEST(Conformance, WitnessBlocks) {
  NEED_TEST_DATA(data);
  replay_folder(*data / "witness", 7);
}

// A block whose pre-state was changed must not pass: the comparison itself works.
TEST(Conformance, AChangedBlockFails) {
  NEED_TEST_DATA(data);
  const fs::path path = *data / "mainnet/46147.json.gz";
  std::string text = read_packed_file(path);
  const std::size_t at = text.find("\"gasUsed\"");
  ASSERT_NE(at, std::string::npos);
  text.replace(text.find("0x5208", at), 6, "0x5209");
  evm::CodeCache codes;
  const auto input = read_replay(text, path.string(), codes);
  const ReplayResult result = replay(*input, codes, 1);
  EXPECT_FALSE(result.ok());
}

TEST(Conformance, BrokenInputIsAnErrorThatNamesThePlace) {
  evm::CodeCache codes;
  StateTestOptions options;
  options.codes = &codes;
  for (const char* text :
       {"", "{", "[]", "{\"a\":1}", "{\"a\":{\"pre\":{}}}", "{\"block\":{\"hash\":\"0x12\"}}"}) {
    const FixtureFile file{"broken.json", text};
    for (const auto& run : std::vector<std::function<void()>>{
             [&] { run_state_tests(file, options); }, [&] { run_block_tests(file, codes); },
             [&] { read_replay(file.text, file.name, codes); }}) {
      try {
        run();
        FAIL() << text;
      } catch (const Error& error) {
        EXPECT_TRUE(error.place().starts_with("broken.json")) << error.what();
      }
    }
  }
}

}  // namespace
}  // namespace pel::cli
