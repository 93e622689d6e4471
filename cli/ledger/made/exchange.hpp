// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "cli/ledger/made/world.hpp"

namespace pel::cli {

// ERC20PresetMinterPauser, created by `owner`, who may mint.
ledger::Address create_token(MadeWorld& world, Person& owner);
void mint(MadeWorld& world, Person& owner, const ledger::Address& token, const ledger::Address& to,
          const ledger::U256& amount);

// Uniswap v3: factory, position manager, router and as many pools as asked for, each of two of
// their tokens (the first is WETH9) with liquidity over the whole range at a price of one.
class MadeExchange {
 public:
  // At least one pool; pools of two tokens differ in their fee, so that n pools need about
  // sqrt(2n/3) tokens.
  MadeExchange(MadeWorld& world, std::size_t pools);

  struct Trade {
    std::size_t pool = 0;
    bool zero_for_one = false;  // token 0 goes in, token 1 comes out
    ledger::U256 amount;        // that goes in
  };
  // Gives `person` what goes into the trade, and lets the router take it.
  void fund(Person& person, const Trade& trade);
  // The trade through the router, not signed.
  ledger::Transaction swap(Person& person, const Trade& trade) const;

  std::size_t pools() const noexcept { return pools_.size(); }

 private:
  struct Pool {
    ledger::Address token0;
    ledger::Address token1;
    std::uint64_t fee;  // in millionths
  };
  void make_tokens(std::size_t count);
  void make_pool(std::size_t a, std::size_t b, std::size_t fee);

  MadeWorld& world_;
  Person owner_;
  ledger::Address factory_;
  ledger::Address positions_;
  ledger::Address router_;
  std::vector<ledger::Address> tokens_;
  std::vector<Pool> pools_;
};

}  // namespace pel::cli
