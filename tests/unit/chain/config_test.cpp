// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

using evm::Revision;

Revision at(const ChainConfig& config, std::uint64_t number, std::uint64_t time, bool merged) {
  Header header;
  header.number = number;
  header.timestamp = time;
  return config.revision(header, merged);
}

TEST(ChainConfig, MainnetsHistory) {
  const ChainConfig& mainnet = ChainConfig::mainnet();
  EXPECT_EQ(at(mainnet, 1'149'999, 0, false), Revision::kFrontier);
  EXPECT_EQ(at(mainnet, 1'150'000, 0, false), Revision::kHomestead);
  EXPECT_EQ(at(mainnet, 7'280'000, 0, false), Revision::kPetersburg);
  EXPECT_EQ(at(mainnet, 15'537'393, 1663224162, false), Revision::kLondon);
  EXPECT_EQ(at(mainnet, 15'537'394, 1663224179, true), Revision::kParis);
  EXPECT_EQ(at(mainnet, 19'426'587, 1710338135, true), Revision::kCancun);
  EXPECT_EQ(mainnet.blob_params(1710338135).max, 6U);
  EXPECT_EQ(mainnet.blob_params(1746612311).max, 9U);
}

TEST(ChainConfig, NamedNetworksAndTransitions) {
  const auto transition = ChainConfig::from_network("CancunToPragueAtTime15k");
  ASSERT_TRUE(transition);
  EXPECT_EQ(at(*transition, 1, 14'999, true), Revision::kCancun);
  EXPECT_EQ(at(*transition, 1, 15'000, true), Revision::kPrague);
  const auto bpo = ChainConfig::from_network("BPO1ToBPO2AtTime15k");
  ASSERT_TRUE(bpo);
  EXPECT_EQ(bpo->blob_params(0).max, 15U);
  EXPECT_EQ(bpo->blob_params(15'000).max, 21U);
  const auto block = ChainConfig::from_network("BerlinToLondonAt5");
  ASSERT_TRUE(block);
  EXPECT_EQ(at(*block, 4, 0, false), Revision::kBerlin);
  EXPECT_EQ(at(*block, 5, 0, false), Revision::kLondon);
  for (const char* wrong : {"", "Londn", "LondonTo", "LondonToParis", "AToBAt5", "BPO9"})
    EXPECT_FALSE(ChainConfig::from_network(wrong)) << wrong;
}

}  // namespace
}  // namespace pel::ledger
