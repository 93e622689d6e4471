// SPDX-License-Identifier: Apache-2.0
#include "runtime/executor/group.hpp"

#include <algorithm>
#include <utility>

#include "runtime/executor/policy.hpp"

namespace pel::detail {
namespace {

BuiltinAtomic<std::uint64_t> next_group_id{1};
BuiltinAtomic<std::uint64_t> next_frame_id{1};

std::uint64_t fresh_frame_id() noexcept { return next_frame_id.fetch_add(1, kRelaxed); }

// Counts tasks for whoever runs them; threads outside have no counter.
void count(BuiltinAtomic<std::uint64_t> WorkerCounters::*counter) noexcept {
  if (current_worker != nullptr) WorkerCounters::add(current_worker->counters.*counter);
}

class GroupAwaited final : public Awaited {
 public:
  GroupAwaited(GroupCore& group, Worker& worker) noexcept
      : group_(group), waiter_{&worker.sleeper.parker} {}
  // The waiter is on this stack: done() may be seen before the last task's end has the lock. In the
  // child of a fork() that thread is missing, and may hold the lock for ever.
  ~GroupAwaited() override {
    if (announced_ && !group_.scheduler().abandoned()) group_.countdown().remove_waiter(waiter_);
  }
  bool done() noexcept override { return group_.done(); }
  Tag target() noexcept override { return group_.tag(); }
  bool announce(Worker&) noexcept override {
    announced_ = true;
    return group_.countdown().add_waiter(waiter_);
  }
  bool has_own() noexcept override { return group_.has_pending(); }
  bool run_own(Worker& worker) override {
    return group_.run_pending(worker, [] {});
  }

