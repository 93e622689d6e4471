// SPDX-License-Identifier: Apache-2.0
// The shelf's classes over the scheduler, and what fork(), exit() and dlclose() do to them.
#include "pel/executor.hpp"

#include <pthread.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "pel/detail/base/check.hpp"
#include "runtime/executor/counters.hpp"
#include "runtime/executor/group.hpp"
#include "runtime/executor/policy.hpp"
#include "runtime/executor/scheduler.hpp"

namespace pel {
namespace detail {
namespace {

BuiltinAtomic<const TraceHooks*> installed_hooks{nullptr};

// All schedulers of the process. Leaked: executors with static lifetime end after anything else.
struct Registry {
  std::mutex default_mutex;  // locked first: no fork() may find the default executor half made
  std::mutex mutex;
  std::vector<Scheduler*> schedulers;
  std::vector<Scheduler*> abandoned;  // by fork(): open calls of the child may refer to them
};

Registry& registry() {
  static auto* instance = new Registry;
  return *instance;
}

void before_fork() {
  registry().default_mutex.lock();
  registry().mutex.lock();
}
void after_fork_in_parent() {
  registry().mutex.unlock();
  registry().default_mutex.unlock();
}

void after_fork_in_child() {
  current_worker = nullptr;
  for (Scheduler*& scheduler : registry().schedulers) {
    Executor& executor = scheduler->executor();
    registry().abandoned.push_back(scheduler);
    scheduler = scheduler->abandon();
    replace_scheduler(executor, *scheduler);
  }
  after_fork_in_parent();
}

int workers_from_environment() {
  const char* text = std::getenv("PEL_WORKERS");
  if (text == nullptr || *text == '\0') return -1;
  int workers = 0;
  const char* end = text + std::strlen(text);
  const auto [parsed, error] = std::from_chars(text, end, workers);
  if (error != std::errc{} || parsed != end || workers < 0) {
    throw Error("PEL_WORKERS", "\"" + std::string(text) + "\" is not a number of workers",
                "give 0 or more, or leave it out for all usable cores");
  }
  return workers;
}

// Ends the default executor's idle threads at exit and at dlclose(). The executor itself stays:
// code that runs later still finds one, without threads. A task that goes on for longer than this
// is left to the end of the process; dlclose() must not be called while one runs.
class DefaultExecutor {
 public:
  DefaultExecutor() : executor_(new Executor(options())) {}
  ~DefaultExecutor() { scheduler_of(*executor_).stop_threads(kWaitNs); }
  DefaultExecutor(const DefaultExecutor&) = delete;
  DefaultExecutor& operator=(const DefaultExecutor&) = delete;
  Executor& get() noexcept { return *executor_; }

 private:
  static constexpr std::int64_t kWaitNs = 200'000'000;
  static ExecutorOptions options() {
    ExecutorOptions options;
    options.workers = workers_from_environment();
    return options;
  }
  Executor* executor_;
};

BuiltinAtomic<Executor*> default_made{nullptr};

Executor& default_executor() {
  if (Executor* made = default_made.load(kAcquire)) return *made;
  std::lock_guard lock(registry().default_mutex);
  static DefaultExecutor executor;
  default_made.store(&executor.get(), kRelease);
  return executor.get();
}

}  // namespace

void set_trace_hooks(const TraceHooks* hooks) noexcept { installed_hooks.store(hooks, kRelease); }
const TraceHooks* trace_hooks() noexcept { return installed_hooks.load(kAcquire); }

void each_scheduler(void (*visit)(Scheduler&, void*), void* argument) {
  std::lock_guard lock(registry().mutex);
  for (Scheduler* scheduler : registry().schedulers) visit(*scheduler, argument);
}

bool if_alive(Scheduler& scheduler, void (*act)(void*), void* argument) {
  std::lock_guard lock(registry().mutex);
  const std::vector<Scheduler*>& all = registry().schedulers;
  if (std::find(all.begin(), all.end(), &scheduler) == all.end()) return false;
  act(argument);
  return true;
}

void register_scheduler(Scheduler& scheduler) {
  static const int once = pthread_atfork(&before_fork, &after_fork_in_parent, &after_fork_in_child);
  static_cast<void>(once);
  std::lock_guard lock(registry().mutex);
  registry().schedulers.push_back(&scheduler);
}

void unregister_scheduler(Scheduler& scheduler) noexcept {
  std::lock_guard lock(registry().mutex);
  std::erase(registry().schedulers, &scheduler);
}

Scheduler& scheduler_of(Executor& executor) noexcept { return *executor.scheduler_; }
void replace_scheduler(Executor& executor, Scheduler& scheduler) noexcept {
  executor.scheduler_ = &scheduler;
}

std::vector<Counters> counters_per_worker(const Executor& executor) {
  Scheduler& scheduler = scheduler_of(const_cast<Executor&>(executor));
  std::vector<Counters> all(scheduler.roster_size());
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    add_counters(all[i], scheduler.worker_at(i)->counters);
  }
  return all;
}

BlockingRegion::BlockingRegion() noexcept : worker_(current_worker) {
  if (worker_ != nullptr) worker_->scheduler.begin_blocking(*worker_);
}

BlockingRegion::~BlockingRegion() {
  if (worker_ != nullptr) worker_->scheduler.end_blocking(*worker_);
}

}  // namespace detail

Executor::Executor(ExecutorOptions options)
    : scheduler_(new detail::Scheduler(*this, std::move(options))) {
  detail::register_scheduler(*scheduler_);
}

Executor::~Executor() {
  // exit() called by a task: its own stack cannot be waited for, and the process ends.
  if (detail::current_worker != nullptr && &detail::current_worker->scheduler == scheduler_) return;
  detail::unregister_scheduler(*scheduler_);
  delete scheduler_;
}

int Executor::workers() const noexcept { return scheduler_->workers(); }
Counters Executor::counters() const { return scheduler_->counters(); }

Executor& Executor::current() {
  if (detail::current_worker != nullptr) return detail::current_worker->scheduler.executor();
  return detail::default_executor();
}

void Executor::run_body(detail::FunctionRef body) {
  detail::Worker* worker = detail::current_worker;
  if (worker != nullptr && &worker->scheduler == scheduler_) return body();
  const std::uint32_t mode = detail::float_mode();
  detail::EnterGuard guard(*scheduler_);
  detail::Scope scope = detail::Scope::inside(worker == nullptr ? nullptr : worker->scope);
  scope.float_mode = mode;
  detail::ScopeGuard inside(guard.worker(), scope);
  body();
}

int worker_index() noexcept {
  return detail::current_worker == nullptr ? -1 : detail::current_worker->index;
}

int worker_limit() noexcept {
  return std::max(1, detail::scheduler_of(Executor::current()).permits());
}

TaskGroup::TaskGroup(TaskPriority priority)
    : core_(new detail::GroupCore(
          detail::scheduler_of(Executor::current()),
          detail::current_worker == nullptr ? nullptr : detail::current_worker->scope, priority)) {}

TaskGroup::~TaskGroup() {
  core_->finish_all();
  core_->drop();
}

void TaskGroup::add(detail::TaskNode* node) { core_->spawn(*node); }
void TaskGroup::wait() { core_->wait(); }
void TaskGroup::cancel() noexcept { core_->cancel(); }

}  // namespace pel
