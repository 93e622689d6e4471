// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/analytics.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/analytics/csv.hpp"
#include "apps/analytics/exchange.hpp"
#include "apps/analytics/page.hpp"
#include "apps/analytics/query.hpp"
#include "apps/analytics/sqlite.hpp"
#include "apps/named_settings.hpp"
#include "apps/plain_loops.hpp"
#include "base/files.hpp"
#include "pel/error.hpp"
#include "pel/observe.hpp"
#include "pel/workload.hpp"

namespace pel::apps::analytics {
namespace {

constexpr std::uint64_t kTourSize = 200'000;
constexpr std::uint64_t kFullSize = 10'000'000;
constexpr std::uint64_t kMaxSize = 60'000'000;  // about 300 bytes each while the text is read
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{16} << 30;

// Where two texts first differ, as "line 3: ... but SQLite: ...".
std::string first_difference(std::string_view ours, std::string_view theirs) {
  for (std::size_t line = 1;; ++line) {
    const std::string_view a = ours.substr(0, ours.find('\n'));
    const std::string_view b = theirs.substr(0, theirs.find('\n'));
    if (a != b) {
      return "line " + std::to_string(line) + ": " + std::string(a) + " but SQLite " +
             std::string(b);
    }
    ours.remove_prefix(std::min(ours.size(), a.size() + 1));
    theirs.remove_prefix(std::min(theirs.size(), b.size() + 1));
    if (ours.empty() && theirs.empty()) return {};
  }
}

// One decimal.
std::string megabytes(std::uint64_t bytes) { return fixed_point(std::int64_t(bytes / 100'000), 1); }

class Analytics final : public Workload {
 public:
  void load(const WorkloadConfig& config) override {
    const Operands operands = split_operands(config.files);
    if (operands.files.empty()) {
      if (!operands.settings.empty()) {
        throw Error(operands.settings[0].first, "settings need a CSV file",
                    "the generated tables have fixed reports");
      }
      const std::uint64_t rows =
          config.size != 0 ? config.size : (config.tour ? kTourSize : kFullSize);
      tables_ = make_tables<PelLoops>(rows, config.seed);
      texts_ = write_tables<PelLoops>(tables_);
      return;
    }
    if (operands.files.size() > 2) {
      throw Error(operands.files[2].string(), "one file too many", "a second CSV is joined");
    }
    const Settings settings = read_settings(operands.settings);
    files_.reserve(2);
    for (const std::filesystem::path& file : operands.files) {
      files_.push_back(parse_csv<PelLoops>(base::read_text(file, kMaxFileBytes), file.string()));
    }
    plan_ = make_plan(settings, files_[0], files_.size() > 1 ? &files_[1] : nullptr);
  }

  std::string input() const override {
    if (!plan_) {
      return "TPC-H-like tables, " + std::to_string(tables_.items.size()) + " lineitems, " +
             std::to_string(tables_.orders.size()) + " orders, " +
             std::to_string(tables_.customers.size()) + " customers, as " +
             megabytes(texts_.bytes()) + " MB of CSV";
    }
    std::string text;
    for (const Table& table : files_) {
      text += (text.empty() ? "" : " joined with ") + table.name + ", " +
              std::to_string(table.rows) + " rows";
    }
    return text + ", by " + plan_->group.column->name;
  }

  WorkloadResult run(Progress& progress) override {
    progress.set_total(plan_ ? KeyTable::kPartitions : texts_.bytes() + report_steps(tables_));
    return answer<PelLoops>([&](std::uint64_t n) { progress.add(n); });
  }
  WorkloadResult run_plain() override {
    return answer<PlainLoops>([](std::uint64_t) {});
  }

  WorkloadCheck check(const WorkloadResult& result) override {
    const std::string ours(result.bytes.begin(), result.bytes.end());
    const std::string theirs = plan_ ? sqlite_groups(*plan_) : sqlite_reports(tables_);
    const std::string difference = first_difference(ours, theirs);
    return {"SQLite " + sqlite_version(), difference.empty(),
            difference.empty() ? "every byte of the result" : difference};
  }

  std::string html(const WorkloadResult& result) const override {
    const std::string text(result.bytes.begin(), result.bytes.end());
    if (std::count(text.begin(), text.end(), '\n') < 2) return Workload::html(result);
    return bars_page(text, !plan_);
  }

 private:
  template <class Loops, class Done>
  WorkloadResult answer(Done&& done) const {
    std::string text, summary;
    if (plan_) {
      auto groups = run_query<Loops>(*plan_, done);
      summary = std::to_string(groups.size()) + " groups";
      text = format_groups(*plan_, std::move(groups));
    } else {
      const auto lines = make_reports<Loops>(read_tables<Loops>(texts_, done), done);
      summary = std::to_string(lines.size()) + " groups in 9 reports";
      text = format_reports(lines);
    }
    return {{text.begin(), text.end()}, summary};
  }

  Tables tables_;     // as generated: what SQLite is shown
  TableTexts texts_;  // the same as CSV: what run() reads
  std::vector<Table> files_;
  std::optional<Plan> plan_;
};

const bool registered = register_workload({.name = "analytics",
                                           .summary = "filter, join, group, sort, top-k",
                                           .reads = "CSV",
                                           .writes = "CSV",
                                           .extension = "csv",
                                           .size_unit = "lineitems",
                                           .tour_size = kTourSize,
                                           .full_size = kFullSize,
                                           .max_size = kMaxSize,
                                           .make = [] { return std::make_unique<Analytics>(); }});

}  // namespace
}  // namespace pel::apps::analytics
