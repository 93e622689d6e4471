// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pel/executor.hpp"

namespace pel::runtime {

// A place in the program that calls an algorithm of pel/loops.hpp, or pel::watch.
struct VerifySite {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string algorithm;  // "sort", "watch", ...
  bool operator==(const VerifySite&) const = default;

  bool is_loop() const { return algorithm != "watch"; }
  std::string words() const;  // "for_each at main.cpp:12"; the path from the current folder on
};

// One call at a site: how much it worked on, and what it produced as far as pel saw it.
struct VerifyRecord {
  std::uint32_t site = 0;
  std::uint64_t size = 0;
  std::uint64_t digest = 0;
  bool operator==(const VerifyRecord&) const = default;
};

// How one of the runs of --verify is to be made.
struct VerifyPlan {
  int workers = 0;
  Schedule schedule;
  bool limited = false;  // only calls at `parallel` may run in parallel
  std::vector<VerifySite> parallel;

  std::string words() const;  // "2 workers, reversed"
  std::string encode() const;
  static VerifyPlan decode(const std::string& text);
};

// What one run gave. `records` are in the order in which calls ended: program order when there was
// no worker. Beyond kMaxRecords only the sums per site are kept.
struct VerifyReport {
  static constexpr std::size_t kMaxRecords = std::size_t{1} << 19;

  struct Sum {
    std::uint64_t calls = 0;
    std::uint64_t digest = 0;  // commutative: the calls of a site may end in any order
    bool operator==(const Sum&) const = default;
  };

  std::vector<VerifySite> sites;
  std::vector<Sum> sums;  // by site
  std::vector<VerifyRecord> records;
  std::string output_digest;
  std::string error;  // what the run threw, or how it died; empty: it returned
  double seconds = 0;
  bool late = false;  // stopped because it took too long; not part of what a run itself reports

  bool complete() const;  // every call has its record
  std::string encode() const;
  static VerifyReport decode(const std::string& text);
};

// The first difference between the serial run and another, in the serial run's order.
struct VerifyFinding {
  enum class Kind { kRecord, kCalls, kError, kOutput };
  Kind kind = Kind::kOutput;
  VerifySite site;                  // kRecord, kCalls
  std::uint64_t call = 0;           // kRecord: the how-manieth call at this site, from 1
  std::string words;                // what moved
  std::optional<VerifySite> after;  // the last call before it, whose bits were equal
};

std::optional<VerifyFinding> compare_reports(const VerifyReport& serial, const VerifyReport& other);

}  // namespace pel::runtime
