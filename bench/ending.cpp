// SPDX-License-Identifier: Apache-2.0
#include "bench/ending.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <string_view>

namespace pel::bench {
namespace {

void on_signal(int signal) {
  constexpr std::string_view kLine = "pel bench: stopped\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kLine.data(), kLine.size());
  ::_exit(128 + signal);
}

}  // namespace

void end_with_a_line() noexcept {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

void end_with_parent() noexcept { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }

}  // namespace pel::bench
