// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

const Hash256 kKey =
    parse_hash("0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8");

Header london_header(std::uint64_t number) {
  Header header;
  header.number = number;
  header.uncles_hash = kEmptyUnclesHash;
  header.gas_limit = 60'000'000;
  header.timestamp = 12 * number;
  header.base_fee = U256(7);
  return header;
}

Header osaka_header(std::uint64_t number) {
  Header header = london_header(number);
  header.withdrawals_root = kEmptyTrieRoot;
  header.blob_gas_used = header.excess_blob_gas = 0;
  header.parent_beacon_root = Hash256{};
  header.requests_hash = requests_hash({});
  return header;
}

TEST(Block, SurvivesBytes) {
  Block block;
  block.header = osaka_header(1);
  Transaction tx;
  tx.gas_limit = 21000;
  sign_transaction(tx, kKey);
  block.transactions = {tx, tx};
  block.withdrawals = {{1, 2, small_address(3), 4}};
  block.uncles = {london_header(5)};
  const Bytes bytes = encode_block(block);
  const Block back = decode_block(bytes);
  EXPECT_EQ(encode_block(back), bytes);
  EXPECT_EQ(header_hash(back.header), header_hash(block.header));
  for (std::size_t size = 0; size < bytes.size(); size += 7)
    EXPECT_THROW(decode_block(BytesView(bytes).first(size)), Error) << size;
}

// A block of Osaka whose RLP has exactly `size` bytes: one transaction with as much data.
Block block_of_size(std::size_t size) {
  Block block;
  block.header = osaka_header(1);
  block.withdrawals.emplace();
  Transaction tx;
  tx.gas_limit = 10'000'000;
  tx.to = small_address(1);
  sign_transaction(tx, kKey);
  block.transactions = {tx};
  block.transactions[0].data.resize(size - 2000);
  const std::size_t base = encode_block(block).size();
  block.transactions[0].data.resize(size - 2000 + size - base);
  block.header.transactions_root = transactions_root(block.transactions);
  return block;
}

TEST(Block, SizeLimitOfEip7934) {
  constexpr std::size_t kLimit = 8'388'608;
  const auto config = ChainConfig::from_network("Osaka");
  const HeaderRules osaka{&*config, evm::Revision::kOsaka, evm::Revision::kOsaka};
  const HeaderRules prague{&*config, evm::Revision::kPrague, evm::Revision::kPrague};
  const Block fits = block_of_size(kLimit);
  ASSERT_EQ(encode_block(fits).size(), kLimit);
  EXPECT_NO_THROW(check_body(fits, osaka, kLimit));
  const Block above = block_of_size(kLimit + 1);
  ASSERT_EQ(encode_block(above).size(), kLimit + 1);
  EXPECT_NO_THROW(check_body(above, prague, kLimit + 1));
  try {
    check_body(above, osaka, kLimit + 1);
    FAIL() << "accepted";
  } catch (const InvalidBlock& error) {
    EXPECT_EQ(error.code(), "BlockException.RLP_BLOCK_LIMIT_EXCEEDED");
  }
}

TEST(Block, HeaderRulesNameTheField) {
  const auto config = ChainConfig::from_network("Osaka");
  const HeaderRules rules{&*config, evm::Revision::kOsaka, evm::Revision::kOsaka};
  Header parent = osaka_header(1);
  parent.gas_used = 30'000'000;
  const auto refused = [&](const char* code, auto change) {
    Header header = osaka_header(2);
    change(header);
    try {
      check_header(header, parent, rules);
    } catch (const InvalidBlock& error) {
      EXPECT_EQ(error.code(), std::string("BlockException.") + code) << error.what();
      return;
    }
    FAIL() << code;
  };
  EXPECT_NO_THROW(check_header(osaka_header(2), parent, rules));
  refused("INVALID_GASLIMIT", [](Header& h) { h.gas_limit += h.gas_limit / 1024; });
  refused("INVALID_BASEFEE_PER_GAS", [](Header& h) { h.base_fee = U256(8); });
  refused("INVALID_BLOCK_NUMBER", [](Header& h) { h.number = 3; });
  refused("INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT", [](Header& h) { h.timestamp = 12; });
  refused("INCORRECT_EXCESS_BLOB_GAS", [](Header& h) { h.excess_blob_gas = 1; });
  refused("INVALID_REQUESTS", [](Header& h) { h.requests_hash.reset(); });
  refused("EXTRA_DATA_TOO_BIG", [](Header& h) { h.extra_data.resize(33); });
  refused("IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS", [](Header& h) { h.difficulty = U256(1); });
}

