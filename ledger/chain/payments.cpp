// SPDX-License-Identifier: Apache-2.0
#include "ledger/chain/payments.hpp"

#include <algorithm>
#include <bit>
#include <thread>

namespace pel::ledger {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

// A run that is worth to be divided: some five microseconds.
constexpr std::uint32_t kShortestRun = 12;
constexpr std::uint32_t kShortestStretch = 32;
constexpr int kMostParts = 32;
constexpr int kSpins = 10'000;  // some tenths of a millisecond

bool looks_like_payment(const Transaction& tx, evm::Revision revision) {
  return tx.type <= TxType::kDynamicFee && tx.to && tx.data.empty() && tx.access_list.empty() &&
         !tx.value.is_zero() && !evm::is_precompile(revision, *tx.to);
}

bool has_code(const BlockState::AccountCell& cell) noexcept {
  return to_hash(cell.code_hash.load()) != kEmptyCodeHash;
}

}  // namespace

void Payments::find(const BlockExecutor::Input& input, bool in_any_case) {
  const auto& txs = input.block->transactions;
  const auto n = static_cast<std::uint32_t>(txs.size());
  input_ = &input;
  stretches_.clear();
  inside_.assign(n, 0);
  found_ = at_ = 0;
  one_by_one_ = 0;
  shortest_ = in_any_case ? 2 : kShortestRun;
  // Receipts that hold a state root need the state after each transaction.
  if (input.tracer || (input.revision < evm::Revision::kByzantium && input.intermediate_root))
    return;
  const std::uint32_t shortest = in_any_case ? shortest_ : kShortestStretch;
  const auto belongs = [&](std::uint32_t i) {
    return looks_like_payment(txs[i], input.revision) && !(in_any_case && i / 8 % 2 == 1);
  };
  for (std::uint32_t i = 0; i < n; ++i) {
    std::uint32_t end = i;
    while (end < n && belongs(end)) ++end;
    if (end - i >= shortest) {
      stretches_.push_back({i, end});
      std::fill(inside_.begin() + i, inside_.begin() + end, std::uint8_t{1});
      found_ += end - i;
    }
    i = end;
  }
}

void Payments::start(const ExecutionContext& context, int crew) {
  context_ = &context;
  crew_ = crew;
  division_.store(kNotYet);
  if (stretches_.empty()) return;
  coinbase_ = state_.place_of(context.environment.block.coinbase);
  gas_ = intrinsic_gas(input_->block->transactions[stretches_.front().begin], input_->revision);
  used_ = std::max(gas_.base, gas_.floor);
}

void Payments::divide() noexcept {
  int seen = kNotYet;
  if (stretches_.empty() || !division_.compare_exchange_strong(seen, kUnderWay)) return;
  try {
    fill_parts();
    division_.store(kDivided);
  } catch (...) {  // no memory: one by one, then
    division_.store(kFailed);
  }
}

bool Payments::wait_until_divided() noexcept {
  divide();
  for (int spins = 0; division_.load() == kUnderWay; ++spins) {
    pause_processor();
    if (spins > kSpins) std::this_thread::yield();
  }
  return division_.load() == kDivided;
}

void Payments::fill_parts() {
  const auto& txs = input_->block->transactions;
  const Address& coinbase = context_->environment.block.coinbase;
  code_.assign(txs.size(), 0);
  parts_.resize(std::bit_ceil(static_cast<unsigned>(std::clamp(2 * crew_, 2, kMostParts))));
  for (Part& part : parts_) part.entries.clear();
  coinbase_takes_part_ = false;
  for (const Stretch& stretch : stretches_) {
    for (std::uint32_t i = stretch.begin; i < stretch.end; ++i) {
      const Address& sender = input_->senders[i];
      const Address& recipient = *txs[i].to;
      parts_[part_of(sender)].entries.push_back({i, 0, Role::kSender});
      parts_[part_of(recipient)].entries.push_back({i, 0, Role::kRecipient});
      coinbase_takes_part_ |= sender == coinbase || recipient == coinbase;
    }
  }
  if (coinbase_takes_part_) add_tips();
}

