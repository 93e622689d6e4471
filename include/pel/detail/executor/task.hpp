// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <source_location>
#include <utility>

#include "pel/detail/executor/cancel.hpp"
#include "pel/detail/executor/listeners.hpp"
#include "pel/detail/executor/worker.hpp"

namespace pel::detail {

class GroupCore;
struct Frame;

// A task of a group until it has run: its function and its place in program order.
struct TaskNode {
  void (*run)(TaskNode*) = nullptr;      // may throw
  void (*destroy)(TaskNode*) = nullptr;  // frees the node
  TaskNode* next = nullptr;
  TaskNode* previous = nullptr;
  TaskNode** handle = nullptr;  // set to nullptr when the node is taken
  Frame* frame = nullptr;
  Scope* inherited = nullptr;  // what it runs in; nullptr: the group's scope
  std::uint64_t index = 0;     // in its frame
  std::source_location where;  // the line that made it, for traces
  std::uint32_t float_mode = 0;
};

template <class F>
struct TaskBody final : TaskNode {
  template <class G>
  explicit TaskBody(G&& g) : body(std::forward<G>(g)) {
    run = [](TaskNode* node) { static_cast<TaskBody*>(node)->body(); };
    destroy = [](TaskNode* node) { delete static_cast<TaskBody*>(node); };
  }
  F body;
};

// What a Task<T>, the code that runs it and those who wait for it share. Counted references.
//
// phase: blocked -> ready -> running -> done; a coroutine goes back to blocked when it waits. While
// it is ready a node of the scheduler's detached group stands for it; whoever takes the node runs
// it.
struct TaskState {
  enum Phase : std::uint32_t { kBlocked, kReady, kRunning, kDone };

  TaskState() = default;
  TaskState(const TaskState&) = delete;
  TaskState& operator=(const TaskState&) = delete;

  virtual void work() = 0;  // computes the result; may throw
  // A coroutine says itself when it is done; work() is then one stretch of it.
  virtual bool finishes_itself() const noexcept { return false; }
  // The i-th task that this one waits for, with a reference for the caller; nullptr after the last.
  virtual TaskState* need(std::size_t) noexcept { return nullptr; }
  // It cannot go on, since its executor is gone: frees what it would have needed.
  virtual void give_up() noexcept {}

  void hold() noexcept { references.fetch_add(1, kRelaxed); }
  void drop() noexcept {
    if (references.fetch_sub(1, kAcqRel) == 1) delete this;
  }
  bool done() const noexcept { return phase.load(kAcquire) == kDone; }

  BuiltinAtomic<std::uint32_t> references{1};
  BuiltinAtomic<std::uint32_t> phase{kReady};
  BuiltinAtomic<std::uint32_t> blockers{0};
  Listeners<RealAtomics, TaskState> listeners;  // of its end
  BuiltinAtomic<std::uint64_t> tag{0};          // the entry under which it runs
  std::exception_ptr error;
  Scheduler* scheduler = nullptr;
  InheritedScope* inherited = nullptr;
  TaskNode* node = nullptr;    // while pending; under the detached group's lock
  std::uint64_t frame_id = 0;  // its place in program order
  std::uint64_t index = 0;
  std::source_location where;
  std::uint32_t float_mode = 0;

 protected:
  virtual ~TaskState() {
    if (inherited != nullptr) inherited->drop();
  }
};

// Makes a new task visible to the workers of the current executor.
void task_submit(TaskState& state);
// The same, once the first `count` of its needs are done.
void task_submit_after(TaskState& state, std::size_t count);
// Returns when it is done. Throws when it comes later in program order or is the caller itself.
void task_wait(TaskState& state);
// For coroutines: the first part runs in the caller; the state waits for another; it is done.
void task_begin(TaskState& state);
void task_suspend(TaskState& state, TaskState& awaited);
void task_finish(TaskState& state) noexcept;

}  // namespace pel::detail
