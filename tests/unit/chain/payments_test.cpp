// SPDX-License-Identifier: Apache-2.0
// Blocks that are mostly payments, whose accounts workers divide among themselves, against serial
// execution.
#include <gtest/gtest.h>

#include <random>

#include "pel/executor.hpp"
#include "pel/ledger/chain.hpp"
#include "tests/unit/chain/words_of.hpp"

namespace pel::ledger {
namespace {

using evm::Revision;
using test::words_of;

// A few accounts that pay each other, mostly in vain of any pattern; now and then a coinbase, a
// contract, a precompile or an account that gets its code in the middle of the block.
class Payers {
 public:
  Payers(std::uint64_t seed, std::size_t count, std::uint64_t faults)
      : random_(seed), faults_(faults) {
    revision_ = static_cast<Revision>(pick(2) == 0 ? static_cast<int>(Revision::kCancun)
                                                   : static_cast<int>(pick(13)));
    for (std::uint64_t i = 0; i < kAccounts; ++i) {
      // The last ones have what others give them.
      if (i < kAccounts - 3) state.edit(account(i)).account.balance = U256(kRich);
      state.edit(account(i)).account.nonce = nonces_[i] = pick(5);
    }
    // Whoever pays it makes it create a contract: a child of it.
    state.set_code(contract(), std::make_shared<evm::Code>(
                                   parse_bytes("69600160005360016000f3600052600a60166000f000")));
    Header& header = block_.header;
    header.number = 5;
    header.gas_limit = pick(6) == 0 ? 21'000 * (count - pick(10)) : 100'000'000;
    header.difficulty = 1;
    header.coinbase = pick(3) == 0 ? account(pick(kAccounts)) : small_address(0x600);
    switch (pick(4)) {
      case 0:
        state.edit(header.coinbase).account.balance = U256(9);
        break;
      case 1:
        state.edit(header.coinbase);  // is there, and may be empty
        break;
      default:
        break;
    }
    if (revision_ >= Revision::kLondon) header.base_fee = U256(7);
    skip_faulty = pick(2) == 0;
    for (std::size_t i = 0; i < count; ++i) pick(120) == 0 ? add_creation() : add_payment();
  }

  BlockExecutor::Input input() const {
    BlockExecutor::Input input;
    input.config = &ChainConfig::mainnet();
    input.revision = revision_;
    input.block = &block_;
    input.senders = senders_;
    input.view = &state;
    input.skip_faulty = skip_faulty;
    return input;
  }

  MemoryState state;
  bool skip_faulty = false;

 private:
  static constexpr std::uint64_t kAccounts = 12;
  static constexpr std::uint64_t kRich = 1'000'000'000'000;

