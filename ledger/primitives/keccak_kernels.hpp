// SPDX-License-Identifier: Apache-2.0
#pragma once

// The Keccak-f[1600] permutation on any word type: 64-bit integers or vectors of them, one state
// per lane. Included by one source file per CPU level, hence everything has internal linkage.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace pel::ledger::detail {

// What a level offers. `one` permutes one state; `many` permutes kLanes states stored word by word
// (word 0 of all lanes, word 1 of all lanes ...).
struct KeccakKernels {
  void (*one)(std::uint64_t* state);
  void (*many)(std::uint64_t* states);
  int lanes;
};
extern const KeccakKernels kKeccakV1;
extern const KeccakKernels kKeccakV3;
extern const KeccakKernels kKeccakV4;

namespace {

inline constexpr std::uint64_t kRoundConstants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

// Rotation of word i, and the place that pi moves it to.
inline constexpr unsigned kRotations[25] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                            25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
inline constexpr unsigned kPlaces[25] = {0,  10, 20, 5, 15, 16, 1,  11, 21, 6, 7,  17, 2,
                                         12, 22, 23, 8, 18, 3,  13, 14, 24, 9, 19, 4};

template <unsigned kBits, class Word>
[[gnu::always_inline]] inline Word rotate_left(Word x) {
  if constexpr (kBits == 0)
    return x;
  else
    return (x << kBits) | (x >> (64 - kBits));
}

// What a level may compute by fewer instructions. AVX-512 has any function of three bits as one.
template <class Word>
struct Ops {
  [[gnu::always_inline]] static Word xor3(Word a, Word b, Word c) { return a ^ b ^ c; }
  [[gnu::always_inline]] static Word chi(Word a, Word b, Word c) { return a ^ (~b & c); }
};
#if defined(__AVX512F__) && defined(__AVX512VL__)
using Pair [[gnu::vector_size(16)]] = std::uint64_t;
using Eight [[gnu::vector_size(64)]] = std::uint64_t;
template <>
struct Ops<Pair> {
  [[gnu::always_inline]] static Pair xor3(Pair a, Pair b, Pair c) {
    return Pair(_mm_ternarylogic_epi64(__m128i(a), __m128i(b), __m128i(c), 0x96));
  }
  [[gnu::always_inline]] static Pair chi(Pair a, Pair b, Pair c) {
    return Pair(_mm_ternarylogic_epi64(__m128i(a), __m128i(b), __m128i(c), 0xd2));
  }
};
template <>
struct Ops<Eight> {
  [[gnu::always_inline]] static Eight xor3(Eight a, Eight b, Eight c) {
    return Eight(_mm512_ternarylogic_epi64(__m512i(a), __m512i(b), __m512i(c), 0x96));
  }
  [[gnu::always_inline]] static Eight chi(Eight a, Eight b, Eight c) {
    return Eight(_mm512_ternarylogic_epi64(__m512i(a), __m512i(b), __m512i(c), 0xd2));
  }
};
#endif

template <class Word, std::size_t... i>
[[gnu::always_inline]] inline void rho_pi(const Word* a, const Word* d, Word* b,
                                          std::index_sequence<i...>) {
  ((b[kPlaces[i]] = rotate_left<kRotations[i]>(a[i] ^ d[i % 5])), ...);
}

template <class Word>
[[gnu::always_inline]] inline void keccak_round(const Word* a, Word* out, std::uint64_t constant) {
  Word c[5];
  Word d[5];
  Word b[25];
#pragma GCC unroll 5
  for (int x = 0; x < 5; ++x) {
    c[x] = Ops<Word>::xor3(Ops<Word>::xor3(a[x], a[x + 5], a[x + 10]), a[x + 15], a[x + 20]);
  }
#pragma GCC unroll 5
  for (int x = 0; x < 5; ++x) d[x] = c[(x + 4) % 5] ^ rotate_left<1>(c[(x + 1) % 5]);
  rho_pi(a, d, b, std::make_index_sequence<25>{});
#pragma GCC unroll 5
  for (int y = 0; y < 25; y += 5) {
#pragma GCC unroll 5
    for (int x = 0; x < 5; ++x) {
      out[y + x] = Ops<Word>::chi(b[y + x], b[y + (x + 1) % 5], b[y + (x + 2) % 5]);
    }
  }
  out[0] ^= constant;
}

template <class Word>
[[gnu::always_inline]] inline void keccak_rounds(Word* a) {
  Word b[25];
  for (int round = 0; round < 24; round += 2) {
    keccak_round(a, b, kRoundConstants[round]);
    keccak_round(b, a, kRoundConstants[round + 1]);
  }
}

template <class Word>
[[gnu::always_inline]] inline void keccak_permute(std::uint64_t* state) {
  Word a[25];
  std::memcpy(a, state, sizeof a);
  keccak_rounds(a);
  std::memcpy(state, a, sizeof a);
}

}  // namespace
}  // namespace pel::ledger::detail
