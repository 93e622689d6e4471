// SPDX-License-Identifier: Apache-2.0
// Precompiles 1 to 4 and 9: signature recovery, hashes, identity.

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "ledger/evm/precompiles.hpp"
#include "ledger/primitives/signature.hpp"
#include "pel/detail/base/check.hpp"

namespace pel::evm::precompile {

namespace {

Gas per_word(BytesView input, Gas base, Gas word) noexcept {
  return base + word * static_cast<Gas>(words_of(input.size()));
}

// A digest looked up once: fetching it by name costs more than hashing a word.
std::size_t digest(BytesView input, const EVP_MD* method, std::uint8_t* out) {
  static thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  unsigned size = 0;
  PEL_CHECK(EVP_DigestInit_ex(context.get(), method, nullptr) == 1 &&
            EVP_DigestUpdate(context.get(), input.data(), input.size()) == 1 &&
            EVP_DigestFinal_ex(context.get(), out, &size) == 1);
  return size;
}

}  // namespace

Gas price_ec_recover(BytesView, Revision) { return 3000; }

// Input: hash, v (27 or 28), r, s, 32 bytes each, zeros if missing. No output if nothing fits.
std::size_t run_ec_recover(BytesView input, PrecompileOutput output) {
  std::uint8_t words[128] = {};
  if (!input.empty()) std::memcpy(words, input.data(), std::min<std::size_t>(input.size(), 128));
  const U256 v = ledger::load_be(words + 32);
  if (v != U256{27} && v != U256{28}) return 0;
  Hash256 hash;
  std::memcpy(hash.bytes.data(), words, 32);
  const ledger::Signature signature{ledger::load_be(words + 64), ledger::load_be(words + 96),
                                    v == U256{28}};
  const auto address = ledger::recover_address(hash, signature);
  if (!address) return 0;
  std::memset(output.data, 0, 12);
  std::memcpy(output.data + 12, address->bytes.data(), 20);
  return 32;
}

Gas price_sha256(BytesView input, Revision) { return per_word(input, 60, 12); }

std::size_t run_sha256(BytesView input, PrecompileOutput output) {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest(input, method, output.data);
}

Gas price_ripemd160(BytesView input, Revision) { return per_word(input, 600, 120); }

std::size_t run_ripemd160(BytesView input, PrecompileOutput output) {
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "RIPEMD160", nullptr);
  std::memset(output.data, 0, 12);
  return 12 + digest(input, method, output.data + 12);
}

Gas price_identity(BytesView input, Revision) { return per_word(input, 15, 3); }

std::size_t run_identity(BytesView input, PrecompileOutput output) {
  PEL_CHECK(input.size() <= output.capacity);
  if (!input.empty()) std::memcpy(output.data, input.data(), input.size());
  return input.size();
}

namespace {

constexpr std::size_t kBlake2Input = 213;

constexpr std::uint64_t kBlake2Iv[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                        0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                        0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
constexpr std::uint8_t kBlake2Sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

[[gnu::always_inline]] inline void mix(std::uint64_t& a, std::uint64_t& b, std::uint64_t& c,
                                       std::uint64_t& d, std::uint64_t x, std::uint64_t y) {
  a += b + x;
  d = std::rotr(d ^ a, 32);
  c += d;
  b = std::rotr(b ^ c, 24);
  a += b + y;
  d = std::rotr(d ^ a, 16);
  c += d;
  b = std::rotr(b ^ c, 63);
}

void blake2_round(std::uint64_t* v, const std::uint64_t* m, const std::uint8_t* s) {
  mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
  mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
  mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
  mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
  mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
  mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
  mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
  mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
}

std::uint32_t blake2_rounds(BytesView input) noexcept {
  return static_cast<std::uint32_t>(input[0]) << 24 | static_cast<std::uint32_t>(input[1]) << 16 |
         static_cast<std::uint32_t>(input[2]) << 8 | input[3];
}

}  // namespace

// EIP-152: a gas per round; other lengths and final flags are refused.
Gas price_blake2f(BytesView input, Revision) {
  if (input.size() != kBlake2Input || input[kBlake2Input - 1] > 1) return -1;
  return blake2_rounds(input);
}

// Rounds (4 bytes, big-endian), state h (64), message m (128), offset t (16), final flag; RFC 7693.
std::size_t run_blake2f(BytesView input, PrecompileOutput output) {
  std::uint64_t h[8];
  std::uint64_t m[16];
  std::uint64_t v[16];
  std::memcpy(h, input.data() + 4, sizeof h);
  std::memcpy(m, input.data() + 68, sizeof m);
  std::uint64_t t[2];
  std::memcpy(t, input.data() + 196, sizeof t);
  std::copy_n(h, 8, v);
  std::copy_n(kBlake2Iv, 8, v + 8);
  v[12] ^= t[0];
  v[13] ^= t[1];
  if (input[212] == 1) v[14] = ~v[14];
  const std::uint32_t rounds = blake2_rounds(input);
  for (std::uint32_t i = 0; i < rounds; ++i) blake2_round(v, m, kBlake2Sigma[i % 10]);
  for (int i = 0; i < 8; ++i) h[i] ^= v[i] ^ v[i + 8];
  std::memcpy(output.data, h, sizeof h);
  return sizeof h;
}

}  // namespace pel::evm::precompile
