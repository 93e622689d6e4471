// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/csv.hpp"

#include <gtest/gtest.h>

#include "apps/plain_loops.hpp"
#include "pel/error.hpp"
#include "pel/executor.hpp"

namespace pel::apps::analytics {
namespace {

Table parse(std::string_view text) { return parse_csv<PlainLoops>(text, "t.csv"); }

std::string error_of(std::string_view text) {
  try {
    parse(text);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}
std::string word(const Table& table, std::size_t column, std::size_t row) {
  const Column& c = table.columns[column];
  return c.words[static_cast<std::size_t>(c.values[row])];
}

TEST(Csv, TypesAndValues) {
  const Table t = parse("name,count,price\nann,3,1.5\nbob,-4,20\n\"a,\"\"b\"\"\",,0.25\n");
  ASSERT_EQ(t.rows, 3u);
  ASSERT_EQ(t.columns.size(), 3u);
  EXPECT_EQ(t.columns[0].type, ColumnType::kText);
  EXPECT_EQ(t.columns[1].type, ColumnType::kNumber);
  EXPECT_EQ(t.columns[1].places, 0);
  EXPECT_EQ(t.columns[2].places, 2);
  EXPECT_EQ(t.columns[1].values, (Array<std::int64_t>{3, -4, kMissing}));
  EXPECT_EQ(t.columns[2].values, (Array<std::int64_t>{150, 2000, 25}));
  EXPECT_EQ(word(t, 0, 2), "a,\"b\"");
}

TEST(Csv, LineEndsMarksAndQuotedBreaks) {
  const Table t = parse("\xEF\xBB\xBFk,v\r\n\"x\r\ny\",1\r\nz,2");
  ASSERT_EQ(t.rows, 2u);
  EXPECT_EQ(t.columns[0].name, "k");
  EXPECT_EQ(word(t, 0, 0), "x\r\ny");
  EXPECT_EQ(t.columns[1].values[1], 2);
  EXPECT_EQ(parse("k\n\"a\"\r\n").rows, 1u);
}

TEST(Csv, NamesTheBadLine) {
  EXPECT_EQ(error_of(""), "t.csv:1: the file is empty");
  EXPECT_EQ(error_of("a,b\n"), "t.csv:1: no rows after the header");
  EXPECT_EQ(error_of("a,\n1,2\n"), "t.csv:1: a column without a name in the header");
  EXPECT_EQ(error_of("a,a\n1,2\n"), "t.csv:1: two columns are called 'a'");
  EXPECT_EQ(error_of("a,b\n1,2\n3\n4,5\n"), "t.csv:3: 1 fields where the header has 2");
  EXPECT_EQ(error_of("a,b\n1,2\n3,4,5\n6,7\n"), "t.csv:3: 3 fields where the header has 2");
  EXPECT_EQ(error_of("a,b\n1,2\n3"), "t.csv:3: 1 fields where the header has 2 (is the file cut?)");
  EXPECT_EQ(error_of("a,b\n1,\"2\n3,4\n"),
            "t.csv:2: a quoted field that never ends (is the file cut?)");
  EXPECT_EQ(error_of("a,b\n1,x\"y\n"), "t.csv:2: a quote inside an unquoted field");
  EXPECT_EQ(error_of("a,b\n1,\"y\"z\n"), "t.csv:2: text behind a closing quote");
  EXPECT_EQ(error_of(std::string_view("a\nx\0y\n", 6)), "t.csv:2: a NUL byte");
  EXPECT_EQ(error_of(std::string_view("a\n\"x\0y\"\n", 8)), "t.csv:2: a NUL byte");
}

TEST(Csv, TypesHoldToTheEnd) {
  std::string text = "k,v\n";
  for (int i = 0; i < 1500; ++i) text += "a,1\n";
  EXPECT_EQ(error_of(text + "a,oops\n"), "t.csv:1502: column v holds numbers, here is 'oops'");
  EXPECT_EQ(error_of(text + "a,1234567890123456789\n"),
            "t.csv:1502: '1234567890123456789' in column v has more than 18 digits or 9 decimals");
  EXPECT_EQ(error_of(text + "a,0.1234567891\n"),
            "t.csv:1502: '0.1234567891' in column v has more than 18 digits or 9 decimals");
  EXPECT_NE(error_of(text + "a,123456789012345678\na,0.5\n").find("more than 18 digits once all"),
            std::string::npos);
  EXPECT_EQ(error_of(text + "a,-999999999999999999\n"), "");
}

// Text that spans several blocks, with quotes and line feeds wherever a block may end.
TEST(Csv, BlocksDoNotShow) {
  std::string text = "id,note,value\n";
  std::vector<std::string> notes;
  for (int i = 0; i < 60'000; ++i) {
    std::string note(1, 'n');
    note += std::to_string(i % 97);
    if (i % 5 == 0) note += "\n\"quoted\", line";
    if (i % 7 == 0) note += std::string(static_cast<std::size_t>(i % 50), '\n');
    notes.push_back(note);
    text += std::to_string(i);
    text += ",\"";
    for (const char c : note) text.append(c == '"' ? 2 : 1, c);
    text += "\",";
    text += std::to_string(i * 3);
    text += '\n';
  }
  ASSERT_GT(text.size(), 4 * detail::kCsvBlock);
  const Table plain = parse(text);
  ASSERT_EQ(plain.rows, notes.size());
  for (std::size_t i = 0; i < notes.size(); ++i) {
    ASSERT_EQ(plain.columns[0].values[i], static_cast<std::int64_t>(i));
    ASSERT_EQ(word(plain, 1, i), notes[i]);
    ASSERT_EQ(plain.columns[2].values[i], static_cast<std::int64_t>(3 * i));
  }
  Executor executor({.workers = 3});
  const Table other = executor.run([&] { return parse_csv<PelLoops>(text, "t.csv"); });
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(other.columns[c].values, plain.columns[c].values);
    EXPECT_EQ(other.columns[c].words, plain.columns[c].words);
  }
  // Every border moves through the quotes as a first row grows.
  const std::size_t header = text.find('\n') + 1;
  for (std::size_t more = 1; more <= 60; ++more) {
    std::string row("7,");
    row.append(more, 'x');
    row += ",7\n";
    const Table moved = parse(text.substr(0, header) + row + text.substr(header));
    ASSERT_EQ(moved.rows, plain.rows + 1) << more;
    ASSERT_TRUE(std::equal(plain.columns[1].words.begin(), plain.columns[1].words.end(),
                           moved.columns[1].words.begin() + 1, moved.columns[1].words.end()));
    ASSERT_TRUE(std::equal(plain.columns[2].values.begin(), plain.columns[2].values.end(),
                           moved.columns[2].values.begin() + 1, moved.columns[2].values.end()));
  }
  // The line of an error far behind counts the quoted line feeds.
  const auto lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_EQ(error_of(text + "1,2\n"),
            "t.csv:" + std::to_string(lines + 1) + ": 2 fields where the header has 3");
}

}  // namespace
}  // namespace pel::apps::analytics
