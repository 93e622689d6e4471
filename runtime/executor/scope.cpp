// SPDX-License-Identifier: Apache-2.0
// Cancellation, deadlines and the floating-point mode that tasks inherit.
#include "pel/detail/executor/scope.hpp"

#include "pel/detail/executor/cancel.hpp"
#include "runtime/executor/scheduler.hpp"

namespace pel {
namespace detail {
namespace {

// Why the scope itself, not one around it, has to stop; nullptr: it goes on.
const char* reason_to_stop(const Scope& scope) noexcept {
  if (scope.join != nullptr && scope.join->stopped()) return "an earlier branch failed";
  if (scope.cancel != nullptr && scope.cancel->flag.load(kSeqCst) != 0) return "it was cancelled";
  if (scope.deadline_ns != 0 && now_ns() >= scope.deadline_ns) return "its deadline has passed";
  return nullptr;
}

}  // namespace

void check_scope(const Scope* scope) {
  for (; scope != nullptr; scope = scope->parent) {
    if (const char* reason = reason_to_stop(*scope)) throw Cancelled(reason);
  }
}

ScopeGuard::ScopeGuard(Worker& worker, Scope& scope) noexcept
    : worker_(worker), outer_(worker.scope), mode_(float_mode()) {
  const bool was_timed = outer_ != nullptr && outer_->timed;
  worker.scope = &scope;
  if (scope.timed != was_timed) worker.deque.set_normal(worker.scheduler.normal_position(worker));
  if (scope.float_mode != mode_) set_float_mode(scope.float_mode);
}

ScopeGuard::~ScopeGuard() {
  const bool timed = worker_.scope->timed;
  worker_.scope = outer_;
  if (timed != (outer_ != nullptr && outer_->timed)) {
    worker_.deque.set_normal(worker_.scheduler.normal_position(worker_));
  }
  if (float_mode() != mode_) set_float_mode(mode_);
}

InheritedScope::InheritedScope(InheritedScope* outer, const Scope& like)
    : outer_(outer),
      cancel_(CancelRef::share(like.cancel)),
      scope_(Scope::inside(outer == nullptr ? nullptr : &outer->scope_)) {
  scope_.task = nullptr;
  scope_.kept = this;
  scope_.cancel = like.cancel;
  scope_.deadline_ns = like.deadline_ns;
  scope_.timed = scope_.timed || like.deadline_ns != 0;
  earliest_ns_ = outer == nullptr ? 0 : outer->earliest_ns_;
  const bool earlier = earliest_ns_ == 0 || like.deadline_ns < earliest_ns_;
  if (like.deadline_ns != 0 && earlier) earliest_ns_ = like.deadline_ns;
}

// Whether whatever cancels the scope cancels this: tasks that spawn the next in a scope of their
// own keep no growing chain.
bool InheritedScope::covers(const Scope& scope) const noexcept {
  if (scope.deadline_ns != 0 && (earliest_ns_ == 0 || earliest_ns_ > scope.deadline_ns)) {
    return false;
  }
  if (scope.cancel == nullptr) return true;
  for (const InheritedScope* at = this; at != nullptr; at = at->outer_) {
    if (at->scope_.cancel == scope.cancel) return true;
  }
  return false;
}

InheritedScope* InheritedScope::of(const Scope* scope) {
  while (scope != nullptr && scope->kept == nullptr && scope->cancel == nullptr &&
         scope->deadline_ns == 0) {
    scope = scope->parent;
  }
  if (scope == nullptr) return nullptr;
  if (scope->kept != nullptr) {
    scope->kept->hold();
    return scope->kept;
  }
  InheritedScope* outer = of(scope->parent);
  if (outer != nullptr && outer->covers(*scope)) return outer;
  return new InheritedScope(outer, *scope);
}

std::int64_t deadline_after(double wait_s) noexcept {
  constexpr double kLongest = 1e9;  // 30 years
  const double bounded = wait_s < kLongest ? wait_s : kLongest;
  const std::int64_t at = now_ns() + static_cast<std::int64_t>(bounded * 1e9);
  return at > 0 ? at : 1;
}

void run_in_scope(CancelState* cancel, std::int64_t deadline_ns, FunctionRef body) {
  Worker* worker = current_worker;
  if (worker == nullptr) {
    auto inside = [&] { run_in_scope(cancel, deadline_ns, body); };
    return run_in_default(FunctionRef(inside));
  }
  Scope scope = Scope::inside(worker->scope);
  scope.cancel = cancel;
  scope.deadline_ns = deadline_ns;
  scope.timed = scope.timed || deadline_ns != 0;
  scope.float_mode = float_mode();
  ScopeGuard guard(*worker, scope);
  check_scope(&scope);
  body();
}

void cancel_flag(CancelFlag& flag) noexcept {
  flag.store(1, kSeqCst);
  each_scheduler(
      [](Scheduler& scheduler, void*) { scheduler.ask_all(decltype(Worker::deque)::kAttention); },
      nullptr);
}

}  // namespace detail

Cancelled::Cancelled(const char* reason) : Error("pel", reason) {}

void check_cancel() {
  if (detail::current_worker != nullptr) detail::check_scope(detail::current_worker->scope);
}

}  // namespace pel
