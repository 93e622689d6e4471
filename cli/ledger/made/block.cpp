// SPDX-License-Identifier: Apache-2.0
// Blocks for machines without test data, from the code of real contracts.
#include "cli/ledger/made/block.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "cli/ledger/block_writer.hpp"
#include "cli/ledger/made/exchange.hpp"
#include "cli/ledger/made/world.hpp"
#include "pel/error.hpp"
#include "pel/random.hpp"

namespace pel::cli {
namespace {

using ledger::Address;
using ledger::Transaction;
using ledger::U256;

enum class Kind : std::uint8_t { kTransfer, kToken, kSwap };

// What one transaction is going to be.
struct Plan {
  Kind kind = Kind::kTransfer;
  Address to;                 // of a transfer
  MadeExchange::Trade trade;  // of a swap
  U256 amount;                // of a transfer
};

std::vector<Kind> kinds_of(const std::string& name) {
  if (name == "transfers") return {Kind::kTransfer};
  if (name == "erc20") return {Kind::kToken};
  if (name == "swaps") return {Kind::kSwap};
  if (name == "mix")
    return {Kind::kTransfer, Kind::kTransfer, Kind::kToken, Kind::kToken, Kind::kSwap};
  throw Error("--kind", "unknown kind \"" + name + "\"", "transfers, erc20, swaps or mix");
}

std::vector<Plan> make_plans(const MakeBlockOptions& options) {
  const std::vector<Kind> kinds = kinds_of(options.kind);
  const Philox random(options.seed, 0);
  std::vector<Plan> plans(options.txs);
  const std::size_t first_cold = options.conflict_percent > 0 && options.pools > 1 ? 1 : 0;
  std::size_t swaps = 0;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    Plan& plan = plans[i];
    plan.kind = kinds[random.below(4 * i, kinds.size())];
    const bool hot = random.below(4 * i + 1, 100) < options.conflict_percent;
    plan.to = ledger::small_address(hot ? 0xc0de0000 : 0x1'0000'0000 + (i << 16));
    plan.amount = U256(random.below(4 * i + 2, 1000) + 1);
    if (plan.kind != Kind::kSwap) continue;
    plan.trade.pool = hot ? 0 : first_cold + swaps++ % (options.pools - first_cold);
    plan.trade.zero_for_one = random.below(4 * i + 3, 2) == 0;
    plan.trade.amount = plan.amount * U256(1'000'000'000'000);
  }
  return plans;
}

class Maker {
 public:
  explicit Maker(const MakeBlockOptions& options)
      : plans_(make_plans(options)), world_(options.seed, options.contracts) {
    const auto count = [&](Kind kind) {
      return std::count_if(plans_.begin(), plans_.end(),
                           [&](const Plan& plan) { return plan.kind == kind; });
    };
    if (count(Kind::kToken) > 0) {
      owner_ = world_.person("owner");
      token_ = create_token(world_, *owner_);
    }
    if (count(Kind::kSwap) > 0) exchange_.emplace(world_, options.pools);
    for (std::size_t i = 0; i < plans_.size(); ++i) prepare(i);
    world_.settle();
  }

  MadeBlock make() {
    MadeBlock made;
    std::uint64_t gas = 0;
    std::vector<Transaction> transactions;
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      transactions.push_back(transaction(plans_[i], people_[i]));
      ledger::sign_transaction(transactions.back(), people_[i].key);
      made.senders.push_back(people_[i].address);
      gas += transactions.back().gas_limit;
    }
    MadeWorld::Frame frame = world_.frame(gas);
    made.parent = frame.parent;
    made.block = std::move(frame.block);
    made.block.transactions = std::move(transactions);
    finish(made);
    made.state = world_.state();
    return made;
  }

 private:
  // The sender, with what the transaction takes from him.
  void prepare(std::size_t i) {
    const Plan& plan = plans_[i];
    Person& person = people_.emplace_back(world_.person(std::to_string(i)));
    if (plan.kind == Kind::kToken) mint(world_, *owner_, *token_, person.address, U256(1'000'000));
    if (plan.kind == Kind::kSwap) exchange_->fund(person, plan.trade);
  }

  Transaction transaction(const Plan& plan, Person& person) const {
    if (plan.kind == Kind::kSwap) return exchange_->swap(person, plan.trade);
    if (plan.kind == Kind::kToken) {
      Transaction tx = MadeWorld::transaction(person, *token_, 100'000);
      tx.data = call_data("transfer(address,uint256)", {ledger::to_u256(plan.to), plan.amount});
      return tx;
    }
    Transaction tx = MadeWorld::transaction(person, plan.to, 21'000);
    tx.value = plan.amount;
    return tx;
  }

  void finish(MadeBlock& made) {
    auto output = world_.execute(made.block, made.senders);
    ledger::Header& h = made.block.header;
    h.gas_used = output.gas_used;
    h.bloom = ledger::fill_blooms(output.receipts);
    h.receipts_root = ledger::receipts_root(output.receipts);
    h.transactions_root = ledger::transactions_root(made.block.transactions);
    ledger::MemoryState after = world_.state();
    after.apply(output.diff);
    h.state_root = after.root();
  }

  std::vector<Plan> plans_;
  MadeWorld world_;
  std::optional<Person> owner_;
  std::optional<Address> token_;
  std::optional<MadeExchange> exchange_;
  std::vector<Person> people_;
};

}  // namespace

MadeBlock make_block(const MakeBlockOptions& options) { return Maker(options).make(); }

std::string replay_json(const MadeBlock& made) {
  std::string text = "{\"block\":" + block_json(made.block, made.senders);
  text += ",\"parent\":" + header_json(made.parent) + ",\"blockHashes\":{},";
  append_pre_state(text, made.state,
                   [&](const ledger::Hash256& hash) { return made.state.code(hash)->bytes(); });
  return text += "}\n";
}

}  // namespace pel::cli
