// SPDX-License-Identifier: Apache-2.0
// The programs as a user runs them: exit codes, the other files, bounded memory, full disks,
// Ctrl-C.
#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "base/files.hpp"
#include "cli/ledger/fixture_files.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/unit/bad_input/texts.hpp"
#include "tests/unit/cli/process.hpp"

namespace pel::test {
namespace {

namespace fs = std::filesystem;

Ended pel(std::vector<std::string> arguments, const std::string& folder = {}) {
  arguments.insert(arguments.begin(), PEL_PROGRAM);
  Start start;
  start.arguments = std::move(arguments);
  start.folder = folder;
  return run_process(start);
}

// $PEL is the program.
Ended shell(const std::string& line, const std::string& folder) {
  Start start;
  start.arguments = {"/bin/sh", "-c", line};
  start.environment = {std::string("PEL=") + PEL_PROGRAM, std::string("T8N=") + PEL_T8N};
  start.folder = folder;
  return run_process(start);
}

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != text.npos;
}

// An archive of so many copies of a text, packed by xz.
void write_archive(const fs::path& path, const std::string& text, int copies) {
  const std::unique_ptr<archive, decltype(&archive_write_free)> handle(archive_write_new(),
                                                                       archive_write_free);
  archive_write_add_filter_xz(handle.get());
  archive_write_set_format_ustar(handle.get());
  ASSERT_EQ(archive_write_open_filename(handle.get(), path.c_str()), ARCHIVE_OK);
  for (int i = 0; i < copies; ++i) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              archive_entry_free);
    archive_entry_set_pathname(entry.get(), ("case" + std::to_string(i) + ".json").c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text.size()));
    ASSERT_EQ(archive_write_header(handle.get(), entry.get()), ARCHIVE_OK);
    archive_write_data(handle.get(), text.data(), text.size());
  }
  ASSERT_EQ(archive_write_close(handle.get()), ARCHIVE_OK);
}

TEST(BadFiles, ACutOrDamagedArchiveIsNamed) {
  const ScratchFolder folder;
  write_archive(folder.path("whole.tar.xz"), state_test_text(), 20);
  const Ended whole = pel({"statetest", folder.path("whole.tar.xz")});
  EXPECT_EQ(whole.code, 0) << whole.err;
  EXPECT_TRUE(has(whole.out, "20 passed"));
  std::vector<std::uint8_t> bytes = base::read_file(folder.path("whole.tar.xz"));
  const auto run = [&](const char* name, const std::vector<std::uint8_t>& content) {
    base::write_file(folder.path(name), content);
    for (const char* command : {"statetest", "blocktest", "replay"}) {
      const Ended ended = pel({command, folder.path(name)});
      EXPECT_EQ(ended.code, 2) << command << name;
      EXPECT_TRUE(has(ended.err, folder.path(name))) << ended.err;
    }
  };
  run("empty.tar.xz", {});
  run("noise.tar.xz", std::vector<std::uint8_t>(5000, 0x5a));
  run("cut.tar.xz", {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2)});
  bytes[bytes.size() / 2] ^= 0xff;
  run("flip.tar.xz", bytes);
}

TEST(BadFiles, DoNotStopTheOthers) {
  const ScratchFolder folder;
  base::write_text(folder.path("a_cut.json.gz"), cli::gzip(pre_state_text()).substr(0, 300));
  base::write_text(folder.path("b_text.json"), "no JSON");
  std::filesystem::create_symlink("loop.json", folder.path("loop.json"));
  base::write_text(folder.path("c_good.json"), pre_state_text());
  base::write_text(folder.path("d_good.json.gz"), cli::gzip(pre_state_text()));
  for (const std::vector<std::string>& paths :
       {std::vector<std::string>{folder.path().string()},
        std::vector<std::string>{folder.path("a_cut.json.gz"), folder.path("b_text.json"),
                                 folder.path("absent.json"), folder.path("loop.json"),
                                 folder.path("c_good.json"), folder.path("d_good.json.gz")}}) {
    std::vector<std::string> arguments = {"replay", "--json"};
    arguments.insert(arguments.end(), paths.begin(), paths.end());
    const Ended ended = pel(arguments);
    EXPECT_EQ(ended.code, 2);
    EXPECT_TRUE(has(ended.err, "a_cut.json.gz: truncated gzip input (the file may be cut"))
        << ended.err;
    EXPECT_TRUE(has(ended.err, "b_text.json")) << ended.err;
    EXPECT_TRUE(has(ended.err, "loop.json")) << ended.err;
    const std::size_t first = ended.out.find("\"ok\": true");
    ASSERT_NE(first, std::string::npos) << ended.out;
    EXPECT_NE(ended.out.find("\"ok\": true", first + 1), std::string::npos) << ended.out;
  }
}

