// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace pel::observe {

enum class SpanKind : std::uint8_t { kExecutor, kLoop, kProgram };

// A span that has ended. Strings are literals of the code that made the span.
struct SpanRecord {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  const char* name = nullptr;
  const char* file = nullptr;  // null: unknown
  std::uint64_t size = 0;
  std::uint32_t line = 0;
  SpanKind kind = SpanKind::kExecutor;
  bool failed = false;
};

// What one thread did. Its thread writes; its lock is contended only while the recording is read.
class Track {
 public:
  Track(std::size_t max_spans, std::size_t number) : max_spans_(max_spans), number_(number) {}

  void begin(const SpanRecord& open) noexcept;
  void end(bool failed) noexcept;  // of the span opened last; ignored if there is none
  void set_worker(int index) noexcept;

  struct Contents {
    std::vector<SpanRecord> spans;  // by begin, outer ones first
    std::size_t number = 0;         // of the thread in this recording, from 0
    int worker = -1;                // the last worker index of the thread, if any
    std::uint64_t lost = 0;
  };
  Contents contents();

 private:
  const std::size_t max_spans_;
  const std::size_t number_;
  std::mutex mutex_;
  std::vector<SpanRecord> spans_;  // once full, a ring with its oldest span at oldest_
  std::size_t oldest_ = 0;
  std::vector<SpanRecord> open_;
  std::uint64_t lost_ = 0;
  int worker_ = -1;
};

// The recording of this process. Threads get a track at their first event. Thread-safe.
class Recorder {
 public:
  static Recorder& instance();

  bool start(std::size_t max_spans);  // false: already recording
  std::vector<Track::Contents> stop();
  std::int64_t started_ns() const noexcept { return started_ns_; }

  // The calling thread's track; null when nothing is recorded or memory is out.
  Track* track() noexcept;
  // Its track if it has one already.
  Track* known_track() noexcept;

 private:
  Recorder() = default;

  std::mutex mutex_;
  std::atomic<std::uint64_t> epoch_{0};  // odd while recording
  std::size_t max_spans_ = 0;
  std::int64_t started_ns_ = 0;
  std::vector<std::shared_ptr<Track>> tracks_;
};

std::int64_t trace_now_ns() noexcept;

}  // namespace pel::observe
