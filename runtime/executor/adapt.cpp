// SPDX-License-Identifier: Apache-2.0
// What the machine grants, re-read while the executor lives: affinity, cpusets and quotas change.
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pel/resources.hpp"
#include "runtime/executor/policy.hpp"
#include "runtime/executor/scheduler.hpp"
#include "runtime/resources/usable_cores.hpp"

namespace pel::detail {
namespace {

constexpr std::int64_t kLookNs = 1'000'000'000;

// Never freed: whoever reads it may be anywhere, also in the child of a fork().
struct MachineRoot {
  std::string path;
  const MachineRoot* previous;
};
BuiltinAtomic<const MachineRoot*> machine_root{nullptr};

}  // namespace

void set_machine_root(const std::string& path) {
  machine_root.store(new MachineRoot{path, machine_root.load(kAcquire)}, kRelease);
}

void look_at_machine(Executor& executor) { scheduler_of(executor).adapt(); }
int permits_now(Executor& executor) noexcept { return scheduler_of(executor).allowed(); }

resources::CoreCount cores_of_machine() {
  if (const MachineRoot* root = machine_root.load(kAcquire))
    return resources::count_cores(root->path, {});
  static const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
  return {usable_cores(), static_cast<int>(online)};
}

void Scheduler::look_at_machine(std::int64_t now) noexcept {
  if (!adapts()) return;
  std::int64_t seen = looked_ns_.load(kRelaxed);
  if (now - seen < kLookNs || !looked_ns_.compare_exchange(seen, now, kAcqRel)) return;
  adapt();
}

// The cores that any of the executor's threads, or the calling one, may use: a program may pin each
// worker to a core of its own.
void Scheduler::adapt() noexcept {
  if (!adapts()) return;
  Guard guard(adapting_);  // what was read last counts last
  int allowed = 0;
  try {
    std::vector<int> threads = {::gettid()};
    for (std::uint32_t i = 0; i < roster_size(); ++i) {
      if (const int thread = worker_at(i)->thread.load(kRelaxed)) threads.push_back(thread);
    }
    const MachineRoot* root = machine_root.load(kAcquire);
    const auto cores = resources::count_cores(root == nullptr ? "/" : root->path, threads);
    allowed = std::clamp(cores.usable, 1, permits_);
  } catch (...) {
    return;  // no memory: as before
  }
  if (allowed_.exchange(allowed, kAcqRel) == allowed) return;
  if (gate_.limit(allowed)) {
    ask_for_work();
    if (has_work()) notify();
  } else {
    gate_.each_idle([](auto& sleeper) { sleeper.parker.unpark(); });  // one becomes the lookout
  }
}

// While permits are withheld, one idle thread looks now and then whether they are granted again:
// the ones that run may have no reason to.
void Scheduler::park_idle(Parker<RealAtomics>& parker) noexcept {
  if (gate_.limited() == 0 || has_lookout_.exchange(1, kAcqRel) != 0) return parker.park();
  const bool unparked = parker.park_for(kLookNs);
  has_lookout_.store(0, kRelease);
  if (!unparked) look_at_machine(now_ns());
}

}  // namespace pel::detail