// The coinbase's balance is looked at, so that it gets its tips transaction by transaction.
void Payments::add_tips() {
  std::vector<Entry>& entries = parts_[part_of(context_->environment.block.coinbase)].entries;
  std::vector<Entry> with_tips;
  with_tips.reserve(entries.size() + found_);
  auto entry = entries.begin();
  for (const Stretch& stretch : stretches_) {
    for (std::uint32_t i = stretch.begin; i < stretch.end; ++i) {
      for (; entry != entries.end() && entry->index == i; ++entry) with_tips.push_back(*entry);
      with_tips.push_back({i, coinbase_, Role::kCoinbase});
    }
  }
  entries = std::move(with_tips);
}

std::uint32_t Payments::part_of(const Address& address) const noexcept {
  return (address.bytes[19] ^ address.bytes[5]) & static_cast<std::uint32_t>(parts_.size() - 1);
}

const Address& Payments::address_of(const Entry& entry) const noexcept {
  return entry.role == Role::kSender ? input_->senders[entry.index]
                                     : *input_->block->transactions[entry.index].to;
}

std::vector<Payments::Entry>::iterator Payments::first_entry(Part& part) const {
  return std::lower_bound(part.entries.begin(), part.entries.end(), job_.begin,
                          [](const Entry& entry, std::uint32_t i) { return entry.index < i; });
}

Payments::Stretch* Payments::stretch_at(std::uint32_t index) noexcept {
  while (at_ < stretches_.size() && stretches_[at_].end <= index) ++at_;
  if (at_ == stretches_.size() || index < stretches_[at_].begin) return nullptr;
  return &stretches_[at_];
}

std::uint32_t Payments::pay(std::uint32_t index, std::uint32_t worker, BlockExecutor::Impl& block,
                            Journal& journal, BlockExecutor::Output& output) {
  Stretch* stretch = stretch_at(index);
  if (stretch == nullptr || index < one_by_one_ || !wait_until_divided()) return index;
  if (!stretch->loaded) {
    stretch->loaded = true;
    if (!run({Task::kLoad, index, stretch->end, nullptr, 0, {}}, worker)) {
      one_by_one_ = stretch->end;
      return index;
    }
  }
  std::uint32_t end = index;
  while (end < stretch->end && code_[end] == 0) ++end;
  // EIP-161 has an empty coinbase go, and come back with the first tip: as a rule, of the next.
  const BlockState::AccountCell& coinbase = state_.account(coinbase_);
  const bool coinbase_is_there = coinbase.exists.load(kRelaxed) && !coinbase.is_empty();
  if (end - index < shortest_ || !coinbase_is_there) {
    one_by_one_ = coinbase_is_there ? end : std::min(end, index + shortest_);
    return index;
  }
  const std::size_t receipts = output.receipts.size();
  output.receipts.resize(receipts + (end - index));
  const Job job{Task::kPay,          index, end, &output.receipts[receipts], output.gas_used,
                block.context.limits};
  if (!run(job, worker)) {
    take_back();
    output.receipts.resize(receipts);
    one_by_one_ = end;
    return index;
  }
  if (!coinbase_takes_part_) {
    U256 tips;
    for (const Part& part : parts_) tips += part.tips;
    journal.begin_transaction();
    journal.add_balance(context_->environment.block.coinbase, tips);
    journal.end_transaction();
  }
  const std::uint64_t gas = used_ * (end - index);
  block.context.limits.gas_left -= gas;
  output.gas_used += gas;
  return end;
}

// Opens all parts of the job, does what others do not, and waits for all. False: one has failed.
bool Payments::run(const Job& job, std::uint32_t worker) noexcept {
  job_ = job;
  failed_.store(false, kRelaxed);
  divided_.open(static_cast<std::uint32_t>(parts_.size()));
  help(worker);
  for (int spins = 0; !divided_.done(); ++spins) {
    pause_processor();
    if (spins > kSpins) std::this_thread::yield();  // somebody has lost his processor
  }
  return !failed_.load(kRelaxed);
}

