// SPDX-License-Identifier: Apache-2.0
// Where woken and started threads run. Kernels of virtual machines that pack threads onto few
// processors put such a thread on its waker's, where it waits until the waker's time slice ends:
// milliseconds, in which the waker waits for it. So the waker takes its own processor away from the
// thread, which takes it back when it runs.
#include <pthread.h>

#include <algorithm>

#include "runtime/executor/policy.hpp"
#include "runtime/executor/scheduler.hpp"

namespace pel::detail {
namespace {

// How many more wake-ups and starts are placed. Then one is left to the kernel: where it packs, the
// next kPlaced are placed again; where it does not, nothing more is paid.
constexpr int kPlaced = 1'000;
constexpr int kPlacedAtFirst = 16;
BuiltinAtomic<int> to_place{kPlacedAtFirst};

bool places() noexcept { return to_place.load(kRelaxed) > 0; }

}  // namespace

void place_wakes(int count) noexcept { to_place.store(count, kRelaxed); }

// Wakes the worker, a thread of this executor, on another processor than this one.
void Scheduler::wake(Worker& worker) noexcept {
  const int cpu = current_cpu();
  const bool placed = worker.pooled && !options_.oversubscribe && cpu >= 0 && places() &&
                      keep_off(worker.thread.load(kRelaxed), cpu);
  if (placed) {
    to_place.fetch_sub(1, kRelaxed);
    worker.kept_off.store(1, kRelaxed);
  }
  const bool slept = worker.sleeper.parker.unpark();
  // One that was awake may have looked before.
  if (placed && !slept && worker.kept_off.exchange(0, kAcqRel) != 0) {
    let_anywhere(worker.thread.load(kRelaxed));
  }
}

// The thread of this worker was woken: it may run anywhere again.
void Scheduler::wake_up(Worker& worker) noexcept {
  if (worker.kept_off.load(kRelaxed) != 0 && worker.kept_off.exchange(0, kAcqRel) != 0) {
    let_anywhere(0);
  }
}

bool Scheduler::create_thread(Worker& worker, pthread_t* thread) noexcept {
  const int cpu = current_cpu();
  if (!options_.oversubscribe && cpu >= 0 && places()) {
    worker.kept_off.store(1, kRelaxed);
    if (start_off(cpu, thread, &thread_main, &worker)) return true;
    worker.kept_off.store(0, kRelaxed);
  }
  return pthread_create(thread, nullptr, &thread_main, &worker) == 0;
}

// A thread was woken or started, and is about to look for work. If the kernel put it on the
// processor of its waker, it leaves that, late as it is: it would keep the very thread from running
// whose work it was woken for.
void Scheduler::arrive(Worker& worker) noexcept {
  if (options_.oversubscribe) return;
  wake_up(worker);
  const std::int64_t cpu = current_cpu();
  if (cpu >= 0 && cpu == waker_cpu_.load(kRelaxed) && keep_off(0, static_cast<int>(cpu))) {
    let_anywhere(0);
    place_wakes(kPlaced);
  }
  // Twice as long as usual: the machine was busy with something else.
  const std::int64_t usual = wake_ns_.load(kRelaxed);
  const std::int64_t taken = std::min(now_ns() - woken_ns_.load(kRelaxed), 2 * usual);
  wake_ns_.store(std::clamp<std::int64_t>((3 * usual + taken) / 4, 1'000, 100'000), kRelaxed);
}

}  // namespace pel::detail
