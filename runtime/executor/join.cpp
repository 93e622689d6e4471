// SPDX-License-Identifier: Apache-2.0
// The slow paths of fork and join: behind pel/detail/executor/fork.hpp.
#include <exception>
#include <utility>

#include "pel/detail/executor/fork.hpp"
#include "runtime/executor/scheduler.hpp"

namespace pel::detail {
namespace {

using Deque = decltype(Worker::deque);

class JoinAwaited final : public Awaited {
 public:
  explicit JoinAwaited(Job& job) noexcept : job_(job) {}
  bool done() noexcept override { return job_.join.finished(); }
  Tag target() noexcept override { return job_.join.taken_by(); }
  bool announce(Worker&) noexcept override { return job_.join.announce_wait(); }

 private:
  Job& job_;
};

// The error of a branch that ran elsewhere; its room in the job is given up.
std::exception_ptr take_error(Job& job) noexcept {
  auto* room = reinterpret_cast<std::exception_ptr*>(&job.error);
  std::exception_ptr error = std::move(*room);
  room->~exception_ptr();
  return error;
}

}  // namespace

void fork_grow(Worker& worker) {
  if (!worker.deque.grow()) {
    throw Error("pel::invoke", "more than four million forks are open in one worker",
                "recurse less deeply");
  }
}

bool fork_slow(Worker& worker, Job& job) {
  Scheduler& scheduler = worker.scheduler;
  const bool asked = worker.deque.asked();
  try {
    if (stack_position(job) < worker.stack_limit) {
      throw Error("pel::invoke", "the stack is nearly full",
                  "recurse less deeply or enlarge the thread's stack");
    }
    // Answer first: whoever cancels after that calls for attention again, whoever did so before is
    // seen by the look at the scope.
    worker.deque.answer();
    check_scope(worker.scope);
  } catch (...) {
    fork_failed(worker, job);
    throw;
  }
  if (asked) scheduler.notify();
  return scheduler.disturbed() && scheduler.disturb(worker, &job);
}

void fork_reversed(Job& job, FunctionRef left) {
  try {
    left();
  } catch (...) {
    if (job.join.failed()) take_error(job);
    throw;
  }
  if (job.join.failed()) std::rethrow_exception(take_error(job));
}

void fork_failed(Worker& worker, Job& job) noexcept {
  const bool asked = worker.deque.asked();
  if (worker.deque.pop(0) || worker.deque.pop_slow()) {
    if (asked) worker.deque.ask();  // pop_slow() may have cleared it: the next fork looks around
    return;
  }
  if (worker.scheduler.abandoned()) return;  // a thread that did not come along had it
  job.join.stop();
  worker.scheduler.ask_all(Deque::kAttention);
  JoinAwaited awaited(job);
  worker.scheduler.wait(worker, awaited);
  if (job.join.failed()) take_error(job);
}

bool fork_join_slow(Worker& worker, Job& job) {
  const bool asked = worker.deque.asked();
  if (worker.deque.pop_slow()) {
    if (asked) worker.scheduler.notify();
    check_scope(worker.scope);
    return true;
  }
  JoinAwaited awaited(job);
  worker.scheduler.wait(worker, awaited);
  if (job.join.failed()) std::rethrow_exception(take_error(job));
  if (asked) check_scope(worker.scope);
  return false;
}

void run_in_default(FunctionRef body) {
  Executor::current().run([&] { body(); });
}

bool split_wanted() noexcept {
  Worker* worker = current_worker;
  if (worker == nullptr) return false;
  if (worker->scheduler.disturbed()) return worker->scheduler.may_disturb(*worker);
  return worker->scheduler.permits() > 1 &&
         (worker->deque.asked() || worker->deque.empty_for_owner());
}

std::int64_t share_price_ns() {
  if (const Worker* worker = current_worker) {
    if (!split_wanted()) return kNeverShare;
    return worker->scheduler.disturbed() ? 0 : worker->scheduler.share_price_ns();
  }
  const Scheduler& scheduler = scheduler_of(Executor::current());
  return scheduler.disturbed() ? 0 : scheduler.share_price_ns();
}

}  // namespace pel::detail
