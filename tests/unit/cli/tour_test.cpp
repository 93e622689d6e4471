// SPDX-License-Identifier: Apache-2.0
// `pel tour` on the tests' own workload and digests.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "cli/digests.hpp"
#include "cli/tour.hpp"
#include "cli/tour_table.hpp"
#include "pel/error.hpp"
#include "tests/unit/cli/process.hpp"

namespace {

using pel::cli::parse_digests;
using pel::test::Ended;
using pel::test::run_process;
using pel::test::ScratchFolder;

Ended pel_command(std::vector<std::string> arguments, const std::string& folder = {}) {
  arguments.insert(arguments.begin(), PEL_PROGRAM);
  return run_process({.arguments = arguments, .environment = {}, .folder = folder});
}

TEST(Tour, PassesAndWritesOnePage) {
  const ScratchFolder scratch;
  const Ended ended = pel_command({"tour"}, scratch.path());
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_NE(ended.out.find("wrote pel-tour.html"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("pel run tiny FILE"), std::string::npos);
  const std::string page = pel::base::read_text(scratch.path("pel-tour.html"));
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  EXPECT_NE(page.find("adds numbers, for the tests"), std::string::npos);
  // Self-contained: nothing is loaded from anywhere.
  for (const char* from : {"http://", "https://", "src=\"/", "<link", "<script", "@import"}) {
    EXPECT_EQ(page.find(from), std::string::npos) << from;
  }
}

TEST(Tour, RowsSayHowEqualEverythingWas) {
  const Ended ended = pel_command({"tour", "--json", "--out", "/dev/null"});
  std::istringstream lines(ended.out);
  std::string line;
  std::vector<nlohmann::json> rows;
  while (std::getline(lines, line)) rows.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["name"], "tiny");
  EXPECT_EQ(rows[1]["name"], "float-sum");
  for (const auto& row : rows) {
    EXPECT_EQ(row["equal"], true);
    EXPECT_EQ(row["check_passed"], true);
    EXPECT_EQ(row["equals_published"], true);
  }
}

TEST(Tour, FailsWhenADigestIsNotThePublishedOne) {
  const ScratchFolder scratch;
  const Ended ended = run_process({.arguments = {PEL_PROGRAM_UNPUBLISHED, "tour"},
                                   .environment = {},
                                   .folder = scratch.path()});
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.err.find("tiny: the digest differs from the published one"), std::string::npos)
      << ended.err;
  EXPECT_NE(ended.out.find("NOT the same bits"), std::string::npos);
  const std::string page = pel::base::read_text(scratch.path("pel-tour.html"));
  EXPECT_NE(page.find("0 of 2 rows"), std::string::npos);
}

TEST(Tour, UnwritablePageIsRefusedFirst) {
  const Ended ended = pel_command({"tour", "--out", "/no/such/folder/page.html"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(pel::test::line_count(ended.err), 1);
  EXPECT_EQ(ended.out, "");
}

TEST(Tour, DigestsReproduceThePublishedFile) {
  const ScratchFolder scratch;
  const Ended ended = pel_command({"tour", "--digests"}, scratch.path());
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.out, pel::base::read_text(PEL_TEST_DIGESTS));
  EXPECT_TRUE(scratch.empty());
}

TEST(Digests, AreReadLineByLine) {
  const std::string hash(64, 'a');
  const auto digests = parse_digests("# comment\n\nrender 4 1 " + hash + " # more\n");
  ASSERT_EQ(digests.size(), 1u);
  EXPECT_EQ(digests[0].name, "render");
  EXPECT_EQ(digests[0].size, 4u);
  EXPECT_EQ(digests[0].sha256, hash);
  for (const std::string& bad :
       {std::string("render 4 1"), "render x 1 " + hash, "render 4 1 " + hash + " b",
        "render 4 1 " + std::string(64, 'g')}) {
    EXPECT_THROW(parse_digests(bad), pel::Error) << bad;
  }
}

TEST(TextTable, WrapsBetweenWords) {
  const pel::cli::TextTable table({{"what", 10, false}, {"s", 5, true}});
  EXPECT_EQ(table.head(), "what            s\n-----------------\n");
  EXPECT_EQ(table.row({"one two three", "1.5"}), "one two       1.5\nthree\n");
}

TEST(Page, EscapesAndShowsFailures) {
  pel::cli::TourPage page;
  pel::cli::TourRow row;
  row.name = "bad";
  row.input = "<script>";
  row.equal = false;
  row.plain_s = row.pel_s = 1;
  row.html = "<svg></svg>";
  page.rows = {row};
  page.sums.exact = 1;
  page.sums.theirs.assign(15, 1.0);
  page.sums.ours.assign(15, 1.0);
  const std::string html = tour_html(page);
  EXPECT_EQ(html.find("<script>"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
  EXPECT_NE(html.find("0 of 1 rows"), std::string::npos);
  EXPECT_NE(html.find("plain differs"), std::string::npos);
}

}  // namespace
