// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/ledger/fixture_files.hpp"
#include "pel/main.hpp"

namespace pel::cli {

// What became of one case of a fixture.
struct CaseResult {
  std::string name;   // "FILE: TEST[index]"
  std::string group;  // fork or kind: a line of the summary
  enum class Outcome : std::uint8_t { kPassed, kFailed, kSkipped } outcome = Outcome::kPassed;
  std::string reason;  // of a failure or a skip
};

// What became of one file: its cases, or why it could not be read.
struct FileResult {
  std::vector<CaseResult> cases;
  std::string unreadable;
};

// Whether the files may be checked at once: not where checking writes lines of its own.
enum class FileOrder : std::uint8_t { kAny, kOneByOne };

// Runs `check` over all files of the given paths, in batches on all cores, prints one line per
// failure and a summary by group (--json: one row per failure and per group), and sets the exit
// code: 1 for a failed case, 2 for what cannot be read (files after it are still processed).
// `check` may throw pel::Error: then the file counts as unreadable. Returns the exit code.
int run_fixtures(Run& run, const std::vector<std::string>& paths,
                 const std::function<FileResult(const FixtureFile&)>& check,
                 FileOrder order = FileOrder::kAny);

// "NAME VERSION" on stdout, for programs that ask a tool what it is.
void print_version(const char* name, Run& run);

}  // namespace pel::cli
