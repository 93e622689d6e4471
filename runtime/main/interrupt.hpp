// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace pel::runtime {

// Ctrl-C (and SIGTERM) and the deadline of one program run, from construction to destruction; one
// at a time in a process.
//
// The first signal calls on_stop, once, in a thread of this class: the computation is asked to end.
// If it has not ended two seconds later, or at a second signal, the process exits at once: outputs
// are only ever written inside a Protected section, which is always finished first.
class Interrupt {
 public:
  // deadline_s: seconds from now, 0 for none.
  Interrupt(std::string name, double deadline_s, std::function<void()> on_stop);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  static bool interrupted() noexcept;  // a signal came
  static bool deadline_passed() noexcept;
  static bool stopping() noexcept { return interrupted() || deadline_passed(); }
  static int exit_code() noexcept;  // 130 for Ctrl-C, 143 for SIGTERM

  // While one lives, no signal ends the process.
  class Protected {
   public:
    Protected() noexcept;
    ~Protected();
    Protected(const Protected&) = delete;
    Protected& operator=(const Protected&) = delete;
  };

 private:
  struct Watcher;
  Watcher* watcher_;
};

}  // namespace pel::runtime
