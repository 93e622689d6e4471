// SPDX-License-Identifier: Apache-2.0
#include "pel/detail/loops/room.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "pel/detail/loops/buffer.hpp"

namespace pel::detail {
namespace {

TEST(Room, BlocksDoNotOverlapWhateverTheirSizes) {
  struct Taken {
    unsigned char* data;
    std::size_t bytes;
    unsigned char mark;
  };
  const auto is_intact = [](const Taken& block) {
    for (std::size_t i = 0; i < block.bytes; i += 511) {
      if (block.data[i] != block.mark) return false;
    }
    return block.data[block.bytes - 1] == block.mark;
  };
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      std::vector<Taken> taken;
      for (unsigned round = 0; round < 100; ++round) {
        const std::size_t bytes = kLeastRoom + (round * 7919 + t * 104'729) % (3u << 20);
        const auto mark = static_cast<unsigned char>(round + 85 * t);
        auto* const data = static_cast<unsigned char*>(take_room(bytes));
        ASSERT_EQ(reinterpret_cast<std::size_t>(data) % 4096, 0u);
        std::memset(data, mark, bytes);
        taken.push_back({data, bytes, mark});
        if (taken.size() < 10) continue;
        const std::size_t out = round * 31 % taken.size();
        ASSERT_TRUE(is_intact(taken[out])) << taken[out].bytes;
        give_room(taken[out].data, taken[out].bytes);
        taken.erase(taken.begin() + static_cast<std::ptrdiff_t>(out));
      }
      for (const Taken& block : taken) {
        ASSERT_TRUE(is_intact(block)) << block.bytes;
        give_room(block.data, block.bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Room, MoreThanThereCanBeIsAnError) {
  EXPECT_THROW(take_objects<double>(~std::size_t{0} / 4), std::bad_alloc);
  EXPECT_THROW(take_room(~std::size_t{0} / 2 + 1), std::bad_alloc);
}

TEST(Room, IsOpenInTheChildOfAFork) {
  RoomVector<int> before(100'000, 1);
  const pid_t child = ::fork();
  if (child == 0) {
    const RoomVector<int> mine(100'000, 2);
    ::_exit(mine.back() + before.back() == 3 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

struct Counted {
  static inline int alive = 0;
  static inline int left = 0;
  Counted() {
    if (left-- == 0) throw std::string("no more");
    ++alive;
  }
  Counted(const Counted&) = delete;
  ~Counted() { --alive; }
};

TEST(Room, BuffersMakeAndDestroyTheirElements) {
  const Buffer<int> zeros(20'000);
  for (std::size_t i = 0; i < 20'000; ++i) ASSERT_EQ(zeros[i], 0);
  Counted::left = 30'000;
  {
    const Buffer<Counted> all(30'000);
    EXPECT_EQ(Counted::alive, 30'000);
  }
  EXPECT_EQ(Counted::alive, 0);
  Counted::left = 10'000;
  EXPECT_THROW(Buffer<Counted>(30'000), std::string);
  EXPECT_EQ(Counted::alive, 0);
  struct alignas(64) Line {
    double value;
  };
  const Buffer<Line> lines(3);
  EXPECT_EQ(reinterpret_cast<std::size_t>(lines.data()) % 64, 0u);
}

}  // namespace
}  // namespace pel::detail