bool Payments::help(std::uint32_t worker) noexcept {
  // Those that it had in earlier runs, whose accounts are in its core's cache.
  const std::uint32_t own = 3U << 2 * worker % kMostParts;
  std::uint32_t part = 0;
  bool helped = false;
  for (; divided_.claim(own, &part); helped = true) {
    try {
      if (job_.task == Task::kLoad) {
        load(parts_[part]);
      } else if (!pay(parts_[part])) {
        failed_.store(true, kRelaxed);
      }
    } catch (...) {  // whoever runs the transactions one by one meets it again
      failed_.store(true, kRelaxed);
    }
    divided_.finished();
  }
  return helped;
}

void Payments::load(Part& part) {
  for (auto entry = first_entry(part); entry != part.entries.end() && entry->index < job_.end;
       ++entry) {
    if (entry->role == Role::kCoinbase) continue;
    entry->place = state_.place_of(address_of(*entry));
    if (has_code(state_.account(entry->place)))
      std::atomic_ref(code_[entry->index]).store(1, kRelaxed);
  }
}

// What the run does to the accounts of a part; false: something is wrong.
bool Payments::pay(Part& part) {
  part.old.clear();
  part.tips = {};
  for (auto entry = first_entry(part); entry != part.entries.end() && entry->index < job_.end;
       ++entry) {
    BlockState::AccountCell& cell = state_.account_cell(entry->place);
    const Transaction& tx = input_->block->transactions[entry->index];
    note(entry->place, cell, part);
    if (entry->role == Role::kCoinbase) {
      cell.balance.store(cell.balance.load() + tip(tx));
      continue;
    }
    // A transaction between the runs may have given it code.
    if (has_code(cell)) return false;
    if (entry->role == Role::kRecipient) {
      cell.balance.store(cell.balance.load() + tx.value);
      cell.exists.store(true, kRelaxed);
    } else if (!pay_from(cell, entry->index, part)) {
      return false;
    }
  }
  return true;
}

bool Payments::pay_from(BlockState::AccountCell& cell, std::uint32_t index, Part& part) {
  const Transaction& tx = input_->block->transactions[index];
  const evm::Environment& environment = context_->environment;
  const std::uint32_t before = index - job_.begin;
  TxContext rules{environment.revision, &environment.block, job_.limits};
  if (rules.limits.gas_left < used_ * before) return false;
  rules.limits.gas_left -= used_ * before;
  const Account account = cell.account();
  if (check_tx(rules, tx, gas_, {&account, false})) return false;
  const U256 price = effective_gas_price(tx, environment.block.base_fee);
  cell.balance.store(account.balance - price * U256(used_) - tx.value);
  cell.nonce.store(account.nonce + 1, kRelaxed);
  cell.exists.store(true, kRelaxed);
  if (!coinbase_takes_part_) part.tips += tip(tx);
  Receipt& receipt = job_.receipts[before];
  receipt.type = tx.type;
  receipt.success = true;
  receipt.gas_used = used_;
  receipt.gas_price = price;
  receipt.cumulative_gas = job_.gas_used + used_ * (before + 1);
  return true;
}

U256 Payments::tip(const Transaction& tx) const {
  const U256& base_fee = context_->environment.block.base_fee;
  const U256 price = effective_gas_price(tx, base_fee);
  const bool burns = context_->environment.revision >= evm::Revision::kLondon;
  return (burns ? price - base_fee : price) * U256(used_);
}

void Payments::note(BlockState::Place place, const BlockState::AccountCell& cell, Part& part) {
  part.old.push_back(
      {place, cell.exists.load(kRelaxed), cell.nonce.load(kRelaxed), cell.balance.load()});
}

void Payments::take_back() noexcept {
  for (Part& part : parts_) {
    for (; !part.old.empty(); part.old.pop_back()) {
      const Old& old = part.old.back();
      BlockState::AccountCell& cell = state_.account_cell(old.place);
      cell.balance.store(old.balance);
      cell.nonce.store(old.nonce, kRelaxed);
      cell.exists.store(old.exists, kRelaxed);
    }
  }
}

}  // namespace pel::ledger
