// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/tour_sums.hpp"

namespace pel::cli {

// One row of the tour: in its first act, a workload.
struct TourRow {
  int act = 1;
  std::string name;
  std::string published_as;  // the name in docs/digests.txt
  std::string summary;       // what the workload is
  std::string input;
  std::string against;  // what it was checked against
  std::string check_detail;
  bool check_passed = false;
  std::uint64_t size = 0;
  std::uint64_t seed = 1;
  double plain_s = 0;  // the same source on plain C++ loops; medians of `runs` interleaved pairs
  double pel_s = 0;
  int runs = 0;
  bool equal = false;                    // the bytes of every run, plain and pel
  std::string digest;                    // SHA-256, 64 hexadecimal digits
  std::optional<std::string> published;  // what docs/digests.txt says
  bool publishes = true;                 // false: `published` comes from elsewhere
  std::string result;                    // one line
  std::string html;                      // fragment
  std::string own_file;                  // the command for the user's file

  bool reproduced() const { return published && *published == digest; }
  bool passed() const { return equal && check_passed && reproduced(); }
};

// "three".
std::string number_word(int number);

struct TourPage {
  int workers = 0;
  double seconds = 0;
  bool full = false;
  std::vector<TourRow> rows;
  SumRow sums;
};

// What the tour found, as one HTML file that needs nothing else: no script, no font, no network.
std::string tour_html(const TourPage& page);

// The plots of the page, as inline SVG that takes its colours from the page.
std::string speed_plot(const std::vector<TourRow>& rows);
std::string sum_plot(const SumRow& sums);

}  // namespace pel::cli
