// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "ledger/chain/block_executor.hpp"
#include "ledger/chain/divided.hpp"

namespace pel::ledger {

// Runs of plain payments, done by account instead of by transaction. A valid payment to an account
// without code succeeds whatever else happens: its nonce and funds depend on its sender's account
// alone, and what it leaves in the accounts of sender and recipient on nobody else's. So accounts
// are divided among workers, and each goes through the run in order, doing what concerns its
// accounts: no account moves between cores, and nothing is compared.
//
// What makes a payment: a value above zero and no data, access list, authorization or blob; neither
// side has code, the recipient is no precompile. A fault takes the run back: its transactions then
// run one by one, and serial execution says what is wrong.
//
// Stretches are what looks like payments before the state is read. Their accounts are loaded in a
// first pass, also divided, which finds the transactions that have to do with code: those end runs.
//
// pay() is for the holder of the block's state, help() for all other workers at any time.
class Payments {
 public:
  explicit Payments(BlockState& state) : state_(state) {}

  // Finds the stretches. Nobody else is here, also in start(). `in_any_case`: short ones too, and
  // eight of sixteen transactions only, for tests. O(transactions).
  void find(const BlockExecutor::Input& input, bool in_any_case);
  // How many transactions they hold.
  std::size_t found() const noexcept { return found_; }
  // The block is begun, by so many workers.
  void start(const ExecutionContext& context, int crew);
  // Divides the accounts, unless somebody does or has done so: whoever has nothing better to do,
  // and at the latest pay().
  void divide() noexcept;

  bool contains(std::uint32_t index) const noexcept {
    return index < inside_.size() && inside_[index] != 0;
  }
  // Whether helpers may be needed for transactions from `head` on.
  bool expected(std::uint32_t head) const noexcept {
    return !stretches_.empty() && head < stretches_.back().end;
  }

  // Does the run that begins with this transaction, all before it being committed, if there is one:
  // receipts, gas and limits as well. Where the next transaction is; `index` if nothing was done.
  std::uint32_t pay(std::uint32_t index, std::uint32_t worker, BlockExecutor::Impl& block,
                    Journal& journal, BlockExecutor::Output& output);
  // Takes part in what pay() does; false: there was nothing to do.
  bool help(std::uint32_t worker) noexcept;

 private:
  enum class Role : std::uint8_t { kSender, kRecipient, kCoinbase };
  struct Entry {
    std::uint32_t index;  // the transaction
    BlockState::Place place;
    Role role;
  };
  struct Old {
    BlockState::Place place;
    bool exists;
    std::uint64_t nonce;
    U256 balance;
  };
  // The accounts of a part are one worker's at a time.
  struct alignas(64) Part {
    std::vector<Entry> entries;  // by transaction
    std::vector<Old> old;        // what the run in hand changed
    U256 tips;                   // what it gives to the coinbase
  };
  struct Stretch {
    std::uint32_t begin;
    std::uint32_t end;
    bool loaded = false;
  };
  enum class Task : std::uint8_t { kLoad, kPay };
  struct Job {
    Task task;
    std::uint32_t begin;
    std::uint32_t end;
    Receipt* receipts;       // from begin on
    std::uint64_t gas_used;  // by the block before it
    TxLimits limits;         // before it
  };

  enum Division : int { kNotYet, kUnderWay, kDivided, kFailed };

  Stretch* stretch_at(std::uint32_t index) noexcept;
  void fill_parts();
  void add_tips();
  bool wait_until_divided() noexcept;
  bool run(const Job& job, std::uint32_t worker) noexcept;
  void load(Part& part);
  bool pay(Part& part);
  bool pay_from(BlockState::AccountCell& cell, std::uint32_t index, Part& part);
  void note(BlockState::Place place, const BlockState::AccountCell& cell, Part& part);
  void take_back() noexcept;
  U256 tip(const Transaction& tx) const;
  std::uint32_t part_of(const Address& address) const noexcept;
  const Address& address_of(const Entry& entry) const noexcept;
  std::vector<Entry>::iterator first_entry(Part& part) const;

  BlockState& state_;
  const BlockExecutor::Input* input_ = nullptr;
  const ExecutionContext* context_ = nullptr;
  std::vector<std::uint8_t> inside_;  // by transaction: in a stretch
  std::vector<std::uint8_t> code_;    // by transaction: has to do with code
  std::vector<Stretch> stretches_;
  std::size_t found_ = 0;
  std::size_t at_ = 0;  // of the stretches: the holder's
  std::uint32_t shortest_ = 0;
  std::uint32_t one_by_one_ = 0;  // up to here nothing can be done by account
  int crew_ = 1;
  std::atomic<int> division_{kNotYet};
  std::vector<Part> parts_;
  IntrinsicGas gas_;
  std::uint64_t used_ = 0;  // gas of a payment
  bool coinbase_takes_part_ = false;
  BlockState::Place coinbase_ = 0;

  Job job_{};  // constant until all its parts are done
  Divided<DividedAtomics> divided_;
  std::atomic<bool> failed_{false};
};

}  // namespace pel::ledger
