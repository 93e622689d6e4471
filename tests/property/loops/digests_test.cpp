// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "pel/executor.hpp"
#include "pel/loops.hpp"
#include "pel/random.hpp"

// Random programs of loops: chains of algorithms whose lengths, data, costs and nesting come from a
// seed. The bytes after every step are digested; workers and schedules must not move the digest,
// another seed must.

namespace pel {
namespace {

class Program {
 public:
  explicit Program(std::uint64_t seed) : random_(seed, 11) {}

  std::string run() {
    values_.resize(draw(80'000));
    const std::uint64_t stream = draw(1 << 30);
    pel::generate(values_, [&](std::size_t i) {
      return (Philox(1, stream).uniform(i) - 0.3) * double(1 << (i % 25));
    });
    const std::uint64_t steps = 3 + draw(5);
    for (std::uint64_t s = 0; s < steps; ++s) step(draw(12));
    return hash_.finish_hex();
  }

 private:
  struct Hash {
    std::vector<std::uint8_t> bytes;
    void add(const void* data, std::size_t n) {
      const auto* p = static_cast<const std::uint8_t*>(data);
      bytes.insert(bytes.end(), p, p + n);
    }
    std::string finish_hex() const;
  };

  std::uint64_t draw(std::uint64_t n) { return random_.below(next_++, n); }
  void note(double x) { hash_.add(&x, sizeof x); }
  void note_values() { hash_.add(values_.data(), values_.size() * sizeof(double)); }

  // A body whose cost varies by four orders of magnitude.
  static double slowly(double x, std::size_t i) {
    const int rounds = i % 997 == 0 ? 20'000 : i % 31 == 0 ? 50 : 1;
    for (int r = 0; r < rounds; ++r) x = x * 0.999 + 0.001;
    return x;
  }

  void step(std::uint64_t kind) {
    const auto plus = [](double a, double b) { return a + b; };
    switch (kind) {
      case 0:
        note(pel::reduce(values_, 0.5));
        break;
      case 1:
        note(pel::reduce(values_, 0.5, plus));
        break;
      case 2:
        note(pel::transform_reduce(values_.size(), 0.0, std::plus<>{},
                                   [&](std::size_t i) { return slowly(values_[i], i); }));
        break;
      case 3:
        pel::inclusive_scan(values_, values_);
        note_values();
        break;
      case 4:
        pel::exclusive_scan(values_, values_, 1.0, plus);
        note_values();
        break;
      case 5:
        pel::sort(values_);
        note_values();
        break;
      case 6:
        pel::stable_sort(values_, [](double a, double b) { return int(a) % 50 < int(b) % 50; });
        note_values();
        break;
      case 7:
        values_ = pel::filter(values_, [](double x) { return int(x) % 3 != 0; });
        note_values();
        break;
      case 8:
        pel::shuffle(values_, draw(1000));
        note_values();
        break;
      case 9:
        for (const auto& [key, sum] : pel::reduce_by_key(
                 values_, [](double x) { return int(x) % 1000; }, 0.0, std::plus<>{},
                 [](double x) { return x; })) {
          note(key);
          note(sum);
        }
        break;
      case 10:
        note(pel::reduce(pel::exact, values_));
        break;
      default:
        pel::for_each(20, [&](std::size_t part) {
          const std::size_t n = values_.size(), lo = n * part / 20, hi = n * (part + 1) / 20;
          const std::span<double> mine(values_.data() + lo, hi - lo);
          const double sum = pel::reduce(mine, 1.0);
          pel::for_each(mine, [&](double& x) { x = slowly(x / (1 + sum * sum), lo); });
        });
        note_values();
    }
  }

  Philox random_;
  std::uint64_t next_ = 0;
  std::vector<double> values_;
  Hash hash_;
};

std::string Program::Hash::finish_hex() const { return base::sha256_hex(bytes); }

TEST(Loops, DigestsDoNotMove) {
  using Kind = Schedule::Kind;
  std::map<std::string, std::uint64_t> seen;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    std::string want;
    for (const int workers : {0, 1, 2, 3, 8}) {
      for (const Kind kind : {Kind::kNormal, Kind::kReversed, Kind::kShuffled, Kind::kDelayed}) {
        if ((workers < 2 || workers == 8) && kind != Kind::kNormal) continue;
        ExecutorOptions options;
        options.workers = workers;
        options.seed = seed;
        options.schedule = {kind, seed};
        Executor executor(options);
        const std::string got = executor.run([&] { return Program(seed).run(); });
        if (want.empty()) want = got;
        ASSERT_EQ(got, want) << "seed " << seed << ", workers " << workers << ", schedule "
                             << int(kind);
      }
    }
    EXPECT_TRUE(seen.emplace(want, seed).second) << "two seeds give one digest";
  }
}

}  // namespace
}  // namespace pel
