// SPDX-License-Identifier: Apache-2.0
#include "pel/detail/loops/room.hpp"

#include <sys/mman.h>

#include <atomic>
#include <bit>

#if defined(__SANITIZE_ADDRESS__)
#define PEL_KEEPS_ROOM 0  // who writes beyond a block or after its end shall be seen
#else
#define PEL_KEEPS_ROOM 1
#endif

namespace pel::detail {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{1} << 21;

// What is really taken for a block, so that blocks of about one size can stand for each other: a
// power of two or one of the three quarters up to the next, in whole pages, in huge ones from half
// of one on.
std::size_t taken_bytes(std::size_t bytes) {
  if (bytes > ~std::size_t{0} / 2) throw std::bad_alloc();
  const std::size_t page = bytes >= kHugePage / 2 ? kHugePage : kPage;
  std::size_t step = std::bit_ceil(bytes) / 8;
  if (step < page) step = page;
  return (bytes + step - 1) / step * step;
}

#if PEL_KEEPS_ROOM
void* map(std::size_t bytes) {
  const bool huge = bytes >= kHugePage;
  const std::size_t spare = huge ? kHugePage - kPage : 0;  // to begin at a huge page
  void* const area =
      ::mmap(nullptr, bytes + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) throw std::bad_alloc();
  if (!huge) return area;
  char* const begin = static_cast<char*>(area);
  const std::size_t skipped = -reinterpret_cast<std::size_t>(begin) % kHugePage;
  if (skipped != 0) ::munmap(begin, skipped);
  if (skipped != spare) ::munmap(begin + skipped + bytes, spare - skipped);
  // May be refused: then the pages are small.
  ::madvise(begin + skipped, bytes, MADV_HUGEPAGE);
  return begin + skipped;
}

struct Block {
  void* data = nullptr;
  std::size_t bytes = 0;
};

// The blocks that are kept, the oldest first. Whoever finds it busy goes to the system, so nobody
// waits, not even in the child of a fork() in which the holder does not exist.
class Kept {
 public:
  static constexpr std::size_t kBlocks = 256;
  static constexpr std::size_t kBytes = std::size_t{32} << 20;

  constexpr Kept() = default;
  ~Kept() {
    // Threads that still run at exit find it busy.
    if (busy_.exchange(true, std::memory_order_acquire)) return;
    while (count_ > 0) drop_oldest();
  }

  // The block of that size that was given last; nullptr if there is none.
  void* take(std::size_t bytes) noexcept {
    if (busy_.exchange(true, std::memory_order_acquire)) return nullptr;
    std::size_t at = count_;
    while (at > 0 && blocks_[at - 1].bytes != bytes) --at;
    void* const data = at == 0 ? nullptr : remove(at - 1).data;
    busy_.store(false, std::memory_order_release);
    return data;
  }

  // False: it is not kept.
  bool give(Block block) noexcept {
    if (block.bytes > kBytes || busy_.exchange(true, std::memory_order_acquire)) return false;
    while (count_ == kBlocks || bytes_ + block.bytes > kBytes) drop_oldest();
    blocks_[count_++] = block;
    bytes_ += block.bytes;
    busy_.store(false, std::memory_order_release);
    return true;
  }

 private:
  Block remove(std::size_t at) noexcept {
    const Block block = blocks_[at];
    for (--count_; at < count_; ++at) blocks_[at] = blocks_[at + 1];
    bytes_ -= block.bytes;
    return block;
  }
  void drop_oldest() noexcept {
    const Block block = remove(0);
    ::munmap(block.data, block.bytes);
  }

  std::atomic<bool> busy_{false};
  std::size_t count_ = 0, bytes_ = 0;
  Block blocks_[kBlocks] = {};
};

constinit Kept kept;
#endif

}  // namespace

void* take_room(std::size_t bytes) {
  const std::size_t taken = taken_bytes(bytes);
#if PEL_KEEPS_ROOM
  void* const block = kept.take(taken);
  return block != nullptr ? block : map(taken);
#else
  static_cast<void>(taken);
  return ::operator new(bytes, std::align_val_t{kPage});
#endif
}

void give_room(void* block, std::size_t bytes) noexcept {
#if PEL_KEEPS_ROOM
  const std::size_t taken = taken_bytes(bytes);
  if (!kept.give({block, taken})) ::munmap(block, taken);
#else
  static_cast<void>(bytes);
  ::operator delete(block, std::align_val_t{kPage});
#endif
}

}  // namespace pel::detail
