// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/verify_report.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <tuple>

#include "pel/detail/base/check.hpp"

namespace pel::runtime {
namespace {

constexpr const char* kScheduleWords[] = {"in order", "reversed", "shuffled", "delayed"};

void put_site(std::ostream& out, const VerifySite& site) {
  out << site.line << ' ' << site.column << ' ' << site.algorithm << ' ' << site.file << '\n';
}

VerifySite get_site(std::istream& in) {
  VerifySite site;
  in >> site.line >> site.column >> site.algorithm;
  in.get();
  std::getline(in, site.file);
  return site;
}

// Site numbers are given as sites are met, so they differ between runs; these are the other run's
// calls by the serial run's numbers.
class OtherCalls {
 public:
  OtherCalls(const VerifyReport& serial, const VerifyReport& other) {
    std::vector<std::size_t> number(other.sites.size(), serial.sites.size());
    sums_.resize(serial.sites.size());
    for (std::size_t i = 0; i < other.sites.size(); ++i) {
      const auto found = std::find(serial.sites.begin(), serial.sites.end(), other.sites[i]);
      number[i] = static_cast<std::size_t>(found - serial.sites.begin());
      if (found == serial.sites.end()) {
        if (!unknown_) unknown_ = other.sites[i];
      } else {
        sums_[number[i]] = other.sums[i];
      }
    }
    for (const VerifyRecord& record : other.records) {
      ++counts_[{number[record.site], record.size, record.digest}];
    }
  }

  // Takes one call like this one away; false if there is none.
  bool take(const VerifyRecord& record) {
    const auto found = counts_.find({record.site, record.size, record.digest});
    if (found == counts_.end() || found->second == 0) return false;
    --found->second;
    return true;
  }

  const VerifyReport::Sum& sum(std::size_t site) const { return sums_[site]; }
  const std::optional<VerifySite>& unknown() const { return unknown_; }

