// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>

#include "pel/detail/executor/result.hpp"
#include "pel/error.hpp"

namespace pel {

// Thrown in place of a result when what runs was cancelled or its deadline passed.
class Cancelled : public Error {
 public:
  explicit Cancelled(const char* reason);
};

class CancelToken {
 public:
  bool cancelled() const noexcept { return flag_ != nullptr && __atomic_load_n(flag_, 0); }

 private:
  friend class CancelSource;
  const bool* flag_ = nullptr;
};

class CancelSource {
 public:
  void cancel() noexcept { __atomic_store_n(&flag_, true, 0); }
  bool cancelled() const noexcept { return __atomic_load_n(&flag_, 0); }
  CancelToken token() const noexcept {
    CancelToken token;
    token.flag_ = &flag_;
    return token;
  }

 private:
  bool flag_ = false;
};

// Throws Cancelled when the current scope is cancelled or its deadline has passed.
void check_cancel();

// Tasks that run possibly at the same time; program order is the order of run() calls, depth first.
// wait() returns when all are done, or throws the first error in program order.
class TaskGroup {
 public:
  TaskGroup() = default;
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  template <class F>
  void run(F&& f) {
    if (error_ || cancelled_) return;
    try {
      f();
    } catch (...) {
      error_ = std::current_exception();
    }
  }
  void wait() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    if (std::exchange(cancelled_, false)) throw Cancelled("task group cancelled");
  }
  void cancel() noexcept { cancelled_ = true; }

 private:
  std::exception_ptr error_;
  bool cancelled_ = false;
};

// The result of a spawned function, to be had once. Movable.
template <class T>
class Task {
 public:
  Task(Task&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Task() { delete state_; }

  T get() {
    if (state_->error) std::rethrow_exception(state_->error);
    return state_->slot.take();
  }
  template <class F>
  auto then(F&& f);

  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  T await_resume() { return get(); }

 private:
  template <class F>
  friend auto spawn(F&& f) -> Task<std::invoke_result_t<F&>>;
  struct State {
    detail::ResultSlot<T> slot;
    std::exception_ptr error;
  };
  Task() : state_(new State) {}
  State* state_;
};

template <class F>
auto spawn(F&& f) -> Task<std::invoke_result_t<F&>> {
  Task<std::invoke_result_t<F&>> task;
  try {
    task.state_->slot.fill(f);
  } catch (...) {
    task.state_->error = std::current_exception();
  }
  return task;
}

template <class T>
template <class F>
auto Task<T>::then(F&& f) {
  if constexpr (std::is_void_v<T>) {
    return spawn([&] {
      get();
      return f();
    });
  } else {
    return spawn([&] { return f(get()); });
  }
}

}  // namespace pel