TEST(BadFiles, ExitCodesTellInvalidFromUnreadable) {
  const ScratchFolder folder;
  base::write_text(folder.path("good.json"), pre_state_text());
  std::string lie = pre_state_text();
  const std::size_t at = lie.find("\"gasUsed\": \"0x") + 14;
  lie[at] = lie[at] == '1' ? '2' : '1';
  base::write_text(folder.path("invalid.json"), lie);
  base::write_text(folder.path("short.json"), pre_state_text().substr(0, 5000));
  EXPECT_EQ(pel({"replay", folder.path("good.json")}).code, 0);
  const Ended invalid = pel({"replay", folder.path("good.json"), folder.path("invalid.json")});
  EXPECT_EQ(invalid.code, 1) << invalid.err;
  EXPECT_TRUE(has(invalid.out, "FAIL block 19500000")) << invalid.out;
  EXPECT_EQ(pel({"replay", folder.path("invalid.json"), folder.path("short.json")}).code, 2);
  EXPECT_EQ(pel({"statetest", folder.path("good.json")}).code, 2);
  EXPECT_EQ(pel({"replay"}).code, 2);
}

TEST(BadFiles, AWrongForkIsNamed) {
  const Ended run = pel({"evm", "run", "--code", "00", "--fork", "Canary"});
  EXPECT_EQ(run.code, 2);
  EXPECT_TRUE(has(run.err, "Canary")) << run.err;
  const Ended tests = pel({"statetest", "--fork", "Canary", "absent.json"});
  EXPECT_EQ(tests.code, 2);
  EXPECT_TRUE(has(tests.err, "unknown fork \"Canary\"")) << tests.err;
}

