// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include "pel/detail/executor/atomics.hpp"
#include "pel/detail/executor/parker.hpp"

namespace pel::detail::spec {

// Mutants that the tests plant in the shipped headers (docs/design/speculation.md); the shipped
// policy has none.
enum class Bug {
  kNone,
  kNoValidation,      // an attempt that was hit commits all the same
  kLostPush,          // a write does not look for readers that it makes stale
  kStaleRead,         // a read registers after it has let go of the cell
  kCommitOutOfOrder,  // what was executed is committed before earlier attempts
  kNoTokenRecheck,    // the committer leaves without looking again
  kNoWaitRecheck,     // a waiter lists itself without looking whether it still has to wait
  kAddTwice,          // a committed addition stays among the versions
  kPredicateTrusted,  // the outcome of a predicate is not looked at again
  kNoRetract,         // versions of an aborted run keep their values
  kWrongIncarnation,  // a late hit on an old run strikes the new one
  kKeepsOldWrites,    // what only an earlier run wrote stays
  kBlindToOwnWrites,  // an attempt does not see what it wrote itself
  kErrorUnvalidated,  // an error ends the run although its attempt was stale
  kTornPublish,       // consistent_reads: writes become visible one by one
  kHiddenUnseen,      // consistent_reads: a strike does not look through hidden versions
  kShownBeforeRun,    // consistent_reads: a doomed run's writes become visible for a moment
  kDoorAjar,          // a helper looks whether it may come in before it counts itself
};

// The atomics policy of the executor with the planted bug of this module.
struct Atomics : RealAtomics {
  static constexpr Bug kSpecBug = Bug::kNone;
};

void yield_processor() noexcept;

// A lock of one word for a few instructions at a time. Its release is a plain store: a waiter spins
// and, when the holder seems to have lost its processor, gives up its own.
template <class P>
class CellLock {
 public:
  void lock() noexcept {
    while (word_.exchange(1, kAcquire) != 0) {
      for (int spins = 0; word_.load(kRelaxed) != 0; ++spins) {
        P::pause();
        if constexpr (std::is_base_of_v<RealAtomics, P>) {
          if (spins > 100) yield_processor();
        }
      }
    }
  }
  void unlock() noexcept { word_.store(0, kRelease); }

 private:
  typename P::template Atomic<std::uint32_t> word_{0};
};

}  // namespace pel::detail::spec
