// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "base/cpu.hpp"
#include "pel/math.hpp"
#include "pel/random.hpp"

namespace pel {
namespace {

// Philox on kLanes neighbouring blocks at once, one array per counter word, so that the compiler
// turns each round into vector multiplications.
constexpr std::size_t kLanes = 16;

struct Lanes {
  std::uint32_t w0[kLanes], w1[kLanes], w2[kLanes], w3[kLanes];
};

[[gnu::always_inline]] inline void rounds_body(Lanes& c, std::uint64_t seed) noexcept {
  auto k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    for (std::size_t l = 0; l < kLanes; ++l) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c.w0[l];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c.w2[l];
      c.w0[l] = static_cast<std::uint32_t>(p1 >> 32) ^ c.w1[l] ^ k0;
      c.w2[l] = static_cast<std::uint32_t>(p0 >> 32) ^ c.w3[l] ^ k1;
      c.w1[l] = static_cast<std::uint32_t>(p1);
      c.w3[l] = static_cast<std::uint32_t>(p0);
    }
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
}

void rounds_plain(Lanes& c, std::uint64_t seed) noexcept { rounds_body(c, seed); }

// Integers give the same bits with any instructions, so here the CPU may choose.
#if defined(__x86_64__)
[[gnu::target("avx2")]] void rounds_avx2(Lanes& c, std::uint64_t seed) noexcept {
  rounds_body(c, seed);
}

void rounds(Lanes& c, std::uint64_t seed) noexcept {
  static const bool avx2 = base::cpu_features().v3;
  avx2 ? rounds_avx2(c, seed) : rounds_plain(c, seed);
}
#else
void rounds(Lanes& c, std::uint64_t seed) noexcept { rounds_plain(c, seed); }
#endif

// The 2 * kLanes numbers from position 2 * block on.
void fill_group(const Philox& random, std::uint64_t block, std::uint64_t* out) noexcept {
  Lanes c;
  for (std::size_t l = 0; l < kLanes; ++l) {
    c.w0[l] = static_cast<std::uint32_t>(block + l);
    c.w1[l] = static_cast<std::uint32_t>((block + l) >> 32);
    c.w2[l] = static_cast<std::uint32_t>(random.stream());
    c.w3[l] = static_cast<std::uint32_t>(random.stream() >> 32);
  }
  rounds(c, random.seed());
  for (std::size_t l = 0; l < kLanes; ++l) {
    out[2 * l] = std::uint64_t{c.w0[l]} | std::uint64_t{c.w1[l]} << 32;
    out[2 * l + 1] = std::uint64_t{c.w2[l]} | std::uint64_t{c.w3[l]} << 32;
  }
}

// Calls group(out, raw) for whole groups of 2 * kLanes numbers, one(out, i) for the rest.
template <class T, class Group, class One>
void fill(const Philox& random, std::span<T> out, std::uint64_t first, Group group, One one) {
  std::size_t k = 0;
  if (first % 2 == 1 && !out.empty()) one(out[k++], first);
  std::uint64_t raw[2 * kLanes];
  for (; k + 2 * kLanes <= out.size(); k += 2 * kLanes) {
    fill_group(random, (first + k) / 2, raw);
    group(out.data() + k, raw);
  }
  for (; k < out.size(); ++k) one(out[k], first + k);
}

}  // namespace

double Philox::normal(std::uint64_t i) const noexcept {
  return math::normal_quantile(uniform_open(i));
}

void Philox::fill_bits(std::span<std::uint64_t> out, std::uint64_t first) const noexcept {
  fill(
      *this, out, first,
      [](std::uint64_t* to, const std::uint64_t* raw) { std::copy_n(raw, 2 * kLanes, to); },
      [this](std::uint64_t& to, std::uint64_t i) { to = bits(i); });
}

void Philox::fill_uniform(std::span<double> out, std::uint64_t first) const noexcept {
  fill(
      *this, out, first,
      [](double* to, const std::uint64_t* raw) {
        for (std::size_t l = 0; l < 2 * kLanes; ++l) {
          to[l] = static_cast<double>(static_cast<std::int64_t>(raw[l] >> 11)) * 0x1p-53;
        }
      },
      [this](double& to, std::uint64_t i) { to = uniform(i); });
}

void Philox::fill_normal(std::span<double> out, std::uint64_t first) const noexcept {
  fill(
      *this, out, first,
      [](double* to, const std::uint64_t* raw) {
        for (std::size_t l = 0; l < 2 * kLanes; ++l) to[l] = open_of(raw[l]);
      },
      [this](double& to, std::uint64_t i) { to = uniform_open(i); });
  math::normal_quantile(out, out);
}

}  // namespace pel
