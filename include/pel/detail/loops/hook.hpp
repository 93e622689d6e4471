// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <type_traits>

namespace pel::detail {

// One call of an algorithm of pel/loops.hpp: what a watcher is told about it.
struct LoopCall {
  const char* algorithm;       // "sort", "reduce", ...
  std::source_location where;  // the line of the program that made the call
  std::uint64_t size;          // elements of the input
  std::uint64_t id = 0;        // the watcher's own, set by it in loop_begin
};

// Told about every loop call while installed: --verify digests what loops produce and bisects by
// making some of them serial; the trace draws them. The members are called by the thread that
// calls the loop, at once from several threads when loops are called inside tasks.
class LoopObserver {
 public:
  virtual ~LoopObserver() = default;

  // Before the first element. False makes this one call run serially, on its own thread: same
  // bits, no splitting (loops and forks inside its body are not affected).
  virtual bool loop_begin(LoopCall& call) noexcept = 0;

  // The result or output range of the call as bytes without padding, in order; called any number
  // of times (long outputs come in pieces), not at all when pel does not see the output.
  virtual void loop_data(const LoopCall& call, const void* data, std::size_t bytes) noexcept = 0;

  // After the last element, or after the error of the call is known.
  virtual void loop_end(const LoopCall& call, bool failed) noexcept = 0;
};

// Null, or the watcher. An observer stays alive until every loop that began under it has ended.
inline std::atomic<LoopObserver*> loop_observer{nullptr};

// Bytes of T mean its value: no padding that two equal runs could fill differently, no address.
template <class T>
inline constexpr bool kPlainBytes = std::is_trivially_copyable_v<T> && !std::is_pointer_v<T> &&
                                    (std::has_unique_object_representations_v<T> ||
                                     std::is_same_v<T, float> || std::is_same_v<T, double>);

#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
#define PEL_LOOPS_CLEARS_PADDING 1
#endif
#endif

// Brackets one loop call. With no observer: one load and a predicted branch.
class LoopScope {
 public:
  LoopScope(const char* algorithm, std::uint64_t size, const std::source_location& where) noexcept
      : observer_(loop_observer.load(std::memory_order_acquire)) {
    if (observer_ != nullptr) [[unlikely]] {
      call_ = LoopCall{algorithm, where, size};
      serial_ = !observer_->loop_begin(call_);
    }
  }
  LoopScope(const LoopScope&) = delete;
  LoopScope& operator=(const LoopScope&) = delete;
  ~LoopScope() {
    if (observer_ != nullptr) [[unlikely]]
      observer_->loop_end(call_, !done_);
  }

  // The observer wants this call on one thread.
  bool serial() const noexcept { return serial_; }

  // Marks success; the outputs are the ones given to output() before.
  void done() noexcept { done_ = true; }

  template <class T>
  void output(const T* data, std::size_t n) noexcept {
    if (observer_ == nullptr) [[likely]]
      return;
    if constexpr (kPlainBytes<T>) {
      observer_->loop_data(call_, data, n * sizeof(T));
    }
#ifdef PEL_LOOPS_CLEARS_PADDING
    else if constexpr (std::is_trivially_copyable_v<T> && !std::is_pointer_v<T>) {
      for (std::size_t i = 0; i < n; ++i) {
        T copy = data[i];
        __builtin_clear_padding(&copy);
        observer_->loop_data(call_, &copy, sizeof(T));
      }
    }
#endif
  }

 private:
  LoopObserver* observer_;
  bool serial_ = false;
  bool done_ = false;
  LoopCall call_{};
};

}  // namespace pel::detail
