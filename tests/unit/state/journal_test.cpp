// SPDX-License-Identifier: Apache-2.0
#include "ledger/state/journal.hpp"

#include <gtest/gtest.h>

#include <random>

namespace pel::ledger {
namespace {

using evm::Access;
using evm::Revision;

constexpr Address kA = small_address(0xa0000);
constexpr Address kB = small_address(0xb0000);
constexpr Address kC = small_address(0xc0000);

class JournalTest : public testing::Test {
 protected:
  void begin(Revision revision) {
    block.begin(state, revision);
    journal.begin_block({});
    journal.begin_transaction();
  }
  void end() {
    journal.end_transaction();
    state.apply(block.diff());
  }

  evm::CodeCache codes;
  MemoryState state;
  BlockState block;
  Journal journal{codes, block};
};

TEST_F(JournalTest, AccessMarksLastForATransactionAndAreUndone) {
  begin(Revision::kBerlin);
  const auto checkpoint = journal.checkpoint();
  EXPECT_EQ(journal.access_account(kA), Access::kCold);
  EXPECT_EQ(journal.access_account(kA), Access::kWarm);
  EXPECT_EQ(journal.load_storage(kA, U256(1)).access, Access::kCold);
  EXPECT_EQ(journal.access_storage(kA, U256(1)), Access::kWarm);
  journal.roll_back(checkpoint);
  EXPECT_EQ(journal.access_account(kA), Access::kCold);
  EXPECT_EQ(journal.access_storage(kA, U256(1)), Access::kCold);
  journal.begin_transaction();
  EXPECT_EQ(journal.access_account(kA), Access::kCold);
  EXPECT_EQ(journal.access_account(small_address(1)), Access::kWarm);  // a precompile
}

TEST_F(JournalTest, OriginalValueIsThatOfTheTransactionsStart) {
  state.set_storage(kA, U256(1), U256(5));
  begin(Revision::kLondon);
  EXPECT_EQ(journal.store_storage(kA, U256(1), U256(6)).original, U256(5));
  const auto store = journal.store_storage(kA, U256(1), U256(7));
  EXPECT_EQ(store.original, U256(5));
  EXPECT_EQ(store.current, U256(6));
  journal.end_transaction();
  journal.begin_transaction();
  EXPECT_EQ(journal.store_storage(kA, U256(1), U256(8)).original, U256(7));
}

TEST_F(JournalTest, EmptyTouchedAccountsGoFromSpuriousDragonOn) {
  state.edit(kA);
  begin(Revision::kSpuriousDragon);
  journal.touch(kA);
  end();
  EXPECT_FALSE(state.account(kA));

  begin(Revision::kHomestead);
  journal.touch(kB);
  end();
  EXPECT_TRUE(state.account(kB));
}

TEST_F(JournalTest, ATouchThatIsUndoneDoesNotClearExceptForRipemd) {
  state.edit(kA);
  state.edit(small_address(3));
  begin(Revision::kSpuriousDragon);
  const auto checkpoint = journal.checkpoint();
  journal.touch(kA);
  journal.touch(small_address(3));
  journal.roll_back(checkpoint);
  end();
  EXPECT_TRUE(state.account(kA));
  EXPECT_FALSE(state.account(small_address(3)));
}

TEST_F(JournalTest, SelfdestructBeforeCancunClearsStorageAtTheEnd) {
  state.edit(kA).account.balance = U256(10);
  state.set_storage(kA, U256(1), U256(5));
  begin(Revision::kShanghai);
  EXPECT_TRUE(journal.selfdestruct(kA, kB));
  EXPECT_FALSE(journal.selfdestruct(kA, kB));
  EXPECT_EQ(journal.load_storage(kA, U256(1)).value, U256(5));
  journal.end_transaction();
  journal.begin_transaction();
  EXPECT_EQ(journal.load_storage(kA, U256(1)).value, U256());
  journal.begin_create(kA, 1);
  journal.store_storage(kA, U256(2), U256(9));
  end();
  EXPECT_EQ(state.storage(kA, U256(1)), U256());
  EXPECT_EQ(state.storage(kA, U256(2)), U256(9));
  EXPECT_EQ(state.account(kB)->balance, U256(10));
}

TEST_F(JournalTest, SelfdestructFromCancunKeepsWhatWasNotCreatedNow) {
  state.edit(kA).account.balance = U256(10);
  begin(Revision::kCancun);
  journal.selfdestruct(kA, kA);
  EXPECT_EQ(journal.balance(kA), U256(10));
  journal.selfdestruct(kA, kB);
  EXPECT_EQ(journal.balance(kA), U256());
  journal.begin_create(kC, 1);
  journal.add_balance(kC, U256(3));
  EXPECT_TRUE(journal.selfdestruct(kC, kC));
  end();
  EXPECT_FALSE(state.account(kC));
  EXPECT_EQ(state.account(kB)->balance, U256(10));
}

TEST_F(JournalTest, CollidesWithNonceCodeOrStorage) {
  state.edit(kA).account.nonce = 1;
  state.set_storage(kB, U256(1), U256(1));
  state.edit(kC).account.balance = U256(1);
  begin(Revision::kOsaka);
  EXPECT_TRUE(journal.collides(kA));
  EXPECT_TRUE(journal.collides(kB));
  EXPECT_FALSE(journal.collides(kC));
}

// Every observable answer after a roll-back is the one before, for random histories.
TEST_F(JournalTest, RollBackRestoresEverything) {
  const std::array<Address, 3> all = {kA, kB, kC};
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    state = {};
    state.edit(kA).account.balance = U256(1000);
    state.set_storage(kA, U256(1), U256(5));
    begin(seed % 2 ? Revision::kCancun : Revision::kIstanbul);
    const auto act = [&] {
      const Address& who = all[random() % 3];
      const U256 key(random() % 3);
      switch (random() % 9) {
        case 0:
          journal.store_storage(who, key, U256(random() % 4));
          break;
        case 1:
          journal.add_balance(who, U256(random() % 4));
          break;
        case 2:
          journal.set_nonce(who, random() % 9);
          break;
        case 3:
          journal.set_code(who, Bytes(random() % 3, 0x5b));
          break;
        case 4:
          journal.store_transient(who, key, U256(random() % 4));
          break;
        case 5:
          journal.selfdestruct(who, all[random() % 3]);
          break;
        case 6:
          journal.begin_create(who, 1);
          break;
        case 7:
          journal.log(who, {}, Bytes{1});
          break;
        default:
          journal.touch(who);
      }
    };
    const auto look = [&] {
      std::string seen = std::to_string(journal.logs().size());
      for (const Address& who : all) {
        seen += to_string(journal.balance(who)) + std::to_string(journal.nonce(who)) +
                to_string(journal.code_hash(who)) + (journal.exists(who) ? "e" : "-") +
                (journal.in_state(who) ? "s" : "-");
        for (unsigned key = 0; key < 3; ++key)
          seen += to_string(journal.load_storage(who, U256(key)).value) +
                  to_string(journal.load_transient(who, U256(key)));
      }
      return seen;
    };
    for (int i = 0; i < 10; ++i) act();
    const std::string before = look();
    const auto checkpoint = journal.checkpoint();
    for (int i = 0; i < 20; ++i) act();
    journal.roll_back(checkpoint);
    ASSERT_EQ(look(), before) << "seed " << seed;
  }
}

}  // namespace
}  // namespace pel::ledger
