// SPDX-License-Identifier: Apache-2.0
// Tasks with results: behind pel/detail/executor/task.hpp.
#include "pel/detail/executor/task.hpp"

#include <utility>
#include <vector>

#include "runtime/executor/group.hpp"
#include "runtime/executor/scheduler.hpp"

namespace pel::detail {
namespace {

using Ending = Listeners<RealAtomics, TaskState>;

struct StateNode final : TaskNode {
  explicit StateNode(TaskState& of) : state(of) {
    of.hold();
    handle = &of.node;
    where = of.where;
    if (of.inherited != nullptr) inherited = &of.inherited->scope();
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
      check_scope(worker.scope);
      state.work();
    } catch (...) {
      state.error = std::current_exception();
    }
    task_finish(state);
  }

  TaskState& state;
};

void make_ready(TaskState& state) {
  state.phase.store(TaskState::kReady, kRelease);
  auto* node = new StateNode(state);
  node->float_mode = state.float_mode;
  state.scheduler->detached().spawn_at_root(*node);
}

// Its executor has ended, or was left behind by a fork().
void fail(TaskState& state) {
  state.error = std::make_exception_ptr(
      Error("pel::Task", "its executor has ended before the tasks that it waits for",
            "end executors in the reverse order of the work they depend on"));
  state.give_up();
  task_finish(state);
}

void unblock(TaskState& state) {
  if (state.blockers.fetch_sub(1, kAcqRel) != 1) return;
  const Worker* worker = current_worker;
  if (worker != nullptr && &worker->scheduler == state.scheduler) return make_ready(state);
  const bool alive = if_alive(
      *state.scheduler, [](void* argument) { make_ready(*static_cast<TaskState*>(argument)); },
      &state);
  if (!alive) fail(state);
}

// Makes the state wait for one more task. False: that one is done.
bool depend(TaskState& state, TaskState& need) {
  auto* listener = new Ending::Listener;
  listener->dependent = &state;
  state.hold();
  if (need.listeners.listen(*listener)) return true;
  delete listener;
  return false;
}

// Tasks that somebody waits for, each of which needs the next. Holds a reference to each.
class NeedPath {
 public:
  NeedPath() = default;
  ~NeedPath() {
    while (!empty()) pop();
  }
  NeedPath(const NeedPath&) = delete;
  NeedPath& operator=(const NeedPath&) = delete;
  bool empty() const noexcept { return states_.empty(); }
  TaskState& last() noexcept { return *states_.back(); }
  void pop() noexcept {
    states_.back()->drop();
    states_.pop_back();
  }
  // Goes on to the first unfinished task that `state` needs. False: there is none.
  bool follow(TaskState& state) {
    for (std::size_t i = 0; TaskState* need = state.need(i); ++i) {
      states_.push_back(need);
      if (!need->done()) return true;
      pop();
    }
    return false;
  }

 private:
  std::vector<TaskState*> states_;
};

class TaskAwaited final : public Awaited {
 public:
  enum class Until { kDone, kDoneOrBlocked };
  TaskAwaited(TaskState& state, Worker& worker, Until until = Until::kDone) noexcept
      : state_(state), until_(until) {
    listener_.parker = &worker.sleeper.parker;
  }
  // The listener is on this stack: whoever ends the task must be through with it. In the child of a
  // fork() nobody may be left to do so.
  ~TaskAwaited() override {
    if (listed_ && !state_.scheduler->abandoned()) Ending::wait_until_fired(listener_);
  }
  bool done() noexcept override {
    return state_.done() || (until_ == Until::kDoneOrBlocked && !listed_ && blocked());
  }
  Tag target() noexcept override { return state_.tag.load(kAcquire); }
  bool announce(Worker&) noexcept override {
    if (!listed_) listed_ = state_.listeners.listen(listener_);
    return listed_ && !state_.done();
  }
  bool has_own() noexcept override { return ready() || blocked(); }
  bool run_own(Worker& worker) override {
    if (ready()) return state_.scheduler->detached().run_this(worker, state_.node);
    return blocked() && wait_for_needs(worker);
  }

 private:
  bool ready() const noexcept { return state_.phase.load(kAcquire) == TaskState::kReady; }
  bool blocked() const noexcept { return state_.phase.load(kAcquire) == TaskState::kBlocked; }

  // Goes down to a task that is not blocked, waits for that one, and comes up again: a list in the
  // place of nested calls, since chains may be longer than the stack.
  bool wait_for_needs(Worker& worker) {
    NeedPath path;
    if (!path.follow(state_)) return false;
    for (; !path.empty(); path.pop()) {
      while (!path.last().done()) {
        TaskState& need = path.last();
        if (need.phase.load(kAcquire) == TaskState::kBlocked) {
          if (!path.follow(need)) yield_thread();  // somebody is about to make it ready
          continue;
        }
        TaskAwaited awaited(need, worker, Until::kDoneOrBlocked);
        worker.scheduler.wait(worker, awaited);
      }
    }
    return true;
  }

  TaskState& state_;
  const Until until_;
  Ending::Listener listener_;
  bool listed_ = false;
};

// What a new task of the current executor is from the start: its place in program order, what it
// inherits.
void enter_order(TaskState& state) {
  state.float_mode = float_mode();
  state.inherited = InheritedScope::of(current_worker == nullptr ? nullptr : current_worker->scope);
  state.scheduler->detached().place(&state.frame_id, &state.index);
}

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
  state.inherited = InheritedScope::of(current_worker == nullptr ? nullptr : current_worker->scope);
  state.phase.store(TaskState::kReady, kRelaxed);
  auto* node = new StateNode(state);
  state.scheduler->detached().spawn(*node, &state.frame_id, &state.index);
}

void task_submit_after(TaskState& state, std::size_t count) {
  state.scheduler = &current_scheduler();
  enter_order(state);
  state.phase.store(TaskState::kBlocked, kRelaxed);
  state.blockers.store(static_cast<std::uint32_t>(count) + 1, kRelaxed);
  for (std::size_t i = 0; i < count; ++i) {
    TaskState* need = state.need(i);
    if (!depend(state, *need)) {
      unblock(state);
      state.drop();
    }
    need->drop();
  }
  unblock(state);
}

void task_begin(TaskState& state) {
  state.scheduler = &current_scheduler();
  enter_order(state);
  state.phase.store(TaskState::kRunning, kRelaxed);
}

void task_suspend(TaskState& state, TaskState& awaited) {
  state.tag.store(0, kRelease);
  state.phase.store(TaskState::kBlocked, kRelease);
  state.blockers.store(1, kRelaxed);
  if (depend(state, awaited)) return;
  unblock(state);
  state.drop();
}

void task_finish(TaskState& state) noexcept {
  state.listeners.end([&]() noexcept { state.phase.store(TaskState::kDone, kRelease); },
                      [](Ending::Listener* listener) noexcept {
                        TaskState* dependent = listener->dependent;
                        delete listener;
                        unblock(*dependent);
                        dependent->drop();
                      });
}

void task_wait(TaskState& state) {
  Worker* worker = current_worker;
  // Also where it is done: whether this is an error must not depend on the schedule.
  if (worker != nullptr) check_order(state, *worker);
  if (state.done()) return;
  check_cancel();
  if (worker == nullptr || &worker->scheduler != state.scheduler) {
    EnterGuard guard(*state.scheduler);
    TaskAwaited awaited(state, guard.worker());
    return state.scheduler->wait(guard.worker(), awaited);
  }
  TaskAwaited awaited(state, *worker);
  state.scheduler->wait(*worker, awaited);
}

}  // namespace pel::detail
