// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "runtime/main/verify_report.hpp"

namespace pel::runtime {

// Runs this program again, in a process of its own and with the same command line, as `plan` says,
// and returns what it reports. Its standard output goes nowhere and its standard input is empty. A
// run that dies or takes longer than limit_s becomes a report with an error. Throws pel::Error if
// no process can be started, pel::Cancelled once Interrupt::stopping().
VerifyReport run_in_process(const VerifyPlan& plan, double limit_s);

// Ends the process that run_in_process() waits for, if any. Thread-safe.
void stop_process() noexcept;

// In the process that run_in_process() started: how to run, once; nothing in any other process.
class VerifyAssignment {
 public:
  static std::optional<VerifyAssignment> take();
  const VerifyPlan& plan() const { return plan_; }
  void report(const VerifyReport& report) const;

 private:
  VerifyPlan plan_;
  int report_fd_ = -1;
};

}  // namespace pel::runtime
