// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/made/exchange.hpp"

#include <array>

namespace pel::cli {
namespace {

using ledger::Address;
using ledger::to_u256;
using ledger::Transaction;
using ledger::U256;

const U256 kEther(1'000'000'000'000'000'000);
const U256 kNever(~std::uint64_t{0});  // a deadline

// Fees of Uniswap v3 with the outermost ticks that their spacing allows.
struct FeeLevel {
  std::uint64_t fee;
  std::uint64_t last_tick;
};
constexpr std::array<FeeLevel, 3> kFees{{{500, 887270}, {3000, 887220}, {10000, 887200}}};

constexpr std::uint64_t kSwapGas = 250'000;

// Tokens of which pairs with every fee make at least `pools` pools.
std::size_t tokens_for(std::size_t pools) {
  std::size_t tokens = 2;
  while (tokens * (tokens - 1) / 2 * kFees.size() < pools) ++tokens;
  return tokens;
}

}  // namespace

Address create_token(MadeWorld& world, Person& owner) {
  // Two strings of four letters: where they begin, then each one's length and letters.
  return world.create(
      owner, kTokenFile,
      {U256(64), U256(128), U256(4), U256(0x4d616465) << 224, U256(4), U256(0x4d414445) << 224});
}

void mint(MadeWorld& world, Person& owner, const Address& token, const Address& to,
          const U256& amount) {
  world.call(owner, token, call_data("mint(address,uint256)", {to_u256(to), amount}));
}

MadeExchange::MadeExchange(MadeWorld& world, std::size_t pools)
    : world_(world), owner_(world.person("exchange")) {
  const Address weth = world.create(owner_, kWethFile, {});
  factory_ = world.create(owner_, kFactoryFile, {});
  router_ = world.create(owner_, kRouterFile, {to_u256(factory_), to_u256(weth)});
  positions_ = world.create(owner_, kPositionsFile, {to_u256(factory_), to_u256(weth), U256()});
  tokens_.push_back(weth);
  make_tokens(tokens_for(pools));
  for (std::size_t b = 1; b < tokens_.size(); ++b)
    for (std::size_t a = 0; a < b; ++a)
      for (std::size_t fee = 0; fee < kFees.size() && pools_.size() < pools; ++fee)
        make_pool(a, b, fee);
  world.settle();
}

// What the owner has of each suffices for the liquidity of every pool.
void MadeExchange::make_tokens(std::size_t count) {
  const U256 plenty = kEther << 40;
  world_.call(owner_, tokens_.front(), call_data("deposit()", {}), kEther << 36);
  while (tokens_.size() < count) {
    tokens_.push_back(create_token(world_, owner_));
    mint(world_, owner_, tokens_.back(), owner_.address, plenty);
  }
  for (const Address& token : tokens_)
    world_.call(owner_, token,
                call_data("approve(address,uint256)", {to_u256(positions_), plenty}));
}

void MadeExchange::make_pool(std::size_t a, std::size_t b, std::size_t fee) {
  const auto [token0, token1] = std::minmax(tokens_[a], tokens_[b]);
  const FeeLevel& level = kFees[fee];
  pools_.push_back({token0, token1, level.fee});
  const U256 price = U256(1) << 96;  // a square root with 96 bits behind the point
  world_.call(owner_, positions_,
              call_data("createAndInitializePoolIfNecessary(address,address,uint24,uint160)",
                        {to_u256(token0), to_u256(token1), U256(level.fee), price}));
  const U256 amount = kEther * U256(1000);
  world_.call(owner_, positions_,
              call_data("mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,"
                        "address,uint256))",
                        {to_u256(token0), to_u256(token1), U256(level.fee),
                         U256() - U256(level.last_tick), U256(level.last_tick), amount, amount,
                         U256(), U256(), to_u256(owner_.address), kNever}));
}

void MadeExchange::fund(Person& person, const Trade& trade) {
  const Pool& pool = pools_[trade.pool];
  const Address& token = trade.zero_for_one ? pool.token0 : pool.token1;
  if (token == tokens_.front()) {
    world_.call(person, token, call_data("deposit()", {}), trade.amount);
  } else {
    mint(world_, owner_, token, person.address, trade.amount);
  }
  world_.call(person, token,
              call_data("approve(address,uint256)", {to_u256(router_), trade.amount}));
}

Transaction MadeExchange::swap(Person& person, const Trade& trade) const {
  const Pool& pool = pools_[trade.pool];
  const Address& in = trade.zero_for_one ? pool.token0 : pool.token1;
  const Address& out = trade.zero_for_one ? pool.token1 : pool.token0;
  Transaction tx = MadeWorld::transaction(person, router_, kSwapGas);
  tx.data = call_data(
      "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))",
      {to_u256(in), to_u256(out), U256(pool.fee), to_u256(person.address), kNever, trade.amount,
       U256(1), U256()});
  return tx;
}

}  // namespace pel::cli
