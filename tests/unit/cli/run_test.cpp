// SPDX-License-Identifier: Apache-2.0
// `pel list`, `run`, `version` as a user meets them.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/sha256.hpp"
#include "tests/unit/cli/process.hpp"

namespace {

using pel::test::Ended;
using pel::test::line_count;
using pel::test::run_process;
using pel::test::ScratchFolder;

Ended pel_command(std::vector<std::string> arguments, std::string folder = {}) {
  arguments.insert(arguments.begin(), PEL_PROGRAM);
  return run_process({.arguments = arguments, .environment = {}, .folder = std::move(folder)});
}

// What every bad input must give: one line on stderr that says this, exit code 2, nothing on
// stdout, no file.
void expect_refused(const std::vector<std::string>& arguments, const std::string& said) {
  const ScratchFolder scratch;
  const Ended ended = pel_command(arguments, scratch.path());
  EXPECT_EQ(ended.code, 2) << ended.err;
  EXPECT_EQ(line_count(ended.err), 1) << ended.err;
  EXPECT_NE(ended.err.find(said), std::string::npos) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_TRUE(scratch.empty());
}

nlohmann::json only_row(const Ended& ended) {
  EXPECT_EQ(line_count(ended.out), 1) << ended.out;
  return nlohmann::json::parse(ended.out);
}

TEST(Command, HelpListsWhatExists) {
  const Ended help = pel_command({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* name : {"  run ", "  list ", "  tour ", "  version "}) {
    EXPECT_NE(help.out.find(name), std::string::npos) << name;
  }
  EXPECT_EQ(help.out.find("  node "), std::string::npos);
  EXPECT_EQ(pel_command({"help", "run"}).out, pel_command({"run", "--help"}).out);
}

TEST(Command, WithoutACommandIsBadUsage) {
  const Ended ended = pel_command({});
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.out, "");
}

TEST(Command, UnknownOnesAreRefused) {
  expect_refused({"versoin"}, "unknown command (did you mean 'version'?)");
  expect_refused({"node"}, "node: unknown command");
  expect_refused({"help", "node"}, "node: unknown command");
}

TEST(Command, EveryOneHasHelp) {
  for (const char* name : {"run", "list", "tour", "doctor", "version"}) {
    const Ended help = pel_command({name, "--help"});
    EXPECT_EQ(help.code, 0);
    for (const char* part : {"usage: pel ", "options", "exit codes:", "130"}) {
      EXPECT_NE(help.out.find(part), std::string::npos) << name << " lacks " << part;
    }
    EXPECT_EQ(help.err, "");
  }
}

TEST(Version, SaysVersionAndLevel) {
  const auto row = only_row(pel_command({"version", "--json"}));
  EXPECT_EQ(row["level"], "build");
  EXPECT_FALSE(row["version"].get<std::string>().empty());
  EXPECT_EQ(pel_command({"--version"}).out, pel_command({"version"}).out);
}

TEST(Doctor, SpeaksBothLanguages) {
  EXPECT_FALSE(only_row(pel_command({"doctor", "--json"})).empty());
  const Ended words = pel_command({"doctor"});
  EXPECT_EQ(words.code, 0);
  EXPECT_GT(line_count(words.out), 3);
}

TEST(List, NamesTheWorkloads) {
  const auto row = only_row(pel_command({"list", "--json"}));
  EXPECT_EQ(row["name"], "tiny");
  EXPECT_EQ(row["full_size"], 100);
  EXPECT_NE(pel_command({"list"}).out.find("adds numbers"), std::string::npos);
  expect_refused({"list", "--workers", "2"}, "--workers: unknown option");
  expect_refused({"list", "tiny"}, "tiny: unexpected argument");
}

TEST(RunRow, HasWhatIsPromised) {
  const auto row =
      only_row(pel_command({"run", "tiny", "--json", "--size", "50", "--workers", "3"}));
  EXPECT_EQ(row["name"], "tiny");
  EXPECT_EQ(row["size"], 50);
  EXPECT_EQ(row["seed"], 1);
  EXPECT_EQ(row["workers"], 3);
  EXPECT_EQ(row["level"], "build");
  EXPECT_GE(row["seconds"].get<double>(), 0);
  EXPECT_GE(row["serial_seconds"].get<double>(), 0);
  EXPECT_EQ(row["equal"], true);
  const std::string expected = "1226\n";  // 1 + 0 + 1 + ... + 49
  EXPECT_EQ(row["digest"],
            pel::base::sha256_hex({reinterpret_cast<const std::uint8_t*>(expected.data()), 5}));
}

TEST(RunRow, WordsGoToStderr) {
  const Ended ended = pel_command({"run", "tiny", "--json", "--repeat", "3"});
  EXPECT_EQ(line_count(ended.out), 3);
  EXPECT_NE(ended.err.find("100 numbers"), std::string::npos);
}

TEST(RunRow, DigestMovesWithSeedAndSizeAlone) {
  const auto digest = [](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"run", "tiny", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return only_row(pel_command(arguments))["digest"].get<std::string>();
  };
  const std::string base = digest({});
  EXPECT_EQ(digest({"--workers", "0"}), base);
  EXPECT_EQ(digest({"--serial"}), base);
  EXPECT_EQ(digest({"--workers", "8"}), base);
  EXPECT_EQ(digest({"--skip-serial"}), base);
  EXPECT_NE(digest({"--seed", "2"}), base);
  EXPECT_NE(digest({"--size", "99"}), base);
  EXPECT_NE(digest({"--tour"}), base);
}

TEST(RunRow, SkippedSerialRunIsNull) {
  const auto row = only_row(pel_command({"run", "tiny", "--json", "--skip-serial"}));
  EXPECT_TRUE(row["serial_seconds"].is_null());
  EXPECT_TRUE(row["equal"].is_null());
}

TEST(RunOut, WritesWhatTheDigestNames) {
  const ScratchFolder scratch;
  const std::string file = scratch.path("sum.txt");
  const auto row = only_row(pel_command({"run", "tiny", "--json", "--out", file}));
  EXPECT_EQ(pel::base::sha256_hex(pel::base::read_file(file)), row["digest"].get<std::string>());
  // Over an existing file, and into a pipe or a device.
  EXPECT_EQ(pel_command({"run", "tiny", "--tour", "--out", file}).code, 0);
  EXPECT_EQ(pel::base::read_text(file), "46\n");
  EXPECT_EQ(pel_command({"run", "tiny", "--out", "/dev/null"}).code, 0);
}

TEST(RunBad, Workload) {
  expect_refused({"run"}, "WORKLOAD: missing");
  expect_refused({"run", "tinny"}, "tinny: unknown workload (did you mean 'tiny'?)");
  expect_refused({"run", "somethingelse"}, "somethingelse: unknown workload (see pel list)");
}

TEST(RunBad, Size) {
  for (const char* size : {"0", "-1", "1000001", "18446744073709551616", "ten", "1.5", ""}) {
    expect_refused({"run", "tiny", "--size", size}, "--size: '" + std::string(size) + "' is not");
  }
}

TEST(RunBad, Workers) {
  for (const char* count : {"-1", "1000000000", "two", "1e1", ""}) {
    expect_refused({"run", "tiny", "--workers", count}, "--workers: '" + std::string(count) + "'");
  }
  expect_refused({"run", "tiny", "--workers"}, "--workers: takes exactly one value");
  expect_refused({"run", "tiny", "--workers", "2", "--serial"}, "--serial: cannot be combined");
}

TEST(RunBad, OtherOptions) {
  expect_refused({"run", "tiny", "--seed", "x"}, "--seed: 'x' is not a whole number");
  expect_refused({"run", "tiny", "--seed", "1", "--seed", "2"}, "--seed: takes exactly one value");
  expect_refused({"run", "tiny", "--repeat", "0"}, "--repeat: '0' is not");
  expect_refused({"run", "tiny", "--deadline", "0"}, "--deadline: '0' is not");
  expect_refused({"run", "tiny", "--sise", "4"}, "--sise: unknown option (did you mean --size?)");
  expect_refused({"run", "tiny", "--resume"}, "--resume: unknown option");
  expect_refused({"run", "tiny", "-x"}, "-x: unknown option");
}

TEST(RunBad, Files) {
  const ScratchFolder scratch;
  expect_refused({"run", "tiny", "no-such-file"}, "no-such-file: no such file");
  expect_refused({"run", "tiny", scratch.path()}, "is a folder");
  const std::string file = scratch.path("bad.txt");
  pel::base::write_text(file, "caf\xC3\xA9");
  expect_refused({"run", "tiny", file}, "bad.txt:1: not ASCII");
}

TEST(RunBad, OutputsAreCheckedBeforeTheWork) {
  const ScratchFolder scratch;
  const std::vector<std::string> bad = {"/no/such/folder/x", scratch.path(), "/proc/x", ""};
  for (const std::string& path : bad) {
    for (const char* option : {"--out", "--trace", "--metrics"}) {
      // A run of 10,000 seconds: if it began, ctest would end it.
      expect_refused({"run", "tiny", "--size", "1000000", option, path}, option);
    }
  }
  const std::string both = scratch.path("both");
  expect_refused({"run", "tiny", "--out", both, "--trace", both}, "--out names it too");
}

TEST(RunBad, InputIsNotOverwritten) {
  const ScratchFolder scratch;
  const std::string file = scratch.path("input.txt");
  pel::base::write_text(file, "abc");
  expect_refused({"run", "tiny", file, "--out", file}, "is an input");
  EXPECT_EQ(pel::base::read_text(file), "abc");
}

TEST(RunBad, FullDisk) {
  const Ended ended = pel_command({"run", "tiny", "--json", "--out", "/dev/full"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_NE(ended.err.find("/dev/full"), std::string::npos);
  EXPECT_NE(ended.err.find("No space left"), std::string::npos);
}

// Linux lends more memory than there is, and kills who uses it.
TEST(RunBad, TooLittleMemory) {
  const ScratchFolder scratch;
  for (const char* workers : {"0", "2"}) {
    const Ended ended = pel_command(
        {"run", "tiny", "--size", "77", "--workers", workers, "--out", scratch.path("x")});
    EXPECT_EQ(ended.code, 2);
    EXPECT_EQ(ended.err, "pel run: memory: the computation needs more than this machine gives\n");
    EXPECT_TRUE(scratch.empty());
  }
}

TEST(RunBad, Environment) {
  const auto with = [](const std::string& variable) {
    return run_process({.arguments = {PEL_PROGRAM, "run", "tiny"}, .environment = {variable}});
  };
  for (const char* variable :
       {"PEL_WORKERS=-1", "PEL_WORKERS=many", "PEL_VERIFY=yes", "PEL_CPU=v9"}) {
    const Ended ended = with(variable);
    EXPECT_EQ(ended.code, 2) << variable;
    EXPECT_EQ(line_count(ended.err), 1) << ended.err;
  }
  EXPECT_EQ(with("PEL_WORKERS=3").code, 0);
  EXPECT_NE(with("PEL_VERIFY=1").out.find("the same bits"), std::string::npos);
}

// These are runs of 10,000 seconds: whoever does not stop is ended by ctest.
TEST(RunStop, CtrlCLeavesNothing) {
  const ScratchFolder scratch;
  const Ended ended = run_process(
      {.arguments = {PEL_PROGRAM, "run", "tiny", "--size", "1000000", "--out", scratch.path("x")},
       .environment = {},
       .folder = {},
       .signal_after_ms = 300,
       .before_signal = [&] { EXPECT_TRUE(scratch.empty()); }});
  EXPECT_EQ(ended.code, 130);
  EXPECT_EQ(ended.err, "pel run: stopped; nothing was written\n");
  EXPECT_TRUE(scratch.empty());
}

TEST(RunStop, CtrlCDuringVerify) {
  const Ended ended =
      run_process({.arguments = {PEL_PROGRAM, "run", "tiny", "--size", "1000000", "--verify"},
                   .environment = {},
                   .folder = {},
                   .signal_after_ms = 300});
  EXPECT_EQ(ended.code, 130);
  EXPECT_EQ(line_count(ended.err), 1) << ended.err;
}

TEST(RunStop, Deadline) {
  const ScratchFolder scratch;
  const Ended ended = pel_command(
      {"run", "tiny", "--size", "1000000", "--deadline", "0.2", "--out", scratch.path("x")});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err, "pel run: deadline passed; nothing was written\n");
  EXPECT_TRUE(scratch.empty());
}

TEST(RunStop, DeadlineDuringVerify) {
  const Ended ended =
      pel_command({"run", "tiny", "--size", "1000000", "--verify", "--deadline", "0.3"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.err, "pel run: deadline passed; nothing was written\n");
}

TEST(RunVerify, SameBits) {
  const auto row = only_row(pel_command({"run", "tiny", "--verify", "--json"}));
  EXPECT_EQ(row["verified"], true);
  EXPECT_EQ(row["equal"], true);
}

}  // namespace
