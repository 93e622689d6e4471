// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/options.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "pel/error.hpp"

namespace {

using pel::ProgramInfo;
using pel::runtime::help_text;
using pel::runtime::Options;
using pel::runtime::parse_options;

ProgramInfo info() {
  ProgramInfo program;
  program.name = "demo";
  program.arguments = "[FILE...]";
  program.options = {{"--size", "N", "how much"}, {"--fast", "", "skip the slow part"}};
  return program;
}

Options parse(std::vector<std::string> words, const ProgramInfo& program = info()) {
  words.insert(words.begin(), "demo");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return parse_options(static_cast<int>(pointers.size()), pointers.data(), program);
}

std::string refusal(const std::vector<std::string>& words, const ProgramInfo& program = info()) {
  try {
    parse(words, program);
  } catch (const pel::Error& error) {
    return error.what();
  }
  return "accepted";
}

class OptionsTest : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("PEL_WORKERS");
    unsetenv("PEL_VERIFY");
  }
  void TearDown() override { SetUp(); }
};

TEST_F(OptionsTest, Defaults) {
  const Options options = parse({});
  EXPECT_EQ(options.workers, -1);
  EXPECT_EQ(options.seed, 1u);
  EXPECT_FALSE(options.verify);
  EXPECT_FALSE(options.json);
  EXPECT_TRUE(options.out.empty());
  EXPECT_TRUE(options.arguments.empty());
}

TEST_F(OptionsTest, EveryCommonOption) {
  const Options options =
      parse({"a.obj", "--workers", "4", "--verify", "--seed=18446744073709551615", "--out", "o",
             "--trace", "t", "--metrics", "m", "--json", "--deadline", "1.5", "b.obj"});
  EXPECT_EQ(options.workers, 4);
  EXPECT_TRUE(options.verify);
  EXPECT_EQ(options.seed, UINT64_MAX);
  EXPECT_EQ(options.out, "o");
  EXPECT_EQ(options.trace, "t");
  EXPECT_EQ(options.metrics, "m");
  EXPECT_TRUE(options.json);
  EXPECT_EQ(options.deadline_s, 1.5);
  EXPECT_EQ(options.arguments, (std::vector<std::string>{"a.obj", "b.obj"}));
  EXPECT_EQ(parse({"--serial"}).workers, 0);
}

TEST_F(OptionsTest, OwnOptionsKeepTheirText) {
  const Options options = parse({"--size", "12", "--fast"});
  EXPECT_EQ(options.own.at("--size"), "12");
  EXPECT_TRUE(options.own.contains("--fast"));
  EXPECT_FALSE(parse({}).own.contains("--fast"));
}

TEST_F(OptionsTest, RefusalsNameTheOption) {
  EXPECT_EQ(refusal({"--workers", "-1"}), "--workers: '-1' is not a whole number from 0 to 1024");
  EXPECT_EQ(refusal({"--wokers", "1"}), "--wokers: unknown option (did you mean --workers?)");
  EXPECT_EQ(refusal({"--out"}), "--out: takes exactly one value (see --help)");
  EXPECT_EQ(refusal({"--out", ""}), "--out: the file name is empty");
  EXPECT_EQ(refusal({"--deadline", "nan"}), "--deadline: 'nan' is not a number of seconds above 0");
  EXPECT_EQ(refusal({"--json=yes"}), "--json: takes no value (see --help)");
}

TEST_F(OptionsTest, HiddenOptionsAreUnknown) {
  ProgramInfo program = info();
  program.hidden = {"--trace"};
  EXPECT_EQ(refusal({"--trace", "t"}, program), "--trace: unknown option (see --help)");
  EXPECT_EQ(help_text(program).find("--trace"), std::string::npos);
  program.hidden = {"--verify", "--workers"};
  setenv("PEL_VERIFY", "1", 1);
  setenv("PEL_WORKERS", "x", 1);
  EXPECT_FALSE(parse({}, program).verify);
}

TEST_F(OptionsTest, ArgumentsOnlyWhereThereAreSome) {
  ProgramInfo program = info();
  program.arguments.clear();
  EXPECT_EQ(refusal({"x"}, program), "x: unexpected argument (see --help)");
}

TEST_F(OptionsTest, EnvironmentStandsInForOptions) {
  setenv("PEL_WORKERS", "3", 1);
  setenv("PEL_VERIFY", "1", 1);
  EXPECT_EQ(parse({}).workers, 3);
  EXPECT_TRUE(parse({}).verify);
  EXPECT_EQ(parse({"--workers", "5"}).workers, 5);
  setenv("PEL_VERIFY", "0", 1);
  EXPECT_FALSE(parse({}).verify);
  setenv("PEL_WORKERS", "3 ", 1);
  EXPECT_EQ(refusal({}), "PEL_WORKERS: '3 ' is not a whole number from 0 to 1024");
}

TEST_F(OptionsTest, HelpWinsOverBadValues) {
  EXPECT_TRUE(parse({"--help", "--workers", "-1"}).help);
  EXPECT_TRUE(parse({"-h"}).help);
}

TEST_F(OptionsTest, HelpNamesEverything) {
  ProgramInfo program = info();
  program.summary = "shows options";
  program.default_out = "demo.txt";
  program.examples = {"demo --fast"};
  const std::string text = help_text(program);
  for (const char* part :
       {"demo: shows options", "usage: demo [FILE...] [options]", "--size N", "how much",
        "--workers N", "(default demo.txt)", "exit codes:", "  demo --fast"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

TEST(Row, IsJson) {
  pel::Row row;
  row.text("a\"b", "x\n\\\x01\xFFé").boolean("t", true).null("n").integer("i", -5);
  row.integer("u", UINT64_MAX).number("d", 0.1).number("inf", 1.0 / 0.0).raw("r", "[1]");
  EXPECT_EQ(row.json(),
            "{\"a\\\"b\": \"x\\n\\\\\\u0001\xEF\xBF\xBDé\", \"t\": true, \"n\": null, \"i\": -5, "
            "\"u\": 18446744073709551615, \"d\": 0.1, \"inf\": null, \"r\": [1]}");
}

}  // namespace
