// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/observe/recorder.hpp"

namespace pel::observe {

// The trace-event JSON object: one complete event ("ph":"X") per span, in microseconds from
// start_ns, and the names of the threads.
std::string trace_json(const std::vector<Track::Contents>& tracks, std::int64_t start_ns);

// Appends `text` as a JSON string; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace pel::observe
