// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <source_location>
#include <string>
#include <tuple>

#include "pel/detail/loops/hook.hpp"
#include "runtime/main/verify_report.hpp"

namespace pel::runtime {

// Digests what every loop call and pel::watch of this process produces, and makes the calls that
// the plan does not name serial. Thread-safe; installed for its whole life, one at a time.
class VerifyRecorder final : public detail::LoopObserver {
 public:
  explicit VerifyRecorder(const VerifyPlan& plan);
  ~VerifyRecorder() override;

  bool loop_begin(detail::LoopCall& call) noexcept override;
  void loop_data(const detail::LoopCall& call, const void* data,
                 std::size_t bytes) noexcept override;
  void loop_end(const detail::LoopCall& call, bool failed) noexcept override;
  void watch(const void* data, std::size_t bytes, const std::source_location& where);

  // What was recorded so far, moved out; call it when no loop runs.
  VerifyReport take_report() { return std::move(report_); }

  // The one that is installed, or null.
  static VerifyRecorder* installed() noexcept;

 private:
  struct Call;
  using Key = std::tuple<std::string, std::uint32_t, std::uint32_t, std::string>;

  std::uint32_t site_of(const char* algorithm, const std::source_location& where);
  void add(const VerifyRecord& record);

  const VerifyPlan& plan_;
  std::mutex mutex_;  // guards what follows
  std::map<Key, std::uint32_t> numbers_;
  std::vector<bool> may_be_parallel_;  // by site
  VerifyReport report_;
};

}  // namespace pel::runtime
