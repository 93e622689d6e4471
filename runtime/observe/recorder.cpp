// SPDX-License-Identifier: Apache-2.0
#include "runtime/observe/recorder.hpp"

#include <time.h>

#include <algorithm>
#include <utility>

namespace pel::observe {
namespace {

// A thread keeps its track alive, so that an event that races with the end of a recording goes into
// a track that nobody reads any more.
struct ThreadTrack {
  std::uint64_t epoch = 0;
  std::shared_ptr<Track> track;
};
thread_local ThreadTrack this_thread;

}  // namespace

std::int64_t trace_now_ns() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void Track::begin(const SpanRecord& open) noexcept {
  const std::lock_guard lock(mutex_);
  try {
    open_.push_back(open);
  } catch (...) {
    ++lost_;
  }
}

void Track::end(bool failed) noexcept {
  const std::int64_t now = trace_now_ns();
  const std::lock_guard lock(mutex_);
  if (open_.empty()) return;
  SpanRecord span = open_.back();
  open_.pop_back();
  span.end_ns = now;
  span.failed = failed;
  if (spans_.size() == max_spans_) {
    ++lost_;
    if (max_spans_ == 0) return;
    spans_[oldest_] = span;
    oldest_ = (oldest_ + 1) % max_spans_;
    return;
  }
  try {
    if (spans_.size() == spans_.capacity()) {
      spans_.reserve(std::min(max_spans_, std::max<std::size_t>(256, 2 * spans_.size())));
    }
    spans_.push_back(span);
  } catch (...) {
    ++lost_;
  }
}

void Track::set_worker(int index) noexcept {
  const std::lock_guard lock(mutex_);
  worker_ = index;
}

Track::Contents Track::contents() {
  const std::lock_guard lock(mutex_);
  Contents result{std::exchange(spans_, {}), number_, worker_, lost_};
  std::sort(result.spans.begin(), result.spans.end(), [](const SpanRecord& a, const SpanRecord& b) {
    return a.begin_ns != b.begin_ns ? a.begin_ns < b.begin_ns : a.end_ns > b.end_ns;
  });
  return result;
}

Recorder& Recorder::instance() {
  static Recorder* const one = new Recorder;  // threads may outlive static destruction
  return *one;
}

bool Recorder::start(std::size_t max_spans) {
  const std::lock_guard lock(mutex_);
  if (epoch_.load() % 2 == 1) return false;
  max_spans_ = max_spans;
  started_ns_ = trace_now_ns();
  epoch_.fetch_add(1);
  return true;
}

std::vector<Track::Contents> Recorder::stop() {
  const std::lock_guard lock(mutex_);
  epoch_.fetch_add(1);
  std::vector<Track::Contents> all;
  for (const std::shared_ptr<Track>& track : tracks_) all.push_back(track->contents());
  tracks_.clear();
  return all;
}

Track* Recorder::known_track() noexcept {
  return this_thread.epoch == epoch_.load(std::memory_order_acquire) ? this_thread.track.get()
                                                                     : nullptr;
}

Track* Recorder::track() noexcept {
  if (Track* known = known_track()) return known;
  const std::lock_guard lock(mutex_);
  if (epoch_.load() % 2 == 0) return nullptr;
  try {
    auto fresh = std::make_shared<Track>(max_spans_, tracks_.size());
    tracks_.push_back(fresh);
    this_thread = {epoch_.load(), std::move(fresh)};
    return this_thread.track.get();
  } catch (...) {
    return nullptr;
  }
}

}  // namespace pel::observe
