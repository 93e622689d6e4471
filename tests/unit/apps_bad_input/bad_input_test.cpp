// SPDX-License-Identifier: Apache-2.0
// What the built program says to bad input of each workload: one line that names the place, exit
// code 2, and no file.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/unit/cli/process.hpp"

namespace pel::test {
namespace {

class BadInput : public testing::Test {
 protected:
  // Writes a file of that content and returns its path.
  std::string file(const std::string& name, const std::string& content) {
    base::write_text(scratch_.path(name), content);
    return scratch_.path(name);
  }

  // `pel run` of these must be refused with a line that has `expected` in it.
  void refused(std::vector<std::string> arguments, const std::string& expected) {
    arguments.insert(arguments.begin(), {PEL_PROGRAM, "run"});
    for (const char* option : {"--out", "--trace", "--metrics"}) {
      arguments.insert(arguments.end(), {option, scratch_.path(std::string("out") + option)});
    }
    expect_refusal(run_process({.arguments = arguments}), expected);
  }
  void expect_refusal(const Ended& ended, const std::string& expected) {
    EXPECT_EQ(ended.code, 2) << expected;
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    EXPECT_TRUE(ended.err.starts_with("pel run: ")) << ended.err;
    EXPECT_NE(ended.err.find(expected), std::string::npos) << ended.err;
    for (const auto& entry : std::filesystem::directory_iterator(scratch_.path())) {
      EXPECT_FALSE(entry.path().filename().string().starts_with("out")) << entry.path();
    }
  }

  const std::string random_ = std::string("\x8f\x02\xff\n\0\x7f\x45", 7) + std::string(300, '\xd3');
  ScratchFolder scratch_;
};

const std::vector<std::string> kWorkloads = {"analytics", "exchange", "genome", "render", "risk"};

TEST_F(BadInput, SizesAndFilesThatAreNone) {
  for (const std::string& workload : kWorkloads) {
    for (const char* size : {"0", "-1", "99999999999", "18446744073709551616", "ten"}) {
      refused({workload, "--size", size}, "--size: '" + std::string(size) + "' is not");
    }
    for (const char* workers : {"-1", "1000000000"}) {
      refused({workload, "--workers", workers}, "--workers: '" + std::string(workers) + "' is not");
    }
    refused({workload, "no-such-file"}, "no-such-file: no such file");
    refused({workload, scratch_.path("")}, "is a folder");
    refused({workload, file("empty", "")}, "empty");
    refused({workload, file("random", random_)}, "random:");
    refused({workload, PEL_PROGRAM}, PEL_PROGRAM ":1: ");
  }
}

TEST_F(BadInput, ATableWithABadLine) {
  refused({"analytics", file("a.csv", "a,b\n1,2\n3\n")}, "a.csv:3: 1 fields where");
  refused({"analytics", file("a.csv", "a,b\n1,\"2\n")}, "a.csv:");
  refused({"exchange", file("o.csv", "a,b\n1,2\n")}, "o.csv:1: the first line is not");
  const std::string orders = "account,symbol,action,quantity,price,order\n";
  refused({"exchange", file("o.csv", orders + "1,2,buy\n")}, "o.csv:2: ");
}

TEST_F(BadInput, AGenomeWithABadLine) {
  const std::string reference = file("r.fa", ">c\nACGTACGTACGT\n");
  const std::string reads = file("r.fq", "@r\nACGT\n+\nIIII\n");
  refused({"genome", file("b.fa", ">c\nACGT\nAC9T\n"), reads}, "b.fa:3: '9' where");
  refused({"genome", reference}, "no reads given");
  refused({"genome", reference, file("b.fq", "@r\nACGT\n+\nIII\n")}, "b.fq:4: 3 qualities");
  refused({"genome", reference, file("b.fq", "@r\nACGT\n+\nIIII\n@s\nAC")},
          "b.fq:6: the file is cut");
  refused({"genome", reference, file("b.fq", "@r\nACGT\n+\nIIII\nrr\n")}, "b.fq:5: not FASTQ");
  refused({"genome", file("c.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c", 12))},
          "c.gz: the gzip data is cut");
}

TEST_F(BadInput, ASceneWithABadLine) {
  const std::string corners = "v 0 0 0\nv 1 0 0\nv 0 1 0\n";
  refused({"render", file("s.obj", corners + "f 1 2 9\n")}, "s.obj:4: vertex 9 is not there");
  refused({"render", file("s.obj", corners + "v 0 x 0\n")}, "s.obj:4: expected a number");
  refused({"render", file("s.obj", corners)}, "s.obj: no face");
  refused({"render", file("s.obj", "mtllib none.mtl\n" + corners + "f 1 2 3\n")},
          "s.obj:1: material library 'none.mtl': cannot open");
}

TEST_F(BadInput, PricesWithABadLine) {
  const std::string header = "date,A\n";
  refused({"risk", file("p.csv", header + "2020-01-01,1\n2020-01-02,x\n")}, "p.csv:3: expected a");
  refused({"risk", file("p.csv", header + "2020-01-01,1\n2020-01-01,2\n")}, "p.csv:3: date");
  refused({"risk", file("p.csv", header + "2020-01-01,1\n2020-")}, "p.csv:3: expected 2 fields");
  refused({"risk", file("p.csv", header + "2020-01-01,1\n")}, "p.csv: 1 complete days");
}

TEST_F(BadInput, OutputsThatCannotBe) {
  for (const std::string& workload : kWorkloads) {
    for (const char* option : {"--out", "--trace", "--metrics"}) {
      expect_refusal(
          run_process({.arguments = {PEL_PROGRAM, "run", workload, option, "/no/such/folder/x"}}),
          "/no/such/folder/x");
    }
  }
  const Ended full = run_process({.arguments = {PEL_PROGRAM, "run", "risk", "--size", "100",
                                                "--skip-serial", "--out", "/dev/full"}});
  expect_refusal(full, "/dev/full: ");
}

// A size that is allowed, where memory is not enough for it.
TEST_F(BadInput, MoreThanMemoryHolds) {
  if (kSanitized) GTEST_SKIP() << "sanitizers need the address space";
  const std::string limited = "ulimit -v 1500000; exec '" PEL_PROGRAM "' run risk --size 200000000";
  expect_refusal(
      run_process({.arguments = {"/bin/sh", "-c", limited + " --out " + scratch_.path("out")}}),
      "memory: the computation needs more than this machine gives");
}

}  // namespace
}  // namespace pel::test
