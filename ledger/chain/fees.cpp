// SPDX-License-Identifier: Apache-2.0
// What follows from a parent's header: base fee, excess blob gas, difficulty.
#include <algorithm>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

using evm::Revision;

constexpr std::uint64_t kGasPerBlob = 1 << 17;
constexpr std::uint64_t kBlobBaseCost = 1 << 13;  // EIP-7918
constexpr std::uint64_t kMinDifficulty = 131072;

// e^(numerator / denominator), by its Taylor series in whole numbers (EIP-4844), saturated.
U256 fake_exponential(std::uint64_t numerator, std::uint64_t denominator) {
  if (numerator / denominator > 170) return U256::max();  // e^170 is more than 2^245
  U256 output;
  U256 term{denominator};
  for (std::uint64_t i = 1; !term.is_zero(); ++i) {
    output += term;
    // what does not fit here belongs to a price (beyond 2^200 wei) that nobody can pay
    if (term > U256::max() / U256(std::max<std::uint64_t>(numerator, 1))) return U256::max();
    term = term * U256(numerator) / (U256(denominator) * U256(i));
  }
  return output / U256(denominator);
}

// The bomb (Homestead's period of 100,000 blocks), set back by `delay` blocks.
U256 bomb(std::uint64_t number, std::uint64_t delay) {
  const std::uint64_t period = (number > delay ? number - delay : 0) / 100'000;
  return period > 1 ? U256(1) << (period - 2) : U256{};
}

std::uint64_t delay_at(const ChainConfig& config, std::uint64_t number) {
  std::uint64_t delay = 0;
  for (const auto& [from, blocks] : config.bomb_delays)
    if (number >= from) delay = blocks;
  return delay;
}

// parent + step * max(credit - periods, -99) + bomb, not below the minimum.
U256 adjusted(const U256& parent, std::uint64_t credit, std::uint64_t periods, const U256& bomb) {
  const U256 step = parent / U256(2048);
  U256 difficulty;
  if (periods <= credit) {
    difficulty = parent + step * U256(credit - periods);
  } else {
    const U256 drop = step * U256(std::min<std::uint64_t>(periods - credit, 99));
    difficulty = parent > drop ? parent - drop : U256{};
  }
  return std::max(difficulty + bomb, U256(kMinDifficulty));
}

}  // namespace

U256 next_base_fee(const Header& parent, bool parent_has_base_fee) {
  if (!parent_has_base_fee || !parent.base_fee) return U256(1'000'000'000);
  const U256& fee = *parent.base_fee;
  const std::uint64_t target = parent.gas_limit / 2;
  if (target == 0 || parent.gas_used == target) return fee;
  if (parent.gas_used > target) {
    const U256 delta = fee * U256(parent.gas_used - target) / U256(target) / U256(8);
    return fee + std::max(delta, U256(1));
  }
  return fee - fee * U256(target - parent.gas_used) / U256(target) / U256(8);
}

U256 blob_base_fee(std::uint64_t excess_blob_gas, const BlobParams& params) {
  return fake_exponential(excess_blob_gas, params.update_fraction);
}

std::uint64_t next_excess_blob_gas(const Header& parent, const BlobParams& params,
                                   Revision revision) {
  const std::uint64_t excess = parent.excess_blob_gas.value_or(0);
  const std::uint64_t used = parent.blob_gas_used.value_or(0);
  const std::uint64_t target = params.target * kGasPerBlob;
  const std::uint64_t sum = excess > ~used ? ~std::uint64_t{0} : excess + used;
  if (sum < target) return 0;
  if (revision >= Revision::kOsaka) {
    const U256 price = blob_base_fee(excess, params);
    const U256 execution = U256(kBlobBaseCost) * parent.base_fee.value_or(U256{});
    if (execution / U256(kGasPerBlob) > price ||
        (price < U256::max() / U256(kGasPerBlob) && execution > price * U256(kGasPerBlob)))
      return excess + used * (params.max - params.target) / params.max;
  }
  return sum - target;
}

U256 next_difficulty(const Header& parent, std::uint64_t number, std::uint64_t timestamp,
                     const ChainConfig& config) {
  const auto since = [&](Revision revision) {
    return number >= config.activation[static_cast<std::size_t>(revision)];
  };
  const U256 growth = bomb(number, delay_at(config, number));
  const std::uint64_t elapsed = timestamp - parent.timestamp;
  if (since(Revision::kByzantium)) {
    const std::uint64_t credit = parent.uncles_hash == kEmptyUnclesHash ? 1 : 2;
    return adjusted(parent.difficulty, credit, elapsed / 9, growth);
  }
  if (since(Revision::kHomestead)) return adjusted(parent.difficulty, 1, elapsed / 10, growth);
  const std::uint64_t periods = elapsed < 13 ? 0 : 2;  // up or down by one step
  return adjusted(parent.difficulty, 1, periods, growth);
}

}  // namespace pel::ledger
