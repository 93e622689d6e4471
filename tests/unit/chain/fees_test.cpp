// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

TEST(Fees, BaseFeeFollowsTheParentsGas) {
  Header parent;
  parent.gas_limit = 20'000'000;
  parent.base_fee = U256(1'000'000'000);
  parent.gas_used = 10'000'000;
  EXPECT_EQ(next_base_fee(parent, true), U256(1'000'000'000));
  parent.gas_used = 20'000'000;
  EXPECT_EQ(next_base_fee(parent, true), U256(1'125'000'000));
  parent.gas_used = 0;
  EXPECT_EQ(next_base_fee(parent, true), U256(875'000'000));
  EXPECT_EQ(next_base_fee(parent, false), U256(1'000'000'000));
}

TEST(Fees, BlobPriceGrowsAndSaturates) {
  const BlobParams cancun{3, 6, 3338477};
  EXPECT_EQ(blob_base_fee(0, cancun), U256(1));
  EXPECT_EQ(blob_base_fee(2314057, cancun), U256(1));
  EXPECT_EQ(blob_base_fee(2314058, cancun), U256(2));
  EXPECT_EQ(blob_base_fee(10 << 20, cancun), U256(23));
  EXPECT_EQ(blob_base_fee(~std::uint64_t{0}, cancun), U256::max());
  EXPECT_EQ(blob_base_fee(~std::uint64_t{0}, BlobParams{3, 6, 1}), U256::max());
}

TEST(Fees, ExcessBlobGasWithAndWithoutAReservePrice) {
  const BlobParams prague{6, 9, 5007716};
  Header parent;
  parent.excess_blob_gas = 0;
  parent.blob_gas_used = 5 << 17;
  parent.base_fee = U256(1);
  EXPECT_EQ(next_excess_blob_gas(parent, prague, evm::Revision::kPrague), 0U);
  parent.blob_gas_used = 9 << 17;
  EXPECT_EQ(next_excess_blob_gas(parent, prague, evm::Revision::kPrague), 3U << 17);
  parent.base_fee = U256(1'000'000);  // EIP-7918: execution is dearer than blobs
  EXPECT_EQ(next_excess_blob_gas(parent, prague, evm::Revision::kOsaka), 3U << 17);
  parent.blob_gas_used = 6 << 17;
  EXPECT_EQ(next_excess_blob_gas(parent, prague, evm::Revision::kPrague), 0U);
  EXPECT_EQ(next_excess_blob_gas(parent, prague, evm::Revision::kOsaka), 2U << 17);
}

}  // namespace
}  // namespace pel::ledger