 private:
  std::map<std::tuple<std::size_t, std::uint64_t, std::uint64_t>, std::uint64_t> counts_;
  std::vector<VerifyReport::Sum> sums_;
  std::optional<VerifySite> unknown_;
};

std::optional<VerifyFinding> first_moved_record(const VerifyReport& serial, OtherCalls& calls) {
  std::vector<std::uint64_t> seen(serial.sites.size());
  std::optional<VerifySite> after;
  for (const VerifyRecord& record : serial.records) {
    ++seen[record.site];
    if (calls.take(record)) {
      after = serial.sites[record.site];
      continue;
    }
    VerifyFinding finding{
        VerifyFinding::Kind::kRecord, serial.sites[record.site], seen[record.site], {}, after};
    finding.words = finding.site.words() + " (call " + std::to_string(finding.call) + " of " +
                    std::to_string(serial.sums[record.site].calls) + ")";
    return finding;
  }
  return {};
}

std::optional<VerifyFinding> first_moved_sum(const VerifyReport& serial, const OtherCalls& calls) {
  for (std::size_t i = 0; i < serial.sites.size(); ++i) {
    if (serial.sums[i] == calls.sum(i)) continue;
    const VerifySite& site = serial.sites[i];
    const std::uint64_t before = serial.sums[i].calls;
    const std::uint64_t after = calls.sum(i).calls;
    std::string words = site.words();
    if (before != after) {
      words +=
          " (" + std::to_string(before) + " calls serially, " + std::to_string(after) + " here)";
    }
    return VerifyFinding{VerifyFinding::Kind::kCalls, site, 0, words, {}};
  }
  if (calls.unknown()) {
    return VerifyFinding{VerifyFinding::Kind::kCalls,
                         *calls.unknown(),
                         0,
                         calls.unknown()->words() + " (not called serially)",
                         {}};
  }
  return {};
}

}  // namespace

std::string VerifySite::words() const {
  std::error_code error;
  const std::filesystem::path near =
      std::filesystem::path(file).lexically_relative(std::filesystem::current_path(error));
  const bool below = !near.empty() && *near.begin() != "..";
  return algorithm + " at " + (below ? near.string() : file) + ":" + std::to_string(line);
}

std::string VerifyPlan::words() const {
  const std::string count = std::to_string(workers) + (workers == 1 ? " worker, " : " workers, ");
  return count + kScheduleWords[static_cast<int>(schedule.kind)];
}

std::string VerifyPlan::encode() const {
  std::ostringstream out;
  out << workers << ' ' << static_cast<int>(schedule.kind) << ' ' << schedule.seed << ' ' << limited
      << ' ' << parallel.size() << '\n';
  for (const VerifySite& site : parallel) put_site(out, site);
  return out.str();
}

VerifyPlan VerifyPlan::decode(const std::string& text) {
  std::istringstream in(text);
  VerifyPlan plan;
  int kind = 0;
  std::size_t count = 0;
  in >> plan.workers >> kind >> plan.schedule.seed >> plan.limited >> count;
  plan.schedule.kind = static_cast<Schedule::Kind>(kind);
  for (std::size_t i = 0; i < count && in; ++i) plan.parallel.push_back(get_site(in));
  PEL_CHECK(static_cast<bool>(in));
  return plan;
}

bool VerifyReport::complete() const {
  std::uint64_t calls = 0;
  for (const Sum& sum : sums) calls += sum.calls;
  return calls == records.size();
}

std::string VerifyReport::encode() const {
  std::ostringstream out;
  out.precision(17);
  out << seconds << ' ' << output_digest << ' ' << error.size() << ' ' << error << '\n';
  out << sites.size() << ' ' << records.size() << '\n';
  for (const VerifySite& site : sites) put_site(out, site);
  for (const Sum& sum : sums) out << sum.calls << ' ' << sum.digest << '\n';
  for (const VerifyRecord& record : records) {
    out << record.site << ' ' << record.size << ' ' << record.digest << '\n';
  }
  return out.str();
}

VerifyReport VerifyReport::decode(const std::string& text) {
  std::istringstream in(text);
  VerifyReport report;
  std::size_t error_size = 0, site_count = 0, record_count = 0;
  in >> report.seconds >> report.output_digest >> error_size;
  in.get();
  report.error.resize(error_size);
  in.read(report.error.data(), static_cast<std::streamsize>(error_size));
  in >> site_count >> record_count;
  for (std::size_t i = 0; i < site_count && in; ++i) report.sites.push_back(get_site(in));
  report.sums.resize(site_count);
  for (Sum& sum : report.sums) in >> sum.calls >> sum.digest;
  report.records.resize(record_count);
  for (VerifyRecord& record : report.records) in >> record.site >> record.size >> record.digest;
  PEL_CHECK(static_cast<bool>(in));
  return report;
}

std::optional<VerifyFinding> compare_reports(const VerifyReport& serial,
                                             const VerifyReport& other) {
  using Kind = VerifyFinding::Kind;
  OtherCalls calls(serial, other);
  if (serial.error != other.error) {
    const std::string words = other.error.empty()
                                  ? "no error, where the serial run has one: " + serial.error
                                  : other.error;
    return VerifyFinding{Kind::kError, {}, 0, words, {}};
  }
  // The calls that an error let begin are no part of the promise: only the error itself is.
  if (!serial.error.empty()) return {};
  if (serial.complete() && other.complete()) {
    if (auto moved = first_moved_record(serial, calls)) return moved;
  }
  if (auto moved = first_moved_sum(serial, calls)) return moved;
  if (serial.output_digest != other.output_digest) {
    VerifyFinding finding{Kind::kOutput, {}, 0, "the program's output", {}};
    if (!serial.records.empty()) finding.after = serial.sites[serial.records.back().site];
    return finding;
  }
  return {};
}

}  // namespace pel::runtime