TEST(BadFiles, AnyBytecodeEnds) {
  for (const char* code :
       {"0x", "fe", "5b600056", "60", "7f", "56", "f3", "3d3d3d3d3d3d3df1",
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff51",
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff80f3"}) {
    const Ended ended = pel({"evm", "run", "--code", code, "--gas", "100000"});
    EXPECT_LE(ended.code, 1) << code << ": " << ended.err;
  }
  for (const char* code : {"0xzz", "0x123", "hello"})
    EXPECT_EQ(pel({"evm", "run", "--code", code}).code, 2) << code;
}

// 600 MB of zeros out of 600 kB: refused at the limit of a file, within bounded addresses.
TEST(BoundedMemory, ABombIsRefused) {
  if (kSanitized) GTEST_SKIP() << "sanitizers reserve terabytes of addresses";
  const ScratchFolder folder;
  const Ended packed =
      shell("head -c 600000000 /dev/zero | gzip -1 > bomb.json.gz", folder.path().string());
  ASSERT_EQ(packed.code, 0);
  base::write_text(folder.path("good.json"), pre_state_text());
  const Ended ended = shell("ulimit -v 2000000; $PEL replay --workers 1 bomb.json.gz good.json",
                            folder.path().string());
  EXPECT_EQ(ended.code, 2);
  EXPECT_TRUE(has(ended.err, "bomb.json.gz")) << ended.err;
  EXPECT_TRUE(has(ended.out, "ok   block 19500000")) << ended.out << ended.err;
}

// Where addresses are scarce, memory that was paid for and is not there is no running out of gas.
TEST(BoundedMemory, TooLittleIsAnErrorAndNoResult) {
  if (kSanitized) GTEST_SKIP() << "sanitizers reserve terabytes of addresses";
  const std::string far = "--code 6001630bebc20052 --gas 1000000000000";  // mstore at 200 MB
  const Ended scarce = shell("ulimit -v 1500000; $PEL evm run --workers 1 " + far, "/");
  EXPECT_EQ(scarce.code, 2) << scarce.out << scarce.err;
  EXPECT_TRUE(has(scarce.err, "raise the limit on virtual memory")) << scarce.err;
  const Ended ample = shell("$PEL evm run " + far, "/");
  EXPECT_EQ(ample.code, 0) << ample.out << ample.err;
  EXPECT_TRUE(has(ample.out, "gas used 76312719738")) << ample.out;
}

TEST(FullDisk, IsAnErrorWhereverTheOutputGoes) {
  const ScratchFolder folder;
  base::write_text(folder.path("good.json"), pre_state_text());
  base::write_text(folder.path("test.json"), state_test_text());
  base::write_text(folder.path("blocks.json"), block_test_text());
  for (const char* line :
       {"$PEL replay good.json", "$PEL replay --json good.json", "$PEL statetest test.json",
        "$PEL blocktest --json blocks.json", "$PEL evm run --code 00", "$PEL replay --help"}) {
    const Ended ended = shell(std::string(line) + " >/dev/full", folder.path().string());
    EXPECT_EQ(ended.code, 2) << line;
    EXPECT_TRUE(has(ended.err, "standard output")) << line << ": " << ended.err;
  }
  const Ended made =
      pel({"make-blocks", "--kind", "transfers", "--txs", "5", "--out", "/dev/full"});
  EXPECT_EQ(made.code, 2);
  EXPECT_TRUE(has(made.err, "/dev/full")) << made.err;
}

TEST(FullDisk, NothingIsLeftHalfWritten) {
  const ScratchFolder folder;
  const Ended made = shell(
      "ulimit -f 8; $PEL make-blocks --kind transfers --txs 500 "
      "--out block.json",
      folder.path().string());
  EXPECT_EQ(made.code, 2) << made.err;
  EXPECT_TRUE(has(made.err, "block.json")) << made.err;
  EXPECT_TRUE(folder.empty());
}

// Works for a minute if nobody stops it. Ctrl-C before the program is up ends it as well.
TEST(Interrupt, LeavesNothingHalfWritten) {
  const ScratchFolder folder;
  Start start;
  start.arguments = {PEL_PROGRAM, "make-blocks", "--kind", "transfers",
                     "--txs",     "1000000",     "--out",  folder.path("block.json")};
  start.signal_after_ms = 300;
  const Ended ended = run_process(start);
  EXPECT_EQ(ended.code, 130) << ended.err;
  EXPECT_TRUE(folder.empty());
}

TEST(Interrupt, IsNoUnreadableFile) {
  const ScratchFolder folder;
  base::write_text(folder.path("good.json"), pre_state_text());
  Start start;
  start.arguments = {PEL_PROGRAM, "replay",  "--json",
                     "--repeat",  "1000000", folder.path("good.json")};
  start.signal_after_ms = 300;
  const Ended ended = run_process(start);
  EXPECT_EQ(ended.code, 130) << ended.err;
  EXPECT_FALSE(has(ended.out, "unreadable")) << ended.out;
}

// The benchmarks are programs of their own, which need not be there.
TEST(Bench, HasHelpWithoutItsProgram) {
  const ScratchFolder folder;
  const std::string pel = folder.path("pel");
  std::filesystem::copy_file(PEL_PROGRAM, pel);
  const Ended help = run_process({.arguments = {pel, "bench", "--help"}});
  EXPECT_EQ(help.code, 0) << help.err;
  EXPECT_TRUE(has(help.out, "usage: pel bench")) << help.out;
  const Ended bench = run_process({.arguments = {pel, "bench"}});
  EXPECT_EQ(bench.code, 2);
  EXPECT_TRUE(has(bench.err, "pel bench: pel-bench: is not beside pel (")) << bench.err;
}

}  // namespace
}  // namespace pel::test
