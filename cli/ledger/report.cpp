// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/report.hpp"

#include <cstdio>

#include <new>

#include "pel/error.hpp"
#include "pel/executor.hpp"
#include "pel/loops.hpp"
#include "pel/version.hpp"

namespace pel::cli {
namespace {

constexpr std::size_t kBatchBytes = std::size_t{48} << 20;

struct Counts {
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
  std::uint64_t skipped = 0;
};

// Collects files into batches and runs each batch in parallel; results are reported in file order.
class Runner {
 public:
  Runner(Run& run, const std::function<FileResult(const FixtureFile&)>& check, FileOrder order)
      : run_(run), check_(check), limit_(order == FileOrder::kAny ? kBatchBytes : 0) {}

  void add(FixtureFile&& file) {
    bytes_ += file.text.size();
    batch_.push_back(std::move(file));
    if (bytes_ >= limit_) finish_batch();
  }

  void finish_batch() {
    std::vector<FileResult> results(batch_.size());
    for_each(batch_.size(), [&](std::size_t i) {
      try {
        results[i] = check_(batch_[i]);
      } catch (const Cancelled&) {
        throw;
      } catch (const Error& error) {
        results[i].unreadable = error.what();
      } catch (const std::bad_alloc&) {
        results[i].unreadable = batch_[i].name + ": there is not enough memory for it";
      }
      batch_[i].text = {};
    });
    for (const FileResult& result : results) report(result);
    batch_.clear();
    bytes_ = 0;
  }

  void unreadable(const std::string& words) {
    ++unreadable_;
    if (run_.json()) run_.print(Row{}.text("unreadable", words));
    std::fprintf(stderr, "error: %s\n", words.c_str());
  }

  int summary() {
    Counts all;
    for (const auto& [group, counts] : groups_) {
      all.passed += counts.passed;
      all.failed += counts.failed;
      all.skipped += counts.skipped;
      print(group, counts);
    }
    print("total", all);
    if (unreadable_ != 0) return 2;
    return all.failed != 0 ? 1 : 0;
  }

 private:
  void report(const FileResult& result) {
    if (!result.unreadable.empty()) unreadable(result.unreadable);
    for (const CaseResult& item : result.cases) {
      Counts& counts = groups_[item.group];
      switch (item.outcome) {
        case CaseResult::Outcome::kPassed:
          ++counts.passed;
          continue;
        case CaseResult::Outcome::kFailed:
          ++counts.failed;
          break;
        case CaseResult::Outcome::kSkipped:
          ++counts.skipped;
          break;
      }
      const bool failed = item.outcome == CaseResult::Outcome::kFailed;
      if (run_.json()) {
        run_.print(Row{}
                       .text(failed ? "failed" : "skipped", item.name)
                       .text("group", item.group)
                       .text("reason", item.reason));
      } else {
        std::printf("%s %s [%s]: %s\n", failed ? "FAIL" : "SKIP", item.name.c_str(),
                    item.group.c_str(), item.reason.c_str());
      }
    }
  }

  void print(const std::string& group, const Counts& counts) {
    if (run_.json()) {
      run_.print(Row{}
                     .text("group", group)
                     .integer("passed", counts.passed)
                     .integer("failed", counts.failed)
                     .integer("skipped", counts.skipped));
      return;
    }
    std::printf("%-28s %8llu passed %6llu failed %6llu skipped\n", group.c_str(),
                static_cast<unsigned long long>(counts.passed),
                static_cast<unsigned long long>(counts.failed),
                static_cast<unsigned long long>(counts.skipped));
  }

  Run& run_;
  const std::function<FileResult(const FixtureFile&)>& check_;
  std::size_t limit_;
  std::vector<FixtureFile> batch_;
  std::size_t bytes_ = 0;
  std::map<std::string, Counts> groups_;
  int unreadable_ = 0;
};

}  // namespace

void print_version(const char* name, Run& run) { run.say(std::string(name) + " " + version()); }

int run_fixtures(Run& run, const std::vector<std::string>& paths,
                 const std::function<FileResult(const FixtureFile&)>& check, FileOrder order) {
  Runner runner(run, check, order);
  for (const std::string& path : paths) {
    read_fixture_files(
        {path}, [&](FixtureFile&& file) { runner.add(std::move(file)); },
        [&](const Error& error) {
          runner.finish_batch();
          runner.unreadable(error.what());
        });
  }
  runner.finish_batch();
  return runner.summary();
}

}  // namespace pel::cli
