// SPDX-License-Identifier: Apache-2.0
#include "pel/executor.hpp"

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace pel {
namespace detail {

class Scheduler {
 public:
  Scheduler(Executor* owner, ExecutorOptions options)
      : executor(owner), options_(std::move(options)) {
    workers = options_.workers;
    if (workers < 0) workers = static_cast<int>(std::thread::hardware_concurrency());
    for (int i = 1; i < workers; ++i) threads_.emplace_back([this, i] { work(i); });
  }
  ~Scheduler() {
    {
      std::lock_guard lock(mutex);
      stop_ = true;
    }
    wake.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  void work(int index);

  Executor* executor;
  int workers;
  std::mutex mutex;
  std::mutex caller;
  std::condition_variable wake, done;
  std::deque<Job*> jobs;
  std::size_t hungry = 0;

 private:
  ExecutorOptions options_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

namespace {

thread_local Scheduler* current_scheduler = nullptr;
thread_local int current_index = -1;

}  // namespace

void Scheduler::work(int index) {
  current_scheduler = this;
  current_index = index;
  if (options_.on_thread_start) options_.on_thread_start(index);
  std::unique_lock lock(mutex);
  while (true) {
    __atomic_add_fetch(&hungry, 1, __ATOMIC_RELAXED);
    wake.wait(lock, [&] { return stop_ || !jobs.empty(); });
    __atomic_sub_fetch(&hungry, 1, __ATOMIC_RELAXED);
    if (stop_) break;
    Job* job = jobs.front();
    jobs.pop_front();
    job->state = 1;
    lock.unlock();
    try {
      job->run(job);
    } catch (...) {
      job->error = std::current_exception();
    }
    lock.lock();
    job->state = 2;
    done.notify_all();
  }
  lock.unlock();
  if (options_.on_thread_stop) options_.on_thread_stop(index);
}

bool fork_push(Job* job) {
  Scheduler* scheduler = current_scheduler;
  if (scheduler->workers <= 1) return false;
  std::lock_guard lock(scheduler->mutex);
  scheduler->jobs.push_back(job);
  scheduler->wake.notify_one();
  return true;
}

bool fork_take_back(Job* job) {
  Scheduler* scheduler = current_scheduler;
  std::lock_guard lock(scheduler->mutex);
  if (job->state != 0) return false;
  for (auto it = scheduler->jobs.end(); it != scheduler->jobs.begin();) {
    if (*--it == job) {
      scheduler->jobs.erase(it);
      return true;
    }
  }
  return false;
}

void fork_wait(Job* job) {
  Scheduler* scheduler = current_scheduler;
  std::unique_lock lock(scheduler->mutex);
  scheduler->done.wait(lock, [&] { return job->state == 2; });
}

bool inside() noexcept { return current_scheduler != nullptr; }

bool split_wanted() noexcept {
  return current_scheduler != nullptr &&
         __atomic_load_n(&current_scheduler->hungry, __ATOMIC_RELAXED) > 0;
}

void run_in_default(FunctionRef body) {
  Executor::current().run([&] { body(); });
}

}  // namespace detail

Executor::Executor(ExecutorOptions options)
    : scheduler_(new detail::Scheduler(this, std::move(options))) {}
Executor::~Executor() { delete scheduler_; }
int Executor::workers() const noexcept { return scheduler_->workers; }
Counters Executor::counters() const { return {}; }

Executor& Executor::current() {
  if (detail::current_scheduler != nullptr) return *detail::current_scheduler->executor;
  static Executor executor([] {
    ExecutorOptions options;
    if (const char* text = std::getenv("PEL_WORKERS")) options.workers = std::atoi(text);
    return options;
  }());
  return executor;
}

void Executor::run_body(detail::FunctionRef body) {
  if (detail::current_scheduler == scheduler_) return body();
  std::lock_guard lock(scheduler_->caller);
  auto* outer = std::exchange(detail::current_scheduler, scheduler_);
  int index = std::exchange(detail::current_index, 0);
  struct Restore {
    detail::Scheduler* outer;
    int index;
    ~Restore() {
      detail::current_scheduler = outer;
      detail::current_index = index;
    }
  } restore{outer, index};
  body();
}

int worker_index() noexcept { return detail::current_index; }
int worker_limit() noexcept {
  int workers = Executor::current().workers();
  return workers > 1 ? workers : 1;
}

Cancelled::Cancelled(const char* reason) : Error("pel", reason) {}
void check_cancel() {}

}  // namespace pel
