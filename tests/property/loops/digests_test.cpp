// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "pel/executor.hpp"
#include "pel/loops.hpp"
#include "pel/random.hpp"
#include "tests/support/sanitized.hpp"

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
    // Five of the kinds in a row: every kind has its turn among the seeds of the test.
    for (std::uint64_t s = 0; s < 5; ++s) step((5 * random_.seed() + s) % kKinds);
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

  static constexpr std::uint64_t kKinds = 24;

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
        step_of_others(kind);
    }
  }

  static std::uint32_t key_of(double x) { return static_cast<std::uint32_t>(int(x) & 0xffff); }

  void step_of_others(std::uint64_t kind) {
    switch (kind) {
      case 11: {
        const auto groups = pel::group_by(values_, key_of);
        for (std::size_t g = 0; g < groups.size(); ++g) {
          note(groups.key(g));
          hash_.add(groups.rows(g).data(), groups.rows(g).size_bytes());
        }
        break;
      }
      case 12: {
        std::vector<std::uint32_t> keys(1 + draw(40'000));
        pel::generate(keys, [](std::size_t i) { return std::uint32_t(i * 7 % 3000); });
        const auto rows = pel::hash_join(keys, std::span(values_).first(values_.size() / 50),
                                         std::identity{}, key_of);
        note(double(rows.size()));
        for (const auto& [l, r] : rows) note(double(l * 31 + r));
        break;
      }
      case 13:
        note(double(pel::partition(values_, [](double x) { return int(x) % 5 != 0; })));
        note_values();
        break;
      case 14:
        pel::for_each(values_, [](double& x) { x = double(int(x / 64)); });
        values_.resize(pel::unique(values_));
        note_values();
        break;
      case 15:
        if (!values_.empty()) pel::nth_element(values_, values_.size() / 3);
        note_values();
        break;
      case 16:
        for (const double x : pel::top_k(values_, 1 + draw(200))) note(x);
        for (const double x : pel::sample(values_, 100, draw(1000))) note(x);
        break;
      case 17: {
        std::vector<double> other = values_, out(2 * values_.size());
        pel::sort(values_);
        pel::transform(other, other, [](double x) { return x * 0.5; });
        pel::sort(other);
        pel::merge(values_, other, out);
        note(double(pel::equal(values_, other)));
        out.resize(values_.size());
        values_ = out;
        note_values();
        break;
      }
      case 18: {
        const double limit = values_.empty() ? 0 : values_[values_.size() / 2];
        note(double(pel::find(values_, limit)));
        note(double(pel::find_if(values_, [&](double x) { return x > 2 * limit; })));
        note(double(pel::count_if(values_, [&](double x) { return x < limit; })));
        note(double(pel::all_of(values_, [](double x) { return x < 1e9; })));
        const MinMax ends = pel::minmax_element(values_);
        note(double(ends.min + 3 * ends.max));
        note(double(pel::min_element(values_) + 5 * pel::max_element(values_)));
        break;
      }
      case 19:
        for (const std::size_t count :
             pel::histogram(values_, 97, [](double x) { return key_of(x) % 97; })) {
          note(double(count));
        }
        break;
      case 20: {
        std::size_t next = 0;
        pel::pipeline(
            [&]() -> std::optional<double> {
              if (next == values_.size()) return std::nullopt;
              return values_[next++];
            },
            [](double x) { return slowly(x, std::size_t(x > 0 ? x : 0)); },
            in_order([sum = 0.0](double x) mutable { return sum = sum * 0.5 + x; }),
            [&](double x) { note(x); });
        break;
      }
      case 21: {
        std::vector<double> out(values_.size());
        pel::for_each(pel::tiles(40, values_.size() / 40), [&](const Tile2& tile) {
          for (std::size_t r = tile.row_begin; r < tile.row_end; ++r) {
            for (std::size_t c = tile.col_begin; c < tile.col_end; ++c) {
              out[c * 40 + r] = values_[r * (values_.size() / 40) + c];
            }
          }
        });
        values_ = out;
        note(pel::dot(values_, values_));
        note(pel::dot(pel::exact, values_, values_));
        break;
      }
      case 22:
        note(pel::reduce(pel::left_fold, values_, 0.25));
        note(pel::transform_reduce(
            pel::left_fold, values_, 0.5, [](double a, double b) { return a * 0.99 + b; },
            [](double x) { return slowly(x, 31); }));
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
  const int in_all_schedules = test::unless_sanitized(8, 2);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    std::string want;
    for (const int workers : {0, 1, 2, 3, 8}) {
      for (const Kind kind : {Kind::kNormal, Kind::kReversed, Kind::kShuffled, Kind::kDelayed}) {
        if (workers < 2 && kind != Kind::kNormal) continue;
        if (workers > in_all_schedules && kind != Kind::kNormal) continue;
        if (workers == 8 && kind != Kind::kNormal && seed % 3 != 0) continue;
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
