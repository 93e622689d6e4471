// SPDX-License-Identifier: Apache-2.0
// Random programs of forks, groups and spawned tasks: their result, or their first error, is the
// one of the run without threads, for any worker count and schedule.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "pel/executor.hpp"
#include "tests/support/sanitized.hpp"

namespace {

using Kind = pel::Schedule::Kind;

struct Failure {
  std::uint64_t node;
};

std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9U;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

// A program is a function of its seed: what each node does follows from its hash.
class Program {
 public:
  Program(std::uint64_t seed, bool fails) : seed_(seed), fails_(fails) {}

  std::string run() const {
    try {
      return "result " + std::to_string(node(seed_, 9));
    } catch (const Failure& failure) {
      return "failure " + std::to_string(failure.node);
    }
  }

 private:
  std::uint64_t node(std::uint64_t id, int depth) const {
    const std::uint64_t draw = mix(id);
    if (fails_ && draw % 97 == 0) throw Failure{id};
    if (depth == 0 || draw % 11 == 0) return leaf(draw);
    switch (draw / 128 % 5) {
      case 0:
      case 1:
        return forked(id, depth);
      case 2:
        return grouped(id, depth);
      case 3:
        return spawned(id, depth);
      default:
        return nested(id, depth);
    }
  }

  static std::uint64_t leaf(std::uint64_t draw) {
    std::uint64_t x = draw;
    for (std::uint64_t i = 0; i < draw % 64; ++i) x = mix(x + i);
    return x;
  }

  std::uint64_t forked(std::uint64_t id, int depth) const {
    std::uint64_t a = 0, b = 0, c = 0;
    pel::invoke([&] { a = node(mix(id + 1), depth - 1); },
                [&] { b = node(mix(id + 2), depth - 1); },
                [&] { c = node(mix(id + 3), depth - 2 < 0 ? 0 : depth - 2); });
    return mix(a + 3 * b + 5 * c);
  }

  std::uint64_t grouped(std::uint64_t id, int depth) const {
    std::vector<std::uint64_t> parts(mix(id) % 4 + 1);
    pel::TaskGroup group;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      group.run([this, &parts, i, id, depth] { parts[i] = node(mix(id + i), depth - 1); });
    }
    group.wait();
    return fold(parts);
  }

  // Tasks that spawn into the group they run in.
  std::uint64_t nested(std::uint64_t id, int depth) const {
    std::vector<std::uint64_t> parts(6);
    pel::TaskGroup group;
    for (std::size_t i = 0; i < 3; ++i) {
      group.run([&, i] {
        group.run([&, i] { parts[2 * i] = node(mix(id + 2 * i), depth - 1); });
        parts[2 * i + 1] = node(mix(id + 2 * i + 1), depth > 3 ? depth - 3 : 0);
      });
    }
    group.wait();
    return fold(parts);
  }

  std::uint64_t spawned(std::uint64_t id, int depth) const {
    auto first = pel::spawn([=, this] { return node(mix(id + 7), depth - 1); });
    auto second = pel::spawn([=, this] {
                    return node(mix(id + 8), depth - 1);
                  }).then([](std::uint64_t x) { return mix(x); });
    auto both = pel::when_all(std::move(first), std::move(second));
    const auto [a, b] = both.get();
    return mix(a ^ (b << 1));
  }

  static std::uint64_t fold(const std::vector<std::uint64_t>& parts) {
    std::uint64_t sum = 1;
    for (std::uint64_t part : parts) sum = mix(sum * 31 + part);
    return sum;
  }

  std::uint64_t seed_;
  bool fails_;
};

std::string run_with(const Program& program, int workers, Kind kind, std::uint64_t seed) {
  pel::ExecutorOptions options;
  options.workers = workers;
  options.oversubscribe = true;
  options.seed = seed;
  options.schedule = {kind, seed};
  pel::Executor executor(options);
  return executor.run([&] { return program.run(); });
}

// The first program's seed; the soak of the nightly tests gives others.
std::uint64_t first_seed() {
  const char* text = std::getenv("PEL_PROGRAM_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

void compare(bool fails, std::uint64_t programs) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + programs; ++seed) {
    const Program program(seed, fails);
    const std::string expected = run_with(program, 0, Kind::kNormal, 0);
    for (int workers : {1, 2, 3, 8}) {
      for (Kind kind : {Kind::kNormal, Kind::kReversed, Kind::kShuffled, Kind::kDelayed}) {
        ASSERT_EQ(run_with(program, workers, kind, seed), expected)
            << "program " << seed << ", " << workers << " workers, schedule "
            << static_cast<int>(kind);
      }
    }
  }
}

TEST(RandomPrograms, ResultsDoNotDependOnWorkersOrSchedule) {
  compare(false, pel::test::unless_sanitized(12u, 5u));
}

TEST(RandomPrograms, TheFirstErrorDoesNotDependOnWorkersOrSchedule) {
  compare(true, pel::test::unless_sanitized(25u, 12u));
}

}  // namespace
