// SPDX-License-Identifier: Apache-2.0
#include "runtime/observe/trace_json.hpp"

#include <cstdio>

namespace pel::observe {
namespace {

constexpr const char* kCategories[] = {"executor", "loop", "program"};

// Bytes of the UTF-8 sequence that `text` begins with; 0 if it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t n = first < 0x80   ? 1
                        : first < 0xC2 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
  if (n == 0 || n > text.size()) return 0;
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (n == 3 && first == 0xE0 && byte(1) < 0xA0) return 0;   // overlong
  if (n == 3 && first == 0xED && byte(1) >= 0xA0) return 0;  // surrogate
  if (n == 4 && first == 0xF0 && byte(1) < 0x90) return 0;   // overlong
  if (n == 4 && first == 0xF4 && byte(1) >= 0x90) return 0;  // above U+10FFFF
  return n;
}

void append_microseconds(std::string& out, std::int64_t ns) {
  char text[40];
  const int n = std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(ns / 1000),
                              static_cast<long long>(ns % 1000));
  out.append(text, static_cast<std::size_t>(n));
}

void append_thread_name(std::string& out, const Track::Contents& track) {
  const std::string name = track.worker >= 0 ? "worker " + std::to_string(track.worker)
                                             : "thread " + std::to_string(track.number);
  out += R"({"ph":"M","name":"thread_name","pid":1,"tid":)" + std::to_string(track.number) +
         R"(,"args":{"name":")" + name + "\"}}";
}

void append_span(std::string& out, const SpanRecord& span, std::size_t thread,
                 std::int64_t start_ns) {
  out += R"({"ph":"X","pid":1,"tid":)" + std::to_string(thread) + R"(,"cat":")" +
         kCategories[static_cast<int>(span.kind)] + R"(","name":)";
  append_json_string(out, span.name);
  out += R"(,"ts":)";
  append_microseconds(out, span.begin_ns > start_ns ? span.begin_ns - start_ns : 0);
  out += R"(,"dur":)";
  append_microseconds(out, span.end_ns > span.begin_ns ? span.end_ns - span.begin_ns : 0);
  out += R"(,"args":{)";
  if (span.file != nullptr) {
    out += R"("file":)";
    append_json_string(out, span.file);
    out += R"(,"line":)" + std::to_string(span.line);
    if (span.kind == SpanKind::kLoop) out += R"(,"size":)" + std::to_string(span.size);
    if (span.failed) out += R"(,"failed":true)";
  }
  out += "}}";
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t n = utf8_length(text);
    const auto c = static_cast<unsigned char>(text[0]);
    if (n == 0) {
      out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += text[0];
    } else if (c < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += text.substr(0, n);
    }
    text.remove_prefix(n == 0 ? 1 : n);
  }
  out += '"';
}

std::string trace_json(const std::vector<Track::Contents>& tracks, std::int64_t start_ns) {
  std::string out = R"({"displayTimeUnit":"ns","traceEvents":[)"
                    "\n"
                    R"({"ph":"M","name":"process_name","pid":1,"tid":0,"args":{"name":"pel"}})";
  std::uint64_t lost = 0;
  for (const Track::Contents& track : tracks) {
    lost += track.lost;
    out += ",\n";
    append_thread_name(out, track);
    for (const SpanRecord& span : track.spans) {
      out += ",\n";
      append_span(out, span, track.number, start_ns);
    }
  }
  return out + "\n],\"otherData\":{\"lost_spans\":" + std::to_string(lost) + "}}\n";
}

}  // namespace pel::observe
