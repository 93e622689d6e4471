// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>

#include "pel/detail/executor/result.hpp"
#include "pel/detail/executor/task.hpp"
#include "pel/error.hpp"

namespace pel {

template <class T>
class Task;

void check_cancel();

// What when_all() gives in the place of a task without a result.
struct Unit {};

namespace detail {

template <class T>
struct ResultState : TaskState {
  ResultSlot<T> slot;
  T take() {
    if (error) std::rethrow_exception(error);
    return slot.take();
  }
};

template <class T, class F>
struct FunctionState final : ResultState<T> {
  template <class G>
  explicit FunctionState(G&& g) : body(std::forward<G>(g)) {}
  void work() override { this->slot.fill(body); }
  F body;
};

// A task of all results of others, which it owns.
template <class T, class F>
struct DependentState final : ResultState<T> {
  template <class G>
  DependentState(G&& g, TaskState** needs, std::size_t count)
      : body(std::forward<G>(g)), needs_(needs), count_(count) {}
  ~DependentState() override { give_up(); }
  void work() override {
    struct GiveUp {
      DependentState& self;
      ~GiveUp() { self.give_up(); }
    } afterwards{*this};
    this->slot.fill(body);
  }
  TaskState* need(std::size_t i) noexcept override {
    Guard guard(lock_);
    if (i >= count_) return nullptr;
    needs_[i]->hold();
    return needs_[i];
  }
  // Once it has run: a chain of tasks would otherwise be freed by as many nested calls.
  void give_up() noexcept override {
    TaskState** needs = nullptr;
    std::size_t count = 0;
    {
      Guard guard(lock_);
      needs = std::exchange(needs_, nullptr);
      count = std::exchange(count_, 0);
    }
    for (std::size_t i = 0; i < count; ++i) needs[i]->drop();
    delete[] needs;
  }
  F body;

 private:
  SmallLock<RealAtomics> lock_;
  TaskState** needs_;
  std::size_t count_;
};

template <class T>
struct CoroutineState final : ResultState<T> {
  void work() override {
    await(nullptr);  // before the awaiter gives up its reference
    handle.resume();
  }
  bool finishes_itself() const noexcept override { return true; }
  TaskState* need(std::size_t i) noexcept override {
    if (i != 0) return nullptr;
    Guard guard(lock);
    if (awaited != nullptr) awaited->hold();
    return awaited;
  }
  void await(TaskState* state) noexcept {
    Guard guard(lock);
    awaited = state;
  }
  void give_up() noexcept override {
    await(nullptr);
    handle.destroy();
    this->drop();  // the coroutine's own reference
  }
  std::coroutine_handle<> handle;
  SmallLock<RealAtomics> lock;
  TaskState* awaited = nullptr;  // what it waits for; a reference in the awaiter keeps it alive
};

template <class T>
struct Promise;

// What `co_await task` does: waits without holding up the worker, then gives the result.
template <class T>
struct TaskAwaiter {
  ResultState<T>* state;

  explicit TaskAwaiter(ResultState<T>* from) noexcept : state(from) {}
  TaskAwaiter(const TaskAwaiter&) = delete;
  TaskAwaiter& operator=(const TaskAwaiter&) = delete;
  ~TaskAwaiter() { state->drop(); }

  bool await_ready() const noexcept { return state->done(); }
  template <class U>
  void await_suspend(std::coroutine_handle<Promise<U>> caller) {
    CoroutineState<U>& waiting = *caller.promise().state;
    waiting.await(state);
    task_suspend(waiting, *state);
  }
  // A coroutine of another library resumes in a task of its own.
  void await_suspend(std::coroutine_handle<> caller) {
    auto resume = [caller] { caller.resume(); };
    state->hold();
    auto* next = new DependentState<void, decltype(resume)>(
        resume, new TaskState* [1] { state }, 1);
    task_submit_after(*next, 1);
    next->drop();
  }
  T await_resume() {
    check_cancel();
    return state->take();
  }
};

template <class T>
struct FinalAwaiter {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<Promise<T>> self) const noexcept {
    CoroutineState<T>* state = self.promise().state;
    self.destroy();
    task_finish(*state);
    state->drop();
  }
  void await_resume() const noexcept {}
};

template <class T>
struct PromiseBase {
  CoroutineState<T>* state = new CoroutineState<T>;