TEST(Chain, RefusesWhatItCannotPlace) {
  evm::CodeCache codes;
  const auto config = ChainConfig::from_network("Frontier");
  Header genesis;
  genesis.uncles_hash = kEmptyUnclesHash;
  genesis.state_root = kEmptyTrieRoot;
  genesis.difficulty = U256(131072);
  genesis.gas_limit = 100'000;
  Chain chain(*config, genesis, {}, codes);
  Block block;
  block.header = genesis;
  block.header.number = 1;
  block.header.timestamp = 10;
  block.header.difficulty = next_difficulty(genesis, 1, 10, *config);
  EXPECT_THROW(chain.import(encode_block(block)), InvalidBlock);  // unknown parent
  block.header.parent_hash = header_hash(genesis);
  EXPECT_THROW(chain.import(encode_block(block)), InvalidBlock);  // the reward is not in the root
  MemoryState rewarded;
  rewarded.edit(Address{}).account.balance = U256(5) * U256(1'000'000'000'000'000'000);
  block.header.state_root = rewarded.root();
  EXPECT_EQ(chain.import(encode_block(block)), header_hash(block.header));
  EXPECT_EQ(chain.head(), header_hash(block.header));
}

// A chain of Frontier whose blocks hold nothing but uncles.
class UncleChain : public testing::Test {
 protected:
  static constexpr std::uint64_t kEther = 1'000'000'000'000'000'000;

  UncleChain() : chain_(config_, genesis(), {}, codes_), headers_{genesis()} {
    while (headers_.size() < 9) import({});
  }

  static Header genesis() {
    Header header;
    header.uncles_hash = kEmptyUnclesHash;
    header.state_root = kEmptyTrieRoot;
    header.difficulty = U256(131072);
    header.gas_limit = 100'000;
    return header;
  }
  Header child_of(const Header& parent) const {
    Header header = genesis();
    header.number = parent.number + 1;
    header.parent_hash = header_hash(parent);
    header.timestamp = parent.timestamp + 13;
    header.difficulty = next_difficulty(parent, header.number, header.timestamp, config_);
    return header;
  }
  // Another child of the block with this number.
  Header uncle_after(std::size_t number) const {
    Header header = child_of(headers_[number]);
    header.coinbase = small_address(0x77);
    return header;
  }

  void import(const std::vector<Header>& uncles) {
    Block block;
    block.header = child_of(headers_.back());
    block.uncles = uncles;
    block.header.uncles_hash = uncles_hash(uncles);
    MemoryState state = chain_.head_state();
    U256& miner = state.edit(Address{}).account.balance;
    miner += U256(5) * U256(kEther);
    for (const Header& uncle : uncles) {
      miner += U256(5) * U256(kEther) / U256(32);
      state.edit(uncle.coinbase).account.balance +=
          U256(5) * U256(kEther) * U256(8 + uncle.number - block.header.number) / U256(8);
    }
    block.header.state_root = state.root();
    chain_.import(encode_block(block));
    headers_.push_back(block.header);
  }

  ChainConfig config_ = *ChainConfig::from_network("Frontier");
  evm::CodeCache codes_;
  Chain chain_;
  std::vector<Header> headers_;
};

TEST_F(UncleChain, KnowsSevenAncestorsAndTheirUncles) {
  EXPECT_THROW(import({uncle_after(1)}), InvalidBlock);  // block 9: too old
  import({uncle_after(2)});
  for (int i = 0; i < 4; ++i) import({});
  const std::size_t last = headers_.size() - 1;
  import({uncle_after(last - 1)});
  for (int i = 0; i < 4; ++i) import({});
  EXPECT_THROW(import({uncle_after(last - 1)}), InvalidBlock);  // had it before
  import({uncle_after(last)});
  EXPECT_EQ(chain_.head(), header_hash(headers_.back()));
}

}  // namespace
}  // namespace pel::ledger
