// SPDX-License-Identifier: Apache-2.0
#pragma once

// The contracts themselves: bytes in, bytes out.

#include <algorithm>
#include <cstring>
#include <optional>

#include "ledger/evm/bn254/pairing.hpp"

namespace pel::evm::bn254 {
namespace {

inline constexpr std::size_t kPairBytes = 192;

inline std::optional<Fp> read_fp(const std::uint8_t* bytes) noexcept {
  const U256 number = ledger::load_be(bytes);
  if (number >= kPrime) return std::nullopt;
  return Fp(number);
}

// Imaginary part first.
inline std::optional<Fp2> read_fp2(const std::uint8_t* bytes) noexcept {
  const auto b = read_fp(bytes);
  const auto a = read_fp(bytes + 32);
  if (!a || !b) return std::nullopt;
  return Fp2{*a, *b};
}

// A point whose coordinates are all zero is the one at infinity.
inline std::optional<G1> read_g1(const std::uint8_t* bytes) noexcept {
  const auto x = read_fp(bytes);
  const auto y = read_fp(bytes + 32);
  if (!x || !y) return std::nullopt;
  const G1 p{*x, *y, x->is_zero() && y->is_zero()};
  return on_curve(p) ? std::optional(p) : std::nullopt;
}

inline std::optional<G2> read_g2(const std::uint8_t* bytes) noexcept {
  const auto x = read_fp2(bytes);
  const auto y = read_fp2(bytes + 64);
  if (!x || !y) return std::nullopt;
  const G2 q{*x, *y, x->is_zero() && y->is_zero()};
  return on_curve(q) && in_group(q) ? std::optional(q) : std::nullopt;
}

inline Jacobian<Fp> to_jacobian(const G1& p) noexcept {
  return p.infinite ? Jacobian<Fp>{} : Jacobian<Fp>{p.x, p.y, kOne};
}

inline std::size_t write_g1(const Jacobian<Fp>& p, PrecompileOutput output) noexcept {
  const G1 a = to_affine(p);
  ledger::store_be(a.x.number(), output.data);
  ledger::store_be(a.y.number(), output.data + 32);
  return 64;
}

// The input cut or filled with zeros to `n` bytes.
template <std::size_t n>
struct Padded {
  std::uint8_t bytes[n] = {};
  explicit Padded(BytesView input) noexcept {
    if (!input.empty()) std::memcpy(bytes, input.data(), std::min(n, input.size()));
  }
};

inline std::size_t run_add(BytesView input, PrecompileOutput output) {
  const Padded<128> in(input);
  const auto p = read_g1(in.bytes);
  const auto q = read_g1(in.bytes + 64);
  if (!p || !q) return kFailed;
  return write_g1(add(to_jacobian(*p), to_jacobian(*q)), output);
}

inline std::size_t run_multiply(BytesView input, PrecompileOutput output) {
  const Padded<96> in(input);
  const auto p = read_g1(in.bytes);
  if (!p) return kFailed;
  return write_g1(multiply(to_jacobian(*p), ledger::load_be(in.bytes + 64)), output);
}

inline std::size_t run_pairing(BytesView input, PrecompileOutput output) {
  if (input.size() % kPairBytes != 0) return kFailed;
  std::vector<Pair> pairs;
  pairs.reserve(input.size() / kPairBytes);
  for (std::size_t at = 0; at < input.size(); at += kPairBytes) {
    const auto p = read_g1(input.data() + at);
    if (!p) return kFailed;
    const auto q = read_g2(input.data() + at + 64);
    if (!q) return kFailed;
    pairs.push_back({*p, *q});
  }
  std::memset(output.data, 0, 32);
  output.data[31] = pairing_is_one(pairs) ? 1 : 0;
  return 32;
}

}  // namespace
}  // namespace pel::evm::bn254
