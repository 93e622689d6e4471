// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/detail/speculation/policy.hpp"

namespace pel::detail::spec {

// Where one thread sleeps until there is something to do. It says that it sleeps, then looks again;
// who makes something to do looks whether it sleeps afterwards. All of that is sequentially
// consistent, so one of the two sees the other.
template <class P>
class Rest {
 public:
  bool is_taken() const noexcept { return taken_.load(kRelaxed) != 0; }
  // For the one thread. Sleeps until somebody wakes it, unless there is something to do.
  template <class SomethingToDo>
  void take(SomethingToDo something_to_do) noexcept {
    taken_.store(1, kSeqCst);
    if (!something_to_do()) parker_.park();
    taken_.store(0, kSeqCst);
  }
  void wake() noexcept {
    if (taken_.load(kSeqCst) != 0 && taken_.exchange(0, kSeqCst) != 0) parker_.unpark();
  }

 private:
  typename P::template Atomic<std::uint32_t> taken_{0};
  Parker<P> parker_;
};

}  // namespace pel::detail::spec