  Task<T> get_return_object();
  std::suspend_never initial_suspend() const noexcept { return {}; }
  FinalAwaiter<T> final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { state->error = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase<T> {
  template <class U>
  void return_value(U&& value) {
    this->state->slot.fill([&]() -> T { return std::forward<U>(value); });
  }
};

template <>
struct Promise<void> : PromiseBase<void> {
  void return_void() {
    state->slot.fill([] {});
  }
};

template <class T>
using UnitOr = std::conditional_t<std::is_void_v<T>, Unit, T>;

template <class T>
UnitOr<T> take_or_unit(ResultState<T>& state) {
  if constexpr (std::is_void_v<T>) {
    state.take();
    return {};
  } else {
    return state.take();
  }
}

}  // namespace detail

// The result of a function that runs as a task, to be had once. Movable; dropping it does not stop
// the task. Thread-safe as an int is. A coroutine that returns Task<T> may co_await other tasks.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  explicit Task(detail::ResultState<T>* state) noexcept : state_(state) {}
  Task(Task&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Task() {
    if (state_ != nullptr) state_->drop();
  }

  // False once the result was taken or the task moved from.
  bool valid() const noexcept { return state_ != nullptr; }
  bool done() const { return checked().done(); }

  // Waits, meanwhile running the task itself or what it waits for; gives the result or throws the
  // task's error. Throws Error when a task waits for a later one or for itself, at any worker
  // count.
  T get() {
    detail::task_wait(checked());
    Task held(std::move(*this));
    return held.state_->take();
  }

  // A task of f(result), or f() after a task without one, which starts when this one is done. This
  // one's error becomes the new one's. Leaves this task without its result.
  template <class F>
  auto then(F&& f, const std::source_location& where = std::source_location::current()) {
    auto& source = checked();
    auto body = [&source, g = std::decay_t<F>(std::forward<F>(f))]() mutable {
      if constexpr (std::is_void_v<T>) {
        source.take();
        return g();
      } else {
        return g(source.take());
      }
    };
    using Body = decltype(body);
    using R = std::invoke_result_t<Body&>;
    auto* next = new detail::DependentState<R, Body>(
        std::move(body), new detail::TaskState* [1] { &source }, 1);
    state_ = nullptr;
    next->where = where;
    Task<R> task(next);
    detail::task_submit_after(*next, 1);
    return task;
  }

  detail::TaskAwaiter<T> operator co_await() {
    auto& state = checked();
    state_ = nullptr;
    return detail::TaskAwaiter<T>(&state);
  }

  // Gives the state, with its reference, to who builds on it.
  detail::ResultState<T>* release() {
    auto& state = checked();
    state_ = nullptr;
    return &state;
  }

 private:
  detail::ResultState<T>& checked() const {
    if (state_ == nullptr) {
      throw Error("pel::Task", "its result was taken before", "call get() or then() once");
    }
    return *state_;
  }

  detail::ResultState<T>* state_;
};

template <class T>
Task<T> detail::PromiseBase<T>::get_return_object() {
  state->handle = std::coroutine_handle<Promise<T>>::from_promise(static_cast<Promise<T>&>(*this));
  state->hold();
  Task<T> task(state);
  task_begin(*state);
  return task;
}

// Runs f as a task. It precedes, in program order, what the caller does afterwards. It may run at
// any time until its result is asked for, on any worker; with workers = 0 at the latest then.
template <class F>
auto spawn(F&& f, const std::source_location& where = std::source_location::current()) {
  using Body = std::decay_t<F>;
  using R = std::invoke_result_t<Body&>;
  auto* state = new detail::FunctionState<R, Body>(std::forward<F>(f));
  state->where = where;
  Task<R> task(state);
  detail::task_submit(*state);
  return task;
}

// A task of all results, in order; the error is that of the first one that failed.
template <class... Ts>
auto when_all(Task<Ts>... tasks) {
  using R = std::tuple<detail::UnitOr<Ts>...>;
  std::tuple<detail::ResultState<Ts>*...> states(tasks.release()...);
  auto body = [states] {
    return std::apply([](auto*... each) { return R{detail::take_or_unit(*each)...}; }, states);
  };
  auto** needs = std::apply(
      [](auto*... each) { return new detail::TaskState* [sizeof...(Ts)] { each... }; }, states);
  auto* next = new detail::DependentState<R, decltype(body)>(std::move(body), needs, sizeof...(Ts));
  Task<R> task(next);
  detail::task_submit_after(*next, sizeof...(Ts));
  return task;
}

// The same for a vector of tasks: a task of a vector of their results.
template <template <class...> class Vector, class T, class... More>
auto when_all(Vector<Task<T>, More...> tasks) {
  using Result = detail::UnitOr<T>;
  const std::size_t count = tasks.size();
  auto** needs = new detail::TaskState*[count];
  for (std::size_t i = 0; i < count; ++i) needs[i] = tasks[i].release();
  auto body = [needs, count] {
    Vector<Result> results;
    results.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      results.push_back(detail::take_or_unit(static_cast<detail::ResultState<T>&>(*needs[i])));
    }
    return results;
  };
  auto* next =
      new detail::DependentState<Vector<Result>, decltype(body)>(std::move(body), needs, count);
  Task<Vector<Result>> task(next);
  detail::task_submit_after(*next, count);
  return task;
}

}  // namespace pel
