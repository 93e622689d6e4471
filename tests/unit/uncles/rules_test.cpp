// SPDX-License-Identifier: Apache-2.0
// Which uncles a block may have (Yellow Paper, section 11.1).
#include <gtest/gtest.h>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

// Nine blocks of London, one after the other, and a tenth that may have uncles.
class Uncles : public testing::Test {
 protected:
  Uncles() {
    Header genesis = plain(1);
    genesis.difficulty = U256(131072);
    chain_.push_back(genesis);
    while (chain_.size() < 9) chain_.push_back(child_of(chain_.back(), 0));
    block_.header = child_of(chain_.back(), 0);
    for (std::size_t i = 0; i < 8; ++i) ancestors_.push_back({&chain_[8 - i], {}});
  }

  static Header plain(std::uint64_t number) {
    Header header;
    header.number = number;
    header.uncles_hash = kEmptyUnclesHash;
    header.gas_limit = 30'000'000;
    header.gas_used = 15'000'000;
    header.timestamp = 1000 + 13 * number;
    header.base_fee = U256(7);
    return header;
  }

  // A valid header after `parent`; others of the same parent have another `mark`.
  Header child_of(const Header& parent, unsigned mark) const {
    Header header = plain(parent.number + 1);
    header.parent_hash = header_hash(parent);
    header.coinbase = small_address(0xabc + mark);
    header.difficulty = next_difficulty(parent, header.number, header.timestamp, *config_);
    return header;
  }

  // "" if the uncles are accepted, else the official name.
  std::string check(std::vector<Header> uncles) {
    block_.uncles = std::move(uncles);
    try {
      check_uncles(block_, ancestors_, {&*config_, evm::Revision::kLondon, evm::Revision::kLondon});
    } catch (const InvalidBlock& error) {
      return error.code();
    }
    return {};
  }

  // An uncle whose parent is the ancestor of this depth; the block's parent has depth 0.
  Header uncle(std::size_t depth, unsigned mark = 1) const {
    return child_of(*ancestors_[depth].header, mark);
  }

  std::optional<ChainConfig> config_ = ChainConfig::from_network("London");
  std::vector<Header> chain_;
  std::vector<Ancestor> ancestors_;
  Block block_;
};

constexpr const char* kInvalid = "BlockException.INVALID_UNCLE";

TEST_F(Uncles, MayBeTwoOfTheLastSixGenerations) {
  for (std::size_t depth = 1; depth <= 6; ++depth) EXPECT_EQ(check({uncle(depth)}), "") << depth;
  EXPECT_EQ(check({uncle(1), uncle(6)}), "");
  EXPECT_EQ(check({uncle(2, 1), uncle(2, 2)}), "");
}

TEST_F(Uncles, AreNotBrothersNorOlder) {
  EXPECT_EQ(check({uncle(0)}), kInvalid);
  EXPECT_EQ(check({uncle(7)}), kInvalid);
}

TEST_F(Uncles, AreNotThree) { EXPECT_EQ(check({uncle(1), uncle(2), uncle(3)}), kInvalid); }

TEST_F(Uncles, CountOnce) {
  EXPECT_EQ(check({uncle(1), uncle(1)}), kInvalid);
  const std::vector<Header> used = {uncle(3)};
  ancestors_[1].uncles = used;
  EXPECT_EQ(check({uncle(3)}), kInvalid);
  EXPECT_EQ(check({uncle(3, 2)}), "");
}

TEST_F(Uncles, AreNoAncestors) {
  EXPECT_EQ(check({*ancestors_[0].header}), kInvalid);
  EXPECT_EQ(check({*ancestors_[3].header}), kInvalid);
}

TEST_F(Uncles, HaveHeadersThatAreValid) {
  Header bad = uncle(2);
  bad.gas_limit *= 2;
  EXPECT_EQ(check({bad}), "BlockException.INVALID_GASLIMIT");
  bad = uncle(2);
  bad.timestamp = 1;
  EXPECT_EQ(check({bad}), "BlockException.INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT");
  bad = uncle(2);
  bad.difficulty += U256(1);
  EXPECT_EQ(check({bad}), "BlockException.INVALID_DIFFICULTY");
}

}  // namespace
}  // namespace pel::ledger
