// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>

#include "pel/detail/executor/task.hpp"
#include "runtime/executor/countdown.hpp"
#include "runtime/executor/scheduler.hpp"

namespace pel::detail {

// The children that one task spawned into its group, in order. See docs/design/order.md.
struct Frame {
  static constexpr std::uint64_t kNoError = ~std::uint64_t{0};

  Frame* parent = nullptr;  // the frame of the spawner, and the spawner's place in it
  std::uint64_t parent_index = 0;
  std::uint64_t id = 0;
  std::uint64_t next_index = 0;
  TaskNode* first = nullptr;  // pending children, oldest first
  TaskNode* last = nullptr;
  std::uint64_t pending = 0;
  std::uint64_t outstanding = 0;  // children that have not ended with all they spawned
  std::uint32_t holds = 0;        // the spawner, and workers that take from it
  std::uint64_t error_index = kNoError;
  std::exception_ptr error;
  Frame* above = nullptr;     // in the loop that drains it: where to go on afterwards
  bool spawner_done = false;  // no more children
  bool replaced = false;      // its last child's children stand in its place
  Frame* next = nullptr;      // among the group's frames with pending children
  Frame* previous = nullptr;
};

// A task while it runs.
struct TaskContext {
  GroupCore* group;
  Frame* frame;
  std::uint64_t index;
  Frame* children = nullptr;  // made at its first spawn
};

// The tasks of one TaskGroup. Thread-safe. Its lock guards all frames; lock order: group, then the
// scheduler's list of groups.
class GroupCore {
 public:
  GroupCore(Scheduler& scheduler, Scope* scope, TaskPriority priority);
  ~GroupCore() = default;
  GroupCore(const GroupCore&) = delete;
  GroupCore& operator=(const GroupCore&) = delete;

  void hold() noexcept { references_.fetch_add(1, kRelaxed); }
  void drop() noexcept {
    if (references_.fetch_sub(1, kAcqRel) == 1) delete this;
  }
  Tag tag() const noexcept { return tag_; }
  Tag parent() const noexcept { return parent_; }
  TaskPriority priority() const noexcept { return priority_; }
  Scheduler& scheduler() noexcept { return scheduler_; }
  Scope& scope() noexcept { return scope_; }

  // Adds a task after all that its spawner has spawned; at the bound runs the spawner's oldest
  // pending ones first. Returns its place.
  void spawn(TaskNode& node, std::uint64_t* frame_id = nullptr, std::uint64_t* index = nullptr);
  // The same for a task without a spawner, behind all others.
  void spawn_at_root(TaskNode& node);
  // A place in program order for a task that will be added later.
  void place(std::uint64_t* frame_id, std::uint64_t* index);
  void wait();                 // throws the first error in program order
  void finish_all() noexcept;  // waits, and drops the error
  void cancel() noexcept;

  bool done() const noexcept { return countdown_.done(); }
  bool has_pending() const noexcept { return frames_pending_.load(kSeqCst) != 0; }
  // Takes tasks of one frame and of what they spawn until there are none, or somebody else needs
  // this worker more. taken() is called once one is taken. False: there was none.
  template <class Taken>
  bool run_pending(Worker& worker, Taken taken) {
    Frame* frame = nullptr;
    TaskNode* node = take_any(&frame);
    if (node == nullptr) return false;
    taken();
    drain(worker, *frame, node);
    return true;
  }
  // Who sleeps until it is done.
  Countdown<RealAtomics>& countdown() noexcept { return countdown_; }
  // Runs the pending task that `handle` names, if nobody has taken it.
  bool run_this(Worker& worker, TaskNode*& handle);
  // Whether a running task may wait for the task at (frame_id, index): it must not come later.
  bool later_than(const TaskContext& context, std::uint64_t frame_id, std::uint64_t index) noexcept;

  // The task in which the group was made.
  TaskContext* outer() noexcept { return scope_.parent == nullptr ? nullptr : scope_.parent->task; }

  GroupCore* next = nullptr;  // in the scheduler's list, under its lock

 private:
  static constexpr std::uint64_t kMaxPending = 4096;

  Frame& frame_of_spawner();
  TaskContext* own_context() noexcept;
  bool is_around_caller() const noexcept;
  void wait_for_all();
  bool add(Frame& frame, TaskNode& node) noexcept;
  void unlink(TaskNode& node) noexcept;
  TaskNode* take(Frame& frame) noexcept;
  TaskNode* take_locked(Frame& frame) noexcept;
  TaskNode* take_any(Frame** frame) noexcept;
  void drain(Worker& worker, Frame& start, TaskNode* node);
  Frame* execute(Worker& worker, TaskNode& node);
  void run_node(Worker& worker, TaskNode& node, TaskContext& context);
  void run_oldest(Frame& frame);
  bool stopped(const Frame* frame, std::uint64_t index) noexcept;
  void record(Frame* frame, std::uint64_t index, const std::exception_ptr& error) noexcept;
  Frame* child_ended(TaskContext& context) noexcept;
  void end_child(Frame* frame) noexcept;
  std::exception_ptr reset() noexcept;
  void release(Frame* frame) noexcept;
  void list(Frame& frame) noexcept;
  void unlist(Frame& frame) noexcept;

  Scheduler& scheduler_;
  const TaskPriority priority_;
  const Tag tag_;
  Tag parent_ = 0;
  CancelRef cancel_;
  Scope scope_;
  BuiltinAtomic<std::uint32_t> references_{1};
  BuiltinAtomic<std::uint32_t> has_error_{0};
  BuiltinAtomic<std::uint32_t> frames_pending_{0};
  SmallLock<RealAtomics> lock_;
  Countdown<RealAtomics> countdown_{lock_};
  Frame root_;
  Frame* frames_ = nullptr;  // with pending children
  Frame* last_frame_ = nullptr;
};

}  // namespace pel::detail
