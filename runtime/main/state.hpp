// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "pel/main.hpp"
#include "pel/observe.hpp"
#include "runtime/main/options.hpp"

namespace pel {

// What a Run hands out and collects.
struct Run::State {
  using Options = runtime::Options;
  State(const ProgramInfo& program, const Options& asked, std::string label)
      : info(program), options(asked), progress(std::move(label)) {}

  const ProgramInfo& info;
  const Options& options;
  Progress progress;
  int workers = 0;
  bool repeating = false;
  bool verified = false;
  bool printed_rows = false;
  bool failed = false;
  double serial_seconds = std::nan("");  // of the serial run of --verify
  std::vector<std::uint8_t> output;
  std::string metrics;  // of the executor, where --metrics asks for them
};

}  // namespace pel
