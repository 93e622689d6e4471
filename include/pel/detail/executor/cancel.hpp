// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/executor/atomics.hpp"
#include "pel/detail/executor/hook.hpp"

namespace pel::detail {

using CancelFlag = BuiltinAtomic<std::uint32_t>;

// The flag that a CancelSource and its tokens share. Counted references.
struct CancelState {
  CancelFlag flag{0};
  BuiltinAtomic<std::uint32_t> references{1};
};

class CancelRef {
 public:
  CancelRef() = default;
  explicit CancelRef(CancelState* state) noexcept : state_(state) {}
  CancelRef(const CancelRef& other) noexcept : state_(other.state_) {
    if (state_ != nullptr) state_->references.fetch_add(1, kRelaxed);
  }
  CancelRef& operator=(const CancelRef& other) noexcept {
    CancelRef copy(other);
    CancelState* state = copy.state_;
    copy.state_ = state_;
    state_ = state;
    return *this;
  }
  ~CancelRef() {
    if (state_ != nullptr && state_->references.fetch_sub(1, kAcqRel) == 1) delete state_;
  }
  CancelState* get() const noexcept { return state_; }

 private:
  CancelState* state_ = nullptr;
};

// Sets the flag and makes all workers look at their scopes at their next fork.
void cancel_flag(CancelFlag& flag) noexcept;
// A time on the monotonic clock.
std::int64_t deadline_after(double wait_s) noexcept;
// Runs body in a scope of its own. flag may be nullptr, deadline_ns 0.
void run_in_scope(const CancelFlag* flag, std::int64_t deadline_ns, FunctionRef body);

template <class Duration>
double seconds(Duration duration) noexcept {
  if constexpr (requires { Duration::period::num; }) {
    return static_cast<double>(duration.count()) * static_cast<double>(Duration::period::num) /
           static_cast<double>(Duration::period::den);
  } else {
    return static_cast<double>(duration);
  }
}

}  // namespace pel::detail
