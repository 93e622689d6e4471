// SPDX-License-Identifier: Apache-2.0
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "bench/contender.hpp"
#include "bench/measure.hpp"
#include "pel/executor.hpp"

// Waking a parked worker: from just before the fork to the stolen branch's first instruction,
// against a thread that waits on a bare futex. Both sides sleep first until everyone is parked.
// "futex" runs where the kernel puts it: kernels that pack threads run it on the waker's processor,
// in the waker's place. "futex_apart" runs on another, beside its waker, as pel's workers do.
namespace pel::bench {
namespace {

constexpr auto kUntilParked = std::chrono::milliseconds(3);

std::uint64_t pel_wake_ns(Executor& executor) {
  return executor.run([] {
    std::this_thread::sleep_for(kUntilParked);
    std::atomic<std::uint64_t> started_ns{0};
    const std::uint64_t start = now_ns();
    const auto left = [&] {
      while (started_ns.load(std::memory_order_acquire) == 0) {
      }
    };
    invoke(left, [&] { started_ns.store(now_ns(), std::memory_order_release); });
    return started_ns.load(std::memory_order_relaxed) - start;
  });
}

class FutexThread {
 public:
  FutexThread() : thread_([this] { serve(); }) {}
  ~FutexThread() {
    stop_.store(true);
    wake();
    thread_.join();
  }
  FutexThread(const FutexThread&) = delete;
  FutexThread& operator=(const FutexThread&) = delete;

  // apart: on another processor than the caller's; else where the kernel puts it.
  std::uint64_t wake_ns(bool apart) {
    std::this_thread::sleep_for(kUntilParked);
    if (apart) keep_off_this_cpu();
    started_ns_.store(0);
    const std::uint64_t start = now_ns();
    wake();
    while (started_ns_.load(std::memory_order_acquire) == 0) {
    }
    return started_ns_.load(std::memory_order_relaxed) - start;
  }

 private:
  void keep_off_this_cpu() {
    cpu_set_t others;
    ::sched_getaffinity(0, sizeof others, &others);
    const auto own = static_cast<std::size_t>(::sched_getcpu());
    if (CPU_COUNT(&others) > 1) CPU_CLR(own, &others);
    ::pthread_setaffinity_np(thread_.native_handle(), sizeof others, &others);
  }
  void wake() {
    word_.fetch_add(1);
    ::syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
  void serve() {
    std::uint32_t seen = 0;
    for (;;) {
      while (word_.load() == seen) {
        ::syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
      }
      started_ns_.store(now_ns(), std::memory_order_release);
      if (stop_.load()) return;
      ++seen;
    }
  }

  std::atomic<std::uint32_t> word_{0};
  std::atomic<std::uint64_t> started_ns_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

const bool added =
    add({"wakeup", "pel",
         [](std::uint64_t, int workers) -> Body {
           const ExecutorOptions options{.workers = std::max(workers, 2)};
           return
               [executor = std::make_shared<Executor>(options)] { return pel_wake_ns(*executor); };
         },
         true}) &&
    add({"wakeup", "futex",
         [](std::uint64_t, int) -> Body {
           return [peer = std::make_shared<FutexThread>()] { return peer->wake_ns(false); };
         },
         true}) &&
    add({"wakeup", "futex_apart",
         [](std::uint64_t, int) -> Body {
           return [peer = std::make_shared<FutexThread>()] { return peer->wake_ns(true); };
         },
         true});

}  // namespace
}  // namespace pel::bench
