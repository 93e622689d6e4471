// SPDX-License-Identifier: Apache-2.0
// Precompile 5: base^exponent mod modulus of any size, EIP-198, priced by EIP-198, 2565 or 7883.

#include <gmp.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "ledger/evm/precompiles.hpp"

namespace pel::evm::precompile {

namespace {

constexpr Gas kTooDear = std::numeric_limits<Gas>::max();
constexpr std::uint64_t kMaxLength = 1024;  // EIP-7823
// Lengths from here on cost more than any gas, unless base and modulus are empty.
constexpr std::uint64_t kHuge = std::uint64_t{1} << 32;

// `size` bytes at `offset` of the input, zeros where it has ended.
U256 word_at(BytesView input, std::uint64_t offset, std::size_t size) noexcept {
  std::uint8_t word[32] = {};
  if (offset < input.size()) {
    const std::size_t have = std::min<std::size_t>(size, input.size() - offset);
    std::memcpy(word + 32 - size, input.data() + offset, have);
  }
  return ledger::load_be(word);
}

struct Lengths {
  U256 base, exponent, modulus;
};
Lengths read_lengths(BytesView input) noexcept {
  return {word_at(input, 0, 32), word_at(input, 32, 32), word_at(input, 64, 32)};
}

using Wide = ledger::Uint128;

Wide complexity_198(std::uint64_t x) noexcept {
  const Wide w = x;
  if (x <= 64) return w * w;
  if (x <= 1024) return w * w / 4 + 96 * w - 3072;
  return w * w / 16 + 480 * w - 199680;
}

// The "adjusted exponent length": bits of its first 32 bytes less one, and `per_byte` for each
// byte behind them.
Wide iterations(BytesView input, const Lengths& n, std::uint64_t per_byte) noexcept {
  const std::uint64_t size = n.exponent.w[0];
  const std::size_t head_size = static_cast<std::size_t>(std::min<std::uint64_t>(size, 32));
  const U256 head = word_at(input, 96 + n.base.w[0], head_size);
  const Wide bits = head.is_zero() ? 0 : 255 - count_leading_zeros(head);
  return bits + (size > 32 ? static_cast<Wide>(per_byte) * (size - 32) : 0);
}

}  // namespace

Gas price_modexp(BytesView input, Revision revision) {
  const Lengths n = read_lengths(input);
  if (revision >= Revision::kOsaka &&
      std::max({n.base, n.exponent, n.modulus}) > U256{kMaxLength}) {
    return -1;
  }
  const Gas least = revision >= Revision::kOsaka ? 500 : revision >= Revision::kBerlin ? 200 : 0;
  if (std::max(n.base, n.modulus) >= U256{kHuge}) return kTooDear;
  if (n.base.is_zero() && n.modulus.is_zero() && revision < Revision::kOsaka) return least;
  if (n.exponent >= U256{kHuge}) return kTooDear;

  const std::uint64_t longest = std::max(n.base, n.modulus).w[0];
  const Wide words = (longest + 7) / 8;
  Wide price;
  if (revision >= Revision::kOsaka) {  // EIP-7883
    const Wide complexity = longest <= 32 ? 16 : 2 * words * words;
    price = complexity * std::max<Wide>(iterations(input, n, 16), 1);
  } else if (revision >= Revision::kBerlin) {  // EIP-2565
    price = words * words * std::max<Wide>(iterations(input, n, 8), 1) / 3;
  } else {
    price = complexity_198(longest) * std::max<Wide>(iterations(input, n, 8), 1) / 20;
  }
  if (price > static_cast<Wide>(kTooDear)) return kTooDear;
  return std::max(least, static_cast<Gas>(price));
}

namespace {

class Integer {
 public:
  Integer() noexcept { mpz_init(value_); }
  // `size` bytes at `offset` of the input, zeros where it has ended.
  Integer(BytesView input, std::uint64_t offset, std::uint64_t size) : Integer() {
    const std::uint64_t from = std::min<std::uint64_t>(offset, input.size());
    const std::uint64_t have = std::min<std::uint64_t>(size, input.size() - from);
    mpz_import(value_, have, 1, 1, 1, 0, input.data() + from);
    mpz_mul_2exp(value_, value_, 8 * (size - have));
  }
  ~Integer() { mpz_clear(value_); }
  Integer(const Integer&) = delete;
  Integer& operator=(const Integer&) = delete;
  mpz_ptr get() noexcept { return value_; }

 private:
  mpz_t value_;
};

}  // namespace

std::size_t modexp_output_size(BytesView input) noexcept {
  return static_cast<std::size_t>(read_lengths(input).modulus.w[0]);
}

std::size_t run_modexp(BytesView input, PrecompileOutput output) {
  const Lengths n = read_lengths(input);
  const std::uint64_t base_size = n.base.w[0];
  const std::uint64_t modulus_size = n.modulus.w[0];
  if (modulus_size == 0) return 0;
  if (modulus_size > output.capacity) return kFailed;
  std::memset(output.data, 0, modulus_size);
  const std::uint64_t exponent_size = n.exponent.w[0];
  Integer modulus(input, 96 + base_size + exponent_size, modulus_size);
  if (mpz_cmp_ui(modulus.get(), 1) <= 0) return modulus_size;
  Integer base(input, 96, base_size);
  Integer exponent(input, 96 + base_size, exponent_size);
  Integer result;
  mpz_powm(result.get(), base.get(), exponent.get(), modulus.get());
  const std::size_t size = (mpz_sizeinbase(result.get(), 2) + 7) / 8;
  if (mpz_sgn(result.get()) != 0) {
    mpz_export(output.data + modulus_size - size, nullptr, 1, 1, 1, 0, result.get());
  }
  return modulus_size;
}

}  // namespace pel::evm::precompile
