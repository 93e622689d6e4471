// SPDX-License-Identifier: Apache-2.0
#include "runtime/resources/system_files.hpp"

#include <gtest/gtest.h>

#include "tests/unit/resources/fake_root.hpp"

namespace {

using namespace pel::resources;

TEST(SystemFiles, ReadsTrimmedAndMissing) {
  pel::test::FakeRoot root;
  root.put("/proc/x", "  two lines\nof text  \n\n");
  const SystemFiles files(root.path() + "/");
  EXPECT_EQ(files.read("/proc/x"), "  two lines\nof text");
  EXPECT_EQ(files.read("/proc/y"), std::nullopt);
  EXPECT_EQ(files.read("/proc"), std::nullopt) << "a folder is not a file";
  EXPECT_EQ(files.list("/proc"), std::vector<std::string>{"x"});
  EXPECT_TRUE(files.list("/nowhere").empty());
}

TEST(SystemFiles, ReadsAtMostAMebibyte) {
  pel::test::FakeRoot root;
  root.put("/big", std::string(5 << 20, 'x'));
  EXPECT_LE(SystemFiles(root.path()).read("/big")->size(), (1u << 20) + 4096);
}

TEST(ParseList, AcceptsWhatTheKernelPrints) {
  EXPECT_EQ(parse_list("0-3,8,10-11"), (std::vector<int>{0, 1, 2, 3, 8, 10, 11}));
  EXPECT_EQ(parse_list("5"), std::vector<int>{5});
  EXPECT_EQ(parse_list(" 1,0,0-1 \n"), (std::vector<int>{0, 1}));
  EXPECT_EQ(parse_list(""), std::vector<int>{});
}

TEST(ParseList, RefusesTheRest) {
  for (const char* text : {"a", "1-", "-1", "3-1", "1,,2", "1-2-3", "0-99999999999999999999",
                           "0-70000", "1 2", "0x3"}) {
    EXPECT_EQ(parse_list(text), std::nullopt) << text;
  }
}

TEST(ParseNumbers, AreWholeAndUnsigned) {
  EXPECT_EQ(parse_number("42"), 42u);
  EXPECT_EQ(parse_number("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "-1", "+1", "1 ", "18446744073709551616", "1e3", "max"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_real("12.50"), 12.5);
  for (const char* text : {"", "-1", "nan", "inf", "1e400", "1.5x"}) {
    EXPECT_EQ(parse_real(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_size("32768K"), 32u << 20);
  EXPECT_EQ(parse_size("7"), 7u);
  for (const char* text : {"", "K", "12Q", "99999999999999999999G", "18446744073709551615K"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Field, FindsTheLineOfItsKey) {
  const std::string text = "MemTotalX:  1 kB\nMemTotal:   24 kB\nmodel name\t: A B";
  EXPECT_EQ(field(text, "MemTotal"), "24 kB");
  EXPECT_EQ(field(text, "model name"), "A B");
  EXPECT_EQ(field(text, "Mem"), std::nullopt);
}

}  // namespace
