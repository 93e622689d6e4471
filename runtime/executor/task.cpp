// SPDX-License-Identifier: Apache-2.0
// Tasks with results: behind pel/detail/executor/task.hpp.
#include "pel/detail/executor/task.hpp"

#include "runtime/executor/group.hpp"
#include "runtime/executor/scheduler.hpp"

namespace pel::detail {
namespace {

using Listener = TaskState::Listener;

Listener closed_list;  // stands for "done": no listener can be added

struct StateNode final : TaskNode {
  explicit StateNode(TaskState& of) : state(of) {
    of.hold();
    handle = &of.node;
    run = [](TaskNode* node) { run_state(static_cast<StateNode*>(node)->state); };
    destroy = [](TaskNode* node) {
      auto* self = static_cast<StateNode*>(node);
      self->state.drop();
      delete self;
    };
  }

  static void run_state(TaskState& state) {
    Worker& worker = *current_worker;
    ActiveGuard active(worker, 0, Scheduler::innermost(worker));
    state.tag.store(active.tag(), kRelease);
    state.phase.store(TaskState::kRunning, kRelease);
    if (state.finishes_itself()) return state.work();
    try {
      state.work();
    } catch (...) {
      state.error = std::current_exception();
    }
    task_finish(state);
  }

  TaskState& state;
};

// False: the task is done.
bool listen(TaskState& state, Listener& listener) noexcept {
  Listener* head = state.listeners.load(kAcquire);
  do {
    if (head == &closed_list) return false;
    listener.next = head;
  } while (!state.listeners.compare_exchange(head, &listener, kAcqRel));
  return true;
}

void make_ready(TaskState& state) {
  state.phase.store(TaskState::kReady, kRelease);
  auto* node = new StateNode(state);
  node->float_mode = state.float_mode;
  state.scheduler->detached().spawn_at_root(*node);
}

void unblock(TaskState& state) {
  if (state.blockers.fetch_sub(1, kAcqRel) == 1) make_ready(state);
}

class TaskAwaited final : public Awaited {
 public:
  TaskAwaited(TaskState& state, Worker& worker) noexcept : state_(state) {
    listener_.worker = &worker;
  }
  // The listener is on this stack: whoever ends the task must be through with it.
  ~TaskAwaited() override {
    while (listed_ && listener_.fired.load(kAcquire) == 0) yield_thread();
  }
  bool done() noexcept override { return state_.done(); }
  Tag target() noexcept override { return state_.tag.load(kAcquire); }
  bool announce(Worker&) noexcept override {
    if (!listed_) listed_ = listen(state_, listener_);
    return listed_ && !state_.done();
  }
  bool has_own() noexcept override {
    const std::uint32_t phase = state_.phase.load(kAcquire);
    return phase == TaskState::kReady || phase == TaskState::kBlocked;
  }
  bool run_own(Worker& worker) override {
    if (state_.phase.load(kAcquire) == TaskState::kReady) {
      return state_.scheduler->detached().run_this(worker, state_.node);
    }
    return wait_for_need(worker);
  }

 private:
  bool wait_for_need(Worker& worker) {
    for (std::size_t i = 0; TaskState* need = state_.need(i); ++i) {
      const bool wait = !need->done();
      if (wait) {
        TaskAwaited awaited(*need, worker);
        worker.scheduler.wait(worker, awaited);
      }
      need->drop();
      if (wait) return true;
    }
    return false;
  }

  TaskState& state_;
  Listener listener_;
  bool listed_ = false;
};

Scheduler& current_scheduler() { return scheduler_of(Executor::current()); }

void check_order(TaskState& state, Worker& worker) {
  const TaskContext* context = worker.scope == nullptr ? nullptr : worker.scope->task;
  GroupCore& detached = state.scheduler->detached();
  for (; context != nullptr && context->group != &detached; context = context->group->outer()) {
  }
  if (context == nullptr || !detached.later_than(*context, state.frame_id, state.index)) return;
  throw Error("pel::Task::get", "a task waits for itself or for a later one",
              "wait only for tasks that were spawned before");
}

}  // namespace

void task_submit(TaskState& state) {
  state.scheduler = &current_scheduler();
  state.phase.store(TaskState::kReady, kRelaxed);
  auto* node = new StateNode(state);
  state.scheduler->detached().spawn(*node, &state.frame_id, &state.index);
}

void task_submit_after(TaskState& state, std::size_t count) {
  state.scheduler = &current_scheduler();
  state.float_mode = float_mode();
  state.scheduler->detached().place(&state.frame_id, &state.index);
  state.phase.store(TaskState::kBlocked, kRelaxed);
  state.blockers.store(static_cast<std::uint32_t>(count) + 1, kRelaxed);
  for (std::size_t i = 0; i < count; ++i) {
    TaskState* need = state.need(i);
    auto* listener = new Listener;
    listener->dependent = &state;
    state.hold();
    if (!listen(*need, *listener)) {
      delete listener;
      unblock(state);
      state.drop();
    }
    need->drop();
  }
  unblock(state);
}

void task_begin(TaskState& state) {
  state.scheduler = &current_scheduler();
  state.float_mode = float_mode();
  state.scheduler->detached().place(&state.frame_id, &state.index);
  state.phase.store(TaskState::kRunning, kRelaxed);
}

void task_suspend(TaskState& state, TaskState& awaited) {
  state.tag.store(0, kRelease);
  state.phase.store(TaskState::kBlocked, kRelease);
  state.blockers.store(1, kRelaxed);
  auto* listener = new Listener;
  listener->dependent = &state;
  state.hold();
  if (listen(awaited, *listener)) return;
  delete listener;
  unblock(state);
  state.drop();
}

void task_finish(TaskState& state) noexcept {
  Listener* listener = state.listeners.exchange(&closed_list, kAcqRel);
  state.phase.store(TaskState::kDone, kRelease);
  while (listener != nullptr) {
    Listener* next = listener->next;
    if (listener->worker != nullptr) {
      Worker* worker = listener->worker;
      listener->fired.store(1, kRelease);
      worker->sleeper.parker.unpark();
    } else {
      TaskState* dependent = listener->dependent;
      delete listener;
      unblock(*dependent);
      dependent->drop();
    }
    listener = next;
  }
}

void task_wait(TaskState& state) {
  if (state.done()) return;
  check_cancel();
  Worker* worker = current_worker;
  if (worker == nullptr || &worker->scheduler != state.scheduler) {
    EnterGuard guard(*state.scheduler);
    TaskAwaited awaited(state, guard.worker());
    return state.scheduler->wait(guard.worker(), awaited);
  }
  check_order(state, *worker);
  TaskAwaited awaited(state, *worker);
  state.scheduler->wait(*worker, awaited);
}

}  // namespace pel::detail
