// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/main/verify_report.hpp"

namespace pel::runtime {

// How a program can be run again (run_in_process), and who hears of it.
struct VerifySetting {
  std::function<VerifyReport(const VerifyPlan&, double limit_s)> run;
  std::function<void(std::string_view line)> say;
};

struct Verdict {
  bool equal = false;
  std::string finding;        // one line; empty when equal
  std::string output_digest;  // of the serial run
  double serial_seconds = 0;
  int runs = 0;
};

// The runs that --verify makes after the serial one, for a program that is to use `workers`.
std::vector<VerifyPlan> verify_plans(int workers, std::uint64_t seed);

// Runs the program serially and then by every plan, up to the first that differs; then looks for
// the call that has to be parallel for the difference to show.
Verdict verify(const VerifySetting& setting, int workers, std::uint64_t seed);

}  // namespace pel::runtime
