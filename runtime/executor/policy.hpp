// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <source_location>
#include <string>

#include "pel/detail/executor/worker.hpp"

namespace pel::detail {

// Called on the executor's slow paths (a steal, a task of a group, a sleep), never per fork. `what`
// is a string literal, `where` the line that made a task, or null. Must not throw.
struct TraceHooks {
  void (*begin)(void* self, int worker, const char* what,
                const std::source_location* where) = nullptr;
  void (*end)(void* self, int worker, const char* what) = nullptr;
  void* self = nullptr;
};

// Installs hooks that stay valid until the next call; nullptr for none. Spans that are open end
// with the hooks they began with.
void set_trace_hooks(const TraceHooks* hooks) noexcept;
const TraceHooks* trace_hooks() noexcept;

// Where executors read what the machine grants: "/", until tests name another root. Executors read
// it when they are made and about once a second while they run; the second call reads at once.
void set_machine_root(const std::string& path);
void look_at_machine(Executor& executor);
// How many threads of the executor may run at once now.
int permits_now(Executor& executor) noexcept;

// The next so many wake-ups keep the woken thread off its waker's processor, whether the kernel
// would put it there or not.
void place_wakes(int count) noexcept;

class TraceSpan {
 public:
  TraceSpan(const Worker& worker, const char* what,
            const std::source_location* where = nullptr) noexcept
      : hooks_(trace_hooks()), worker_(worker.index), what_(what) {
    if (hooks_ != nullptr) hooks_->begin(hooks_->self, worker_, what_, where);
  }
  ~TraceSpan() {
    if (hooks_ != nullptr) hooks_->end(hooks_->self, worker_, what_);
  }
  TraceSpan(const TraceSpan&) = delete;
  TraceSpan& operator=(const TraceSpan&) = delete;

 private:
  const TraceHooks* hooks_;
  int worker_;
  const char* what_;
};

}  // namespace pel::detail
