// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/executor/atomics.hpp"
#include "pel/detail/executor/hook.hpp"
#include "pel/detail/executor/scope.hpp"

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
  // Takes over a reference.
  explicit CancelRef(CancelState* state) noexcept : state_(state) {}
  static CancelRef share(CancelState* state) noexcept {
    if (state != nullptr) state->references.fetch_add(1, kRelaxed);
    return CancelRef(state);
  }
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

// The scopes that a task with a result inherits from its spawner: only what may cancel it, and kept
// alive with the task, since the spawner's own scopes may end first. Counted references.
class InheritedScope {
 public:
  // What a task inherits that is spawned in `scope`, with a reference; nullptr: nothing cancels it.
  static InheritedScope* of(const Scope* scope);

  Scope& scope() noexcept { return scope_; }
  void hold() noexcept { references_.fetch_add(1, kRelaxed); }
  void drop() noexcept {
    if (references_.fetch_sub(1, kAcqRel) == 1) delete this;
  }

 private:
  InheritedScope(InheritedScope* outer, const Scope& like);
  ~InheritedScope() {
    if (outer_ != nullptr) outer_->drop();
  }
  bool covers(const Scope& scope) const noexcept;

  InheritedScope* outer_;
  CancelRef cancel_;
  Scope scope_;
  std::int64_t earliest_ns_ = 0;  // of its deadline and the outer ones; 0: none
  BuiltinAtomic<std::uint32_t> references_{1};
};

// Sets the flag and makes all workers look at their scopes at their next fork.
void cancel_flag(CancelFlag& flag) noexcept;
// A time on the monotonic clock.
std::int64_t deadline_after(double wait_s) noexcept;
// Runs body in a scope of its own. cancel may be nullptr, deadline_ns 0.
void run_in_scope(CancelState* cancel, std::int64_t deadline_ns, FunctionRef body);

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
