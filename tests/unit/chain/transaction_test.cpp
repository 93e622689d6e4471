// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

const Hash256 kKey =
    parse_hash("0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8");
const Address kSender = parse_address("0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b");
const Address kTo = small_address(0xbeef0000);

Transaction make(TxType type) {
  Transaction tx;
  tx.type = type;
  tx.chain_id = 1;
  tx.gas_limit = 100'000;
  tx.max_fee = U256(10);
  tx.max_priority_fee = type >= TxType::kDynamicFee ? U256(2) : tx.max_fee;
  tx.to = kTo;
  tx.value = U256(7);
  tx.data = {1, 0, 2};
  if (type != TxType::kLegacy) tx.access_list = {{kTo, {Hash256{}}}};
  if (type == TxType::kBlob) {
    tx.max_blob_fee = U256(3);
    tx.blob_hashes = {Hash256{{1}}};
  }
  if (type == TxType::kSetCode) tx.authorizations = {{U256(1), kTo, 5, U256(1), U256(8), U256(9)}};
  sign_transaction(tx, kKey);
  return tx;
}

TEST(Transaction, EveryTypeSurvivesBytesAndRecoversItsSender) {
  EXPECT_EQ(key_address(kKey), kSender);
  for (int type = 0; type <= 4; ++type) {
    const Transaction tx = make(static_cast<TxType>(type));
    const Bytes bytes = encode_transaction(tx);
    const Transaction back = decode_transaction(bytes);
    EXPECT_EQ(encode_transaction(back), bytes) << type;
    EXPECT_EQ(recover_sender(back, evm::Revision::kOsaka), kSender) << type;
    EXPECT_EQ(transaction_hash(back), transaction_hash(tx)) << type;
  }
}

TEST(Transaction, CutBytesAreErrorsThatNameThePlace) {
  for (int type = 0; type <= 4; ++type) {
    const Bytes bytes = encode_transaction(make(static_cast<TxType>(type)));
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_THROW(decode_transaction(BytesView(bytes).first(size)), Error) << type << " " << size;
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_THROW(decode_transaction(longer), Error);
  }
  try {
    decode_transaction(Bytes{0x05, 0xc0}, "block 7, transaction 3");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.place(), "block 7, transaction 3");
  }
}

TEST(Transaction, HighSignaturesAreRefusedFromHomesteadOn) {
  Transaction tx = make(TxType::kLegacy);
  tx.chain_id.reset();
  sign_transaction(tx, kKey);
  const U256 order =
      parse_u256("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
  tx.s = order - tx.s;
  tx.v = tx.v == U256(27) ? U256(28) : U256(27);
  EXPECT_EQ(recover_sender(tx, evm::Revision::kFrontier), kSender);
  EXPECT_EQ(recover_sender(tx, evm::Revision::kHomestead), std::nullopt);
}

TEST(Transaction, IntrinsicGasByRevision) {
  Transaction tx = make(TxType::kLegacy);  // one zero and two other bytes
  EXPECT_EQ(intrinsic_gas(tx, evm::Revision::kFrontier).base, 21000U + 4 + 2 * 68);
  EXPECT_EQ(intrinsic_gas(tx, evm::Revision::kIstanbul).base, 21000U + 4 + 2 * 16);
  EXPECT_EQ(intrinsic_gas(tx, evm::Revision::kPrague).floor, 21000U + 10 * (1 + 2 * 4));
  tx.to.reset();
  EXPECT_EQ(intrinsic_gas(tx, evm::Revision::kFrontier).base, 21000U + 4 + 2 * 68);
  EXPECT_EQ(intrinsic_gas(tx, evm::Revision::kShanghai).base, 53000U + 4 + 2 * 16 + 2);
}

// One transaction on a small state: what each party ends up with.
TEST(BlockExecutor, PaysSenderRecipientAndCoinbase) {
  MemoryState state;
  state.edit(kSender).account.balance = U256(10'000'000);
  evm::CodeCache codes;
  BlockExecutor executor(codes);
  BlockExecutor::Single context;
  context.revision = evm::Revision::kCancun;
  context.block.base_fee = U256(4);
  context.block.coinbase = small_address(0xc0ffee00);
  context.limits = {30'000'000, 0, {}};
  context.view = &state;
  Transaction tx = make(TxType::kDynamicFee);
  StateDiff diff;
  const TxOutcome outcome = executor.execute(context, tx, kSender, diff);
  ASSERT_FALSE(outcome.fault) << outcome.fault.detail;
  EXPECT_TRUE(outcome.receipt.success);
  state.apply(diff);
  const std::uint64_t gas = outcome.receipt.gas_used;
  EXPECT_EQ(gas, intrinsic_gas(tx, context.revision).base);
  EXPECT_EQ(outcome.receipt.gas_price, U256(6));
  EXPECT_EQ(state.account(kSender)->balance, U256(10'000'000 - 6 * gas - 7));
  EXPECT_EQ(state.account(kSender)->nonce, 1U);
  EXPECT_EQ(state.account(kTo)->balance, U256(7));
  EXPECT_EQ(state.account(context.block.coinbase)->balance, U256(2 * gas));
  EXPECT_EQ(executor.execute(context, tx, kSender, diff).fault.name, "NONCE_MISMATCH_TOO_LOW");
}

}  // namespace
}  // namespace pel::ledger