  static Address account(std::uint64_t i) { return small_address(0x100 + 0x11 * i); }
  static Address contract() { return small_address(0x300); }
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  Transaction next(std::uint64_t sender) {
    Transaction tx;
    tx.nonce = nonces_[sender]++;
    tx.gas_limit = pick(3) == 0 ? 21'000 : 90'000;
    tx.max_fee = tx.max_priority_fee = U256(7 + pick(4));
    if (revision_ >= Revision::kLondon && pick(2) == 0) {
      tx.type = TxType::kDynamicFee;
      tx.chain_id = 1;
      tx.max_priority_fee = U256(pick(3));
    }
    senders_.push_back(account(sender));
    return tx;
  }
  void add_payment() {
    const std::uint64_t sender = pick(20) == 0 ? kAccounts - 1 - pick(3) : pick(kAccounts - 3);
    Transaction tx = next(sender);
    tx.value = U256(pick(100) == 0 ? 0 : 1 + pick(sender < kAccounts - 3 ? 50'000'000 : 50'000));
    switch (pick(100)) {
      case 0:
        tx.to = contract();
        break;
      case 1:
        tx.to = small_address(2);
        break;
      case 2:
        tx.to = block_.header.coinbase;
        break;
      case 3:
      case 4:
        tx.to = created_;
        break;
      case 5:
        tx.to = small_address(0x500 + pick(40));
        break;
      case 6:
      case 7:
      case 8:
        tx.to = evm::contract_address(contract(), pick(4));
        break;
      default:
        tx.to = account(pick(kAccounts));
    }
    if (faults_ != 0 && pick(faults_) == 0) {
      if (pick(2) == 0) {
        ++tx.nonce;
      } else {
        tx.value = U256(kRich * 2);
      }
    }
    block_.transactions.push_back(tx);
  }
  // Gives code to an account that others pay.
  void add_creation() {
    const std::uint64_t sender = pick(kAccounts - 3);
    const std::uint64_t nonce = nonces_[sender];
    Transaction tx = next(sender);
    tx.gas_limit = 200'000;
    tx.data = parse_bytes("600a600c600039600a6000f3600160005401600055");
    created_ = evm::contract_address(account(sender), nonce);
    block_.transactions.push_back(tx);
    // The one that comes after it is known before.
    created_ = evm::contract_address(account(sender), nonce + pick(3));
  }

  std::mt19937_64 random_;
  std::uint64_t faults_;
  Revision revision_ = Revision::kFrontier;
  std::array<std::uint64_t, kAccounts> nonces_{};
  Address created_ = small_address(0x500);
  Block block_;
  std::vector<Address> senders_;
};

struct Sizes {
  std::uint64_t seeds;
  std::size_t transactions;
  std::uint64_t faults;  // one in so many transactions; 0: none
  bool in_any_case;
};

// How many blocks were valid, and how many payments were done by account.
struct Seen {
  std::uint64_t valid = 0;
  std::uint64_t by_account = 0;
};

Seen compare(int workers, const Sizes& sizes) {
  ExecutorOptions options;
  options.workers = workers;
  options.oversubscribe = true;
  Executor executor(options);
  evm::CodeCache codes;
  BlockExecutor serial(codes);
  ParallelBlockExecutor parallel(codes, sizes.in_any_case);
  Seen seen;
  for (std::uint64_t seed = 0; seed < sizes.seeds; ++seed) {
    const Payers payers(seed, sizes.transactions, sizes.faults);
    const BlockExecutor::Input input = payers.input();
    BlockExecutor::Output want;
    BlockExecutor::Output got;
    const std::string refused = words_of([&] { want = serial.execute(input); });
    const std::string refused_too =
        words_of([&] { executor.run([&] { got = parallel.execute(input); }); });
    EXPECT_EQ(refused, refused_too) << "seed " << seed;
    EXPECT_EQ(difference(want, got), "") << "seed " << seed;
    if (testing::Test::HasFailure()) break;
    seen.valid += refused.empty();
    seen.by_account += parallel.counters().by_account;
  }
  return seen;
}

TEST(Payments, BlocksOfPaymentsGiveWhatSerialExecutionGives) {
  for (const int workers : {2, 3}) {
    const Seen seen = compare(workers, {60, 700, 0, false});
    EXPECT_GT(seen.valid, 30U);
    EXPECT_GT(seen.by_account, 60 * 100U);
  }
}

TEST(Payments, FaultsAreThoseOfSerialExecution) {
  const Seen seen = compare(2, {150, 500, 300, false});
  EXPECT_GT(seen.valid, 20U);
  EXPECT_LT(seen.valid, 150U);
  EXPECT_GT(seen.by_account, 0U);
}

TEST(Payments, ShortRunsBetweenAttempts) {
  for (const int workers : {0, 2, 3}) {
    const Seen seen = compare(workers, {300, 60, 100, true});
    EXPECT_GT(seen.valid, 100U);
    EXPECT_GT(seen.by_account, 0U);
  }
}

// The payouts of a pool: all from the coinbase, whose balance includes its own tips.
TEST(Payments, TheCoinbasePays) {
  MemoryState state;
  Block block;
  block.header.number = 5;
  block.header.gas_limit = 100'000'000;
  block.header.coinbase = small_address(0x100);
  // What it has covers its payments only because it gets the price of their gas back.
  state.edit(block.header.coinbase).account.balance = U256(21'000 * 10 + 600 * 3);
  std::vector<Address> senders(600, block.header.coinbase);
  for (std::uint64_t i = 0; i < 600; ++i) {
    Transaction tx;
    tx.nonce = i;
    tx.gas_limit = 21'000;
    tx.max_fee = tx.max_priority_fee = U256(10);
    tx.to = small_address(0x1000 + i);
    tx.value = U256(3);
    block.transactions.push_back(tx);
  }
  BlockExecutor::Input input;
  input.config = &ChainConfig::mainnet();
  input.revision = Revision::kIstanbul;
  input.block = &block;
  input.senders = senders;
  input.view = &state;
  input.pay_rewards = false;
  evm::CodeCache codes;
  const BlockExecutor::Output want = BlockExecutor(codes).execute(input);
  ASSERT_EQ(want.receipts.size(), 600U);
  Executor executor({.workers = 2, .oversubscribe = true});
  ParallelBlockExecutor parallel(codes);
  BlockExecutor::Output got;
  executor.run([&] { got = parallel.execute(input); });
  EXPECT_EQ(difference(want, got), "");
  EXPECT_EQ(parallel.counters().by_account, 600U);
}

}  // namespace
}  // namespace pel::ledger
