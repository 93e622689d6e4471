// SPDX-License-Identifier: Apache-2.0
// When a transaction may be executed. Names are those of the official fixtures.
#include "ledger/chain/tx_rules.hpp"

#include <algorithm>

namespace pel::ledger {
namespace {

using evm::Revision;

constexpr std::uint64_t kTxGas = 21000;
constexpr std::uint64_t kCreateGas = 32000;         // EIP-2
constexpr std::uint64_t kAccessAddressGas = 2400;   // EIP-2930
constexpr std::uint64_t kAccessKeyGas = 1900;       // EIP-2930
constexpr std::uint64_t kInitCodeWordGas = 2;       // EIP-3860
constexpr std::uint64_t kAuthorizationGas = 25000;  // EIP-7702
constexpr std::uint64_t kFloorGasPerToken = 10;     // EIP-7623

TxFault fault(std::string_view name, std::string detail) { return {name, std::move(detail)}; }

std::string numbers(const char* what, const U256& have, const char* than, const U256& want) {
  return std::string(what) + " " + to_string(have) + " " + than + " " + to_string(want);
}

TxFault check_type(Revision revision, const Transaction& tx) {
  constexpr std::array<std::pair<Revision, std::string_view>, 5> kSince = {{
      {Revision::kFrontier, ""},
      {Revision::kBerlin, "TYPE_1_TX_PRE_FORK"},
      {Revision::kLondon, "TYPE_2_TX_PRE_FORK"},
      {Revision::kCancun, "TYPE_3_TX_PRE_FORK"},
      {Revision::kPrague, "TYPE_4_TX_PRE_FORK"},
  }};
  const auto& [since, name] = kSince[static_cast<std::size_t>(tx.type)];
  if (revision < since)
    return fault(name, "type " + std::to_string(static_cast<int>(tx.type)) + " in " +
                           std::string(evm::to_string(revision)));
  return {};
}

TxFault check_allowance(const TxContext& context, const Transaction& tx) {
  if (tx.gas_limit > context.limits.gas_left)
    return fault(
        "GAS_ALLOWANCE_EXCEEDED",
        numbers("gas", tx.gas_limit, "above what the block has left,", context.limits.gas_left));
  if (tx.type == TxType::kBlob && tx.blob_gas() > context.limits.blob_gas_left)
    return fault("TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED",
                 numbers("blob gas", tx.blob_gas(), "above what the block has left,",
                         context.limits.blob_gas_left));
  return {};
}

TxFault check_blobs(const TxContext& context, const Transaction& tx) {
  if (tx.type != TxType::kBlob) return {};
  if (!tx.to) return fault("TYPE_3_TX_CONTRACT_CREATION", "a blob transaction cannot create");
  const std::uint64_t count = tx.blob_hashes.size();
  if (count == 0) return fault("TYPE_3_TX_ZERO_BLOBS", "no blob hash");
  std::uint64_t most = context.limits.blobs.max;
  if (context.revision >= Revision::kOsaka) most = std::min(most, kMaxBlobsPerTx);
  if (count > most)
    return fault("TYPE_3_TX_BLOB_COUNT_EXCEEDED", numbers("blobs", count, "above", most));
  for (const Hash256& hash : tx.blob_hashes)
    if (hash.bytes[0] != 1) return fault("TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH", to_string(hash));
  if (tx.max_blob_fee < context.block->blob_base_fee)
    return fault(
        "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS",
        numbers("maxFeePerBlobGas", tx.max_blob_fee, "below", context.block->blob_base_fee));
  return {};
}

TxFault check_authorizations(const Transaction& tx) {
  if (tx.type != TxType::kSetCode) return {};
  if (!tx.to) return fault("TYPE_4_TX_CONTRACT_CREATION", "a set-code transaction cannot create");
  if (tx.authorizations.empty())
    return fault("TYPE_4_EMPTY_AUTHORIZATION_LIST", "no authorization");
  return {};
}

TxFault check_fees(const TxContext& context, const Transaction& tx) {
  if (tx.max_priority_fee > tx.max_fee)
    return fault("PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS",
                 numbers("maxPriorityFeePerGas", tx.max_priority_fee, "above", tx.max_fee));
  if (context.revision >= Revision::kLondon && tx.max_fee < context.block->base_fee)
    return fault("INSUFFICIENT_MAX_FEE_PER_GAS",
                 numbers("fee", tx.max_fee, "below the base fee", context.block->base_fee));
  return {};
}

TxFault check_gas(const TxContext& context, const Transaction& tx, const IntrinsicGas& gas) {
  if (tx.gas_limit < gas.base)
    return fault("INTRINSIC_GAS_TOO_LOW", numbers("gas", tx.gas_limit, "below", gas.base));
  if (tx.gas_limit < gas.floor)
    return fault("INTRINSIC_GAS_BELOW_FLOOR_GAS_COST",
                 numbers("gas", tx.gas_limit, "below the floor", gas.floor));
  if (context.revision >= Revision::kShanghai && !tx.to && tx.data.size() > kMaxInitCode)
    return fault("INITCODE_SIZE_EXCEEDED",
                 numbers("init code", tx.data.size(), "above", kMaxInitCode));
  return {};
}

// gas * fee, saturated.
U256 saturating_product(std::uint64_t gas, const U256& fee) {
  if (gas == 0) return {};
  const U256 product = fee * U256(gas);
  return fee > U256::max() / U256(gas) ? U256::max() : product;
}

TxFault check_nonce(const Transaction& tx, const Account* sender) {
  if (sender && tx.nonce < sender->nonce)
    return fault("NONCE_MISMATCH_TOO_LOW", numbers("nonce", tx.nonce, "below", sender->nonce));
  if (sender && tx.nonce > sender->nonce)
    return fault("NONCE_MISMATCH_TOO_HIGH", numbers("nonce", tx.nonce, "above", sender->nonce));
  if (tx.nonce == ~std::uint64_t{0}) return fault("NONCE_IS_MAX", "nonce 2^64 - 1 (EIP-2681)");
  return {};
}

TxFault check_funds(const Transaction& tx, const Account& sender) {
  const auto cost = most_cost(tx);
  if (!cost || *cost > sender.balance)
    return fault("INSUFFICIENT_ACCOUNT_FUNDS",
                 numbers("balance", sender.balance, "below", cost.value_or(U256::max())));
  return {};
}

}  // namespace

std::optional<U256> most_cost(const Transaction& tx) {
  bool overflow = false;
  bool more = false;
  const U256 gas = saturating_product(tx.gas_limit, tx.max_fee);
  U256 cost = add_overflow(gas, saturating_product(tx.blob_gas(), tx.max_blob_fee), overflow);
  cost = add_overflow(cost, tx.value, more);
  if (overflow || more || gas == U256::max()) return std::nullopt;
  return cost;
}

IntrinsicGas intrinsic_gas(const Transaction& tx, Revision revision) {
  const auto zeros =
      static_cast<std::uint64_t>(std::count(tx.data.begin(), tx.data.end(), std::uint8_t{0}));
  const std::uint64_t others = tx.data.size() - zeros;
  IntrinsicGas gas;
  gas.base = kTxGas + 4 * zeros + (revision >= Revision::kIstanbul ? 16 : 68) * others;
  if (!tx.to && revision >= Revision::kHomestead) gas.base += kCreateGas;
  if (!tx.to && revision >= Revision::kShanghai)
    gas.base += kInitCodeWordGas * ((tx.data.size() + 31) / 32);
  for (const AccessListEntry& entry : tx.access_list)
    gas.base += kAccessAddressGas + kAccessKeyGas * entry.keys.size();
  gas.base += kAuthorizationGas * tx.authorizations.size();
  if (revision >= Revision::kPrague) gas.floor = kTxGas + kFloorGasPerToken * (zeros + 4 * others);
  return gas;
}

TxFault check_tx(const TxContext& context, const Transaction& tx, const IntrinsicGas& gas,
                 const TxSender& sender) {
  if (TxFault found = check_type(context.revision, tx)) return found;
  if (tx.chain_id && *tx.chain_id != context.block->chain_id)
    return fault("INVALID_CHAINID",
                 numbers("chain", *tx.chain_id, "is not", context.block->chain_id));
  if (TxFault found = check_allowance(context, tx)) return found;
  if (TxFault found = check_nonce(tx, sender.account)) return found;
  if (context.revision >= Revision::kOsaka && tx.gas_limit > kTxGasCap)
    return fault("GAS_LIMIT_EXCEEDS_MAXIMUM", numbers("gas", tx.gas_limit, "above", kTxGasCap));
  if (sender.has_code) return fault("SENDER_NOT_EOA", "the sender is a contract (EIP-3607)");
  if (TxFault found = check_fees(context, tx)) return found;
  if (TxFault found = check_blobs(context, tx)) return found;
  if (TxFault found = check_authorizations(tx)) return found;
  if (sender.account)
    if (TxFault found = check_funds(tx, *sender.account)) return found;
  return check_gas(context, tx, gas);
}

TxFault check_transaction(const Transaction& tx, Revision revision, std::uint64_t chain_id) {
  evm::BlockContext block;
  block.chain_id = U256(chain_id);
  const std::uint64_t most = ~std::uint64_t{0};
  TxContext context{revision, &block, {most, most, {most, most, 1}}};
  if (saturating_product(tx.gas_limit, tx.max_fee) == U256::max())
    return fault("GASLIMIT_PRICE_PRODUCT_OVERFLOW", "gas limit times fee exceeds 2^256");
  return check_tx(context, tx, intrinsic_gas(tx, revision), {});
}

U256 effective_gas_price(const Transaction& tx, const U256& base_fee) {
  if (tx.type < TxType::kDynamicFee) return tx.max_fee;
  if (tx.max_fee < base_fee || tx.max_priority_fee > tx.max_fee - base_fee) return tx.max_fee;
  return tx.max_priority_fee + base_fee;
}

}  // namespace pel::ledger