 private:
  GroupCore& group_;
  Countdown<RealAtomics>::Waiter waiter_;
  bool announced_ = false;
};

}  // namespace

GroupCore::GroupCore(Scheduler& scheduler, Scope* scope, TaskPriority priority)
    : scheduler_(scheduler),
      priority_(priority),
      tag_(make_tag(next_group_id.fetch_add(1, kRelaxed), kGroupWorker, 0)),
      cancel_(new CancelState),
      scope_(Scope::inside(scope)) {
  scope_.cancel = cancel_.get();
  const Worker* worker = current_worker;
  if (worker != nullptr && &worker->scheduler == &scheduler)
    parent_ = Scheduler::innermost(*worker);
  root_.id = fresh_frame_id();
  root_.holds = 1;
}

// The running task of this group that the caller is part of, if any.
TaskContext* GroupCore::own_context() noexcept {
  const Worker* worker = current_worker;
  Scope* scope = worker == nullptr ? nullptr : worker->scope;
  TaskContext* context = scope == nullptr ? nullptr : scope->task;
  while (context != nullptr && context->group != this) {
    Scope* outer = context->group->scope_.parent;
    context = outer == nullptr ? nullptr : outer->task;
  }
  return context;
}

Frame& GroupCore::frame_of_spawner() {
  TaskContext* context = own_context();
  if (context == nullptr) return root_;
  Guard guard(lock_);
  if (context->children == nullptr) {
    auto* frame = new Frame;
    frame->parent = context->frame;
    frame->parent_index = context->index;
    frame->id = fresh_frame_id();
    frame->holds = 1;
    context->children = frame;
  }
  return *context->children;
}

// Appends a task; true if the frame is over its bound. The lock is held.
bool GroupCore::add(Frame& frame, TaskNode& node) noexcept {
  node.frame = &frame;
  node.index = frame.next_index++;
  if (node.handle != nullptr) *node.handle = &node;
  node.previous = frame.last;
  if (frame.first == nullptr) {
    frame.first = frame.last = &node;
    list(frame);
  } else {
    frame.last = frame.last->next = &node;
  }
  ++frame.outstanding;
  countdown_.add();
  return ++frame.pending > kMaxPending;
}

void GroupCore::spawn(TaskNode& node, std::uint64_t* frame_id, std::uint64_t* index) {
  if (scheduler_.abandoned()) throw Scheduler::abandoned_error();
  Frame& frame = frame_of_spawner();
  node.float_mode = float_mode();
  bool full = false;
  {
    Guard guard(lock_);
    if (frame_id != nullptr) *frame_id = frame.id;
    if (index != nullptr) *index = frame.next_index;
    full = add(frame, node);
  }
  count(&WorkerCounters::spawned);
  scheduler_.notify();
  if (full) run_oldest(frame);
}

void GroupCore::spawn_at_root(TaskNode& node) {
  {
    Guard guard(lock_);
    add(root_, node);
  }
  count(&WorkerCounters::spawned);
  scheduler_.notify();
}

void GroupCore::place(std::uint64_t* frame_id, std::uint64_t* index) {
  Frame& frame = frame_of_spawner();
  Guard guard(lock_);
  *frame_id = frame.id;
  *index = frame.next_index++;
}

// At the bound: the spawner works off its oldest pending child before it spawns the next.
void GroupCore::run_oldest(Frame& frame) {
  if (current_worker == nullptr || &current_worker->scheduler != &scheduler_) {
    EnterGuard guard(scheduler_);
    return run_oldest(frame);
  }
  TaskNode* node = take(frame);
  if (node == nullptr) return;
  ActiveGuard active(*current_worker, tag_, parent_);
  if (Frame* children = execute(*current_worker, *node)) drain(*current_worker, *children, nullptr);
}

// Takes a pending task out of its frame. The lock is held.
void GroupCore::unlink(TaskNode& node) noexcept {
  Frame& frame = *node.frame;
  (node.previous == nullptr ? frame.first : node.previous->next) = node.next;
  (node.next == nullptr ? frame.last : node.next->previous) = node.previous;
  node.next = node.previous = nullptr;
  if (node.handle != nullptr) *node.handle = nullptr;
  --frame.pending;
  if (frame.first == nullptr) unlist(frame);
}

TaskNode* GroupCore::take_locked(Frame& frame) noexcept {
  TaskNode* node = frame.first;
  if (node != nullptr) unlink(*node);
  return node;
}

bool GroupCore::run_this(Worker& worker, TaskNode*& handle) {
  TaskNode* node = nullptr;
  {
    Guard guard(lock_);
    node = handle;
    if (node == nullptr) return false;
    unlink(*node);
  }
  ActiveGuard active(worker, tag_, Scheduler::innermost(worker));
  if (Frame* children = execute(worker, *node)) drain(worker, *children, nullptr);
  return true;
}

TaskNode* GroupCore::take(Frame& frame) noexcept {
  Guard guard(lock_);
  return take_locked(frame);
}

TaskNode* GroupCore::take_any(Frame** frame) noexcept {
  Guard guard(lock_);
  *frame = frames_;
  if (frames_ == nullptr) return nullptr;
  ++frames_->holds;
  return take_locked(*frames_);
}

// Runs `node`, then the pending tasks of `start` and of all frames that open below it, depth first:
// this is the loop above a task, from which its last children run. Gives up the hold on `start`.
void GroupCore::drain(Worker& worker, Frame& start, TaskNode* node) {
  ActiveGuard active(worker, tag_, parent_);
  Frame* frame = &start;
  Frame* above = nullptr;  // frames to come back to, linked by `above`
  if (node == nullptr) node = take(*frame);
  while (true) {
    if (node != nullptr) {
      if (Frame* children = execute(worker, *node)) {
        Guard guard(lock_);
        if (frame != &start && frame->first == nullptr) {
          children->above = frame->above;
          release(frame);
        } else {
          children->above = frame;
        }
        frame = children;
      }
    } else {
      above = frame == &start ? nullptr : frame->above;
      Guard guard(lock_);
      release(frame);
      if (above == nullptr) return;
      frame = above;
    }
    node = scheduler_.should_yield(worker, priority_) ? nullptr : take(*frame);
  }
}

// Runs one task; returns the frame of its children, held, if some of them are pending.
Frame* GroupCore::execute(Worker& worker, TaskNode& node) {
  TaskContext context{this, node.frame, node.index};
  if (!stopped(node.frame, node.index)) {
    TraceSpan span(worker, "task", &node.where);
    WorkerCounters::add(worker.counters.executed);
    if (worker.counters.executed.load(kRelaxed) % 256 == 0) scheduler_.look_at_machine(now_ns());
    if (scheduler_.disturbed()) scheduler_.disturb(worker, nullptr);
    try {
      run_node(worker, node, context);
    } catch (...) {
      Guard guard(lock_);
      const std::exception_ptr error = std::current_exception();
      if (context.children != nullptr) {
        record(context.children, context.children->next_index, error);
      } else {
        record(node.frame, node.index, error);
      }
    }
  }
  node.destroy(&node);
  Frame* children = child_ended(context);
  countdown_.end_one();
  return children;
}

void GroupCore::run_node(Worker& worker, TaskNode& node, TaskContext& context) {
  Scope scope = Scope::inside(node.inherited != nullptr ? node.inherited : &scope_);
  scope.task = &context;
  scope.float_mode = node.float_mode;
  ScopeGuard guard(worker, scope);
  if (node.inherited == nullptr) check_scope(&scope);  // else it looks itself: it has to finish
  node.run(&node);
}

bool GroupCore::stopped(const Frame* frame, std::uint64_t index) noexcept {
  if (has_error_.load(kRelaxed) == 0) return false;
  Guard guard(lock_);
  while (frame != nullptr) {
    if (frame->error_index < index) return true;
    index = frame->parent_index;
    frame = frame->parent;
  }
  return false;
}

// Keeps the error if it is the first in program order, here and in the frames above.
void GroupCore::record(Frame* frame, std::uint64_t index,
                       const std::exception_ptr& error) noexcept {
  has_error_.store(1, kRelaxed);
  while (frame != nullptr && index <= frame->error_index) {
    frame->error_index = index;
    frame->error = error;
    index = frame->parent_index;
    frame = frame->parent;
  }
}

// The task's body has ended. If its children are all that is left of its frame, they take over the
// frame's place in the order, so that a chain of tasks needs the memory of one.
Frame* GroupCore::child_ended(TaskContext& context) noexcept {
  Guard guard(lock_);
  Frame* frame = context.frame;
  Frame* children = context.children;
  if (children == nullptr) {
    end_child(frame);
    return nullptr;
  }
  children->spawner_done = true;
  if (frame->spawner_done && frame->outstanding == 1 && frame->error_index == Frame::kNoError) {
    children->parent = frame->parent;
    children->parent_index = frame->parent_index;
    frame->outstanding = 0;
    frame->replaced = true;
    if (frame->holds == 0) delete frame;
  }
  if (children->first != nullptr) return children;
  release(children);
  return nullptr;
}

// One child of the frame has ended with all that it spawned.
void GroupCore::end_child(Frame* frame) noexcept {
  while (frame != nullptr && --frame->outstanding == 0 && frame->holds == 0) {
    Frame* parent = frame->replaced ? nullptr : frame->parent;
    delete frame;
    frame = parent;
  }
}

void GroupCore::release(Frame* frame) noexcept {
  if (--frame->holds != 0 || frame->outstanding != 0) return;
  Frame* parent = frame->replaced ? nullptr : frame->parent;
  delete frame;
  if (parent != nullptr) end_child(parent);
}

void GroupCore::list(Frame& frame) noexcept {
  frame.next = nullptr;
  frame.previous = last_frame_;
  (last_frame_ == nullptr ? frames_ : last_frame_->next) = &frame;
  last_frame_ = &frame;
  if (frames_pending_.fetch_add(1, kSeqCst) == 0) scheduler_.publish(*this);
}

void GroupCore::unlist(Frame& frame) noexcept {
  (frame.previous == nullptr ? frames_ : frame.previous->next) = frame.next;
  (frame.next == nullptr ? last_frame_ : frame.next->previous) = frame.previous;
  if (frames_pending_.fetch_sub(1, kSeqCst) == 1) scheduler_.withdraw(*this);
}

// Whether the caller is part of a task of this group, or of what such a task spawned, even if it
// has ended since: those scopes all lead to the group's own, which its cancellation names.
bool GroupCore::is_around_caller() const noexcept {
  const Scope* scope = current_worker == nullptr ? nullptr : current_worker->scope;
  while (scope != nullptr && scope->cancel != cancel_.get()) scope = scope->parent;
  return scope != nullptr;
}

void GroupCore::wait() {
  if (is_around_caller()) {
    throw Error("pel::TaskGroup::wait",
                "a task waits for the group that it runs in, or that it was spawned in",
                "wait where the group was made, or use a group of the task's own");
  }
  wait_for_all();
  if (std::exception_ptr error = reset()) std::rethrow_exception(std::move(error));
}

void GroupCore::wait_for_all() {
  Worker* worker = current_worker;
  if (worker == nullptr || &worker->scheduler != &scheduler_) {
    EnterGuard guard(scheduler_);
    return wait_for_all();
  }
  GroupAwaited awaited(*this, *worker);
  scheduler_.wait(*worker, awaited);
}

// Makes the group ready for more tasks; returns its error.
std::exception_ptr GroupCore::reset() noexcept {
  Guard guard(lock_);
  has_error_.store(0, kRelaxed);
  cancel_.get()->flag.store(0, kRelaxed);
  root_.error_index = Frame::kNoError;
  return std::exchange(root_.error, nullptr);
}

void GroupCore::finish_all() noexcept {
  if (own_context() != nullptr) return;  // a task that drops its own group cannot wait for itself
  try {
    wait_for_all();
  } catch (...) {
    // Its owner is gone: nobody is left to tell.
  }
}

void GroupCore::cancel() noexcept { cancel_flag(cancel_.get()->flag); }

// Walks from a running task up to the roots: is there a place at which (frame_id, index) comes
// later?
bool GroupCore::later_than(const TaskContext& context, std::uint64_t frame_id,
                           std::uint64_t index) noexcept {
  Guard guard(lock_);
  const Frame* frame = context.frame;
  std::uint64_t own = context.index;
  while (frame != nullptr) {
    if (frame->id == frame_id) return index > own;
    own = frame->parent_index;
    frame = frame->parent;
  }
  return false;
}

}  // namespace pel::detail
