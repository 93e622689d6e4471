// SPDX-License-Identifier: Apache-2.0
#include "ledger/evm/region.hpp"

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "pel/error.hpp"

namespace pel::evm {

namespace {
constexpr std::uintptr_t kPage = 4096;

// A process has many machines, of which each may take this share of a limit on its addresses.
constexpr std::uint64_t kShare = 64;

std::size_t fair_size(std::size_t bytes, std::size_t smallest) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return bytes;
  return std::clamp<std::uint64_t>(limit.rlim_cur / kShare, smallest, bytes);
}
}  // namespace

Region::Region(std::size_t bytes, std::size_t smallest) {
  for (size_ = fair_size(bytes, smallest);; size_ /= 2) {
    void* const at = mmap(nullptr, size_, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at != MAP_FAILED) {
      begin_ = static_cast<std::uint8_t*>(at);
      return;
    }
    if (size_ / 2 < smallest) break;
  }
  throw Error("EVM memory", "cannot reserve " + std::to_string(size_) + " bytes of addresses",
              "raise the limit on virtual memory");
}

Region::~Region() { munmap(begin_, size_); }

void Region::release(std::uint8_t* from) noexcept {
  const auto first = (reinterpret_cast<std::uintptr_t>(from) + kPage - 1) & ~(kPage - 1);
  auto* const page = reinterpret_cast<std::uint8_t*>(first);
  if (page < end()) madvise(page, static_cast<std::size_t>(end() - page), MADV_DONTNEED);
}

}  // namespace pel::evm
