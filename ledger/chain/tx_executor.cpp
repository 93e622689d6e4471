// SPDX-License-Identifier: Apache-2.0
#include "ledger/chain/tx_executor.hpp"

#include <algorithm>

namespace pel::ledger {
namespace {

using evm::Revision;

constexpr std::int64_t kSystemGas = 30'000'000;
constexpr std::int64_t kExistingAuthorityRefund = 25000 - 12500;  // EIP-7702

// EIP-7702: what is stored as the code of an account that delegates.
Bytes delegation_to(const Address& target) {
  Bytes code(3 + target.bytes.size());
  code[0] = 0xef;
  code[1] = 0x01;
  std::copy(target.bytes.begin(), target.bytes.end(), code.begin() + 3);
  return code;
}

struct Sender {
  const Address& address;
  bool has_code;
};

TxFault check_on(Journal& journal, const TxContext& rules, const Transaction& tx,
                 const IntrinsicGas& gas, const Sender& sender) {
  const Account account = journal.account(sender.address);
  return check_tx(rules, tx, gas, {&account, sender.has_code});
}

// Who commits attempts compares the nonce. Which fault it is matters only to serial execution,
// which names it.
TxFault check_on(AttemptJournal& journal, const TxContext& rules, const Transaction& tx,
                 const IntrinsicGas& gas, const Sender& sender) {
  if (TxFault fault = check_tx(rules, tx, gas, {nullptr, sender.has_code})) return fault;
  const auto cost = most_cost(tx);
  if (!cost || !journal.covers(sender.address, *cost))
    return {"INSUFFICIENT_ACCOUNT_FUNDS", "too little for gas and value"};
  journal.assume_nonce(sender.address, tx.nonce);
  return {};
}

}  // namespace

template <class World>
TxOutcome BasicTxExecutor<World>::execute(World& journal, Context& context, const Transaction& tx,
                                          const Address& sender) {
  evm::Environment& environment = context.environment;
  const Revision revision = environment.revision;
  TxOutcome outcome;
  journal.begin_transaction();
  gas_ = intrinsic_gas(tx, revision);
  if ((outcome.fault = check(journal, context, tx, sender))) return outcome;

  const U256 price = effective_gas_price(tx, environment.block.base_fee);
  environment.tx = {sender, price, tx.blob_hashes};
  const U256 blob_fee = environment.block.blob_base_fee * U256(tx.blob_gas());
  journal.subtract_balance(sender, price * U256(tx.gas_limit) + blob_fee);
  journal.set_nonce(sender, tx.nonce + 1);

  evm::Message message;
  message.kind = tx.to ? evm::MessageKind::kCall : evm::MessageKind::kCreate;
  message.gas = static_cast<std::int64_t>(tx.gas_limit - gas_.base);
  message.recipient = message.code_address =
      tx.to ? *tx.to : evm::contract_address(sender, tx.nonce);
  message.sender = sender;
  message.value = tx.value;
  message.input = tx.data;
  if (revision >= Revision::kBerlin) warm_up(journal, context, tx, message.recipient);
  const std::int64_t authorized = authorize(journal, context, tx);
  const evm::Result result = run(journal, context, tx, message);

  auto used = static_cast<std::uint64_t>(static_cast<std::int64_t>(tx.gas_limit) - result.gas_left);
  const std::uint64_t quotient = revision >= Revision::kLondon ? 5 : 2;
  const std::int64_t refund = std::max<std::int64_t>(0, result.gas_refund + authorized);
  used -= std::min(static_cast<std::uint64_t>(refund), used / quotient);
  used = std::max(used, gas_.floor);
  journal.add_balance(sender, price * U256(tx.gas_limit - used));
  const U256 tip = revision >= Revision::kLondon ? price - environment.block.base_fee : price;
  journal.add_balance(environment.block.coinbase, tip * U256(used));

  Receipt& receipt = outcome.receipt;
  receipt.type = tx.type;
  receipt.status = result.status;
  receipt.success = result.status == evm::Status::kSuccess;
  receipt.gas_used = used;
  receipt.gas_price = price;
  if (!tx.to) receipt.contract = message.recipient;
  receipt.logs = std::move(journal.logs());
  outcome.output.assign(result.output.begin(), result.output.end());
  journal.end_transaction();
  return outcome;
}

template <class World>
TxFault BasicTxExecutor<World>::check(World& journal, const Context& context, const Transaction& tx,
                                      const Address& sender) {
  const evm::Environment& environment = context.environment;
  const TxContext rules{environment.revision, &environment.block, context.limits};
  bool has_code = journal.has_code(sender);
  if (has_code && environment.revision >= Revision::kPrague)
    has_code = !journal.code(sender)->delegation().has_value();
  return check_on(journal, rules, tx, gas_, {sender, has_code});
}

template <class World>
void BasicTxExecutor<World>::warm_up(World& journal, const Context& context, const Transaction& tx,
                                     const Address& recipient) {
  journal.access_account(context.environment.tx.origin);
  journal.access_account(recipient);
  if (context.environment.revision >= Revision::kShanghai)
    journal.access_account(context.environment.block.coinbase);  // EIP-3651
  for (const AccessListEntry& entry : tx.access_list) {
    journal.access_account(entry.address);
    for (const Hash256& key : entry.keys) journal.access_storage(entry.address, to_u256(key));
  }
}

template <class World>
std::int64_t BasicTxExecutor<World>::authorize(World& journal, const Context& context,
                                               const Transaction& tx) {
  std::int64_t refund = 0;
  for (const Authorization& authorization : tx.authorizations)
    refund += authorize_one(journal, context, authorization);
  if (tx.to && context.environment.revision >= Revision::kPrague)
    if (const auto& target = journal.code(*tx.to)->delegation()) journal.access_account(*target);
  return refund;
}

template <class World>
std::int64_t BasicTxExecutor<World>::authorize_one(World& journal, const Context& context,
                                                   const Authorization& authorization) {
  const U256& chain = authorization.chain_id;
  if (!chain.is_zero() && !(chain == context.environment.block.chain_id)) return 0;
  if (authorization.nonce == ~std::uint64_t{0}) return 0;
  const auto authority = recover_authority(authorization);
  if (!authority) return 0;
  journal.access_account(*authority);
  const bool has_code = journal.has_code(*authority);
  if (has_code && !journal.code(*authority)->delegation()) return 0;
  if (journal.nonce(*authority) != authorization.nonce) return 0;
  const std::int64_t refund = journal.in_state(*authority) ? kExistingAuthorityRefund : 0;
  if (authorization.address.is_zero()) {
    if (has_code) journal.set_code_object(*authority, nullptr);
  } else {
    journal.set_code(*authority, delegation_to(authorization.address));
  }
  journal.set_nonce(*authority, authorization.nonce + 1);
  return refund;
}

template <class World>
evm::Result BasicTxExecutor<World>::run(World& journal, const Context& context,
                                        const Transaction& tx, const evm::Message& message) {
  // A plain transfer needs no machine: no code, no precompile, nothing to trace.
  if (tx.to && tx.data.empty() && !context.tracer && !journal.has_code(*tx.to) &&
      !evm::is_precompile(context.environment.revision, *tx.to)) {
    evm::Result result;
    result.gas_left = message.gas;
    if (tx.value.is_zero()) {
      journal.touch(*tx.to);
    } else {
      journal.transfer(message.sender, *tx.to, tx.value);
    }
    return result;
  }
  return vm_.execute(journal, context.environment, message, context.tracer);
}

template <class World>
evm::Result BasicTxExecutor<World>::system_call(World& journal, Context& context,
                                                const Address& contract, BytesView input) {
  evm::Message message;
  message.gas = kSystemGas;
  message.sender = kSystemAddress;
  message.recipient = message.code_address = contract;
  message.input = input;
  return call(journal, context, message);
}

template <class World>
evm::Result BasicTxExecutor<World>::call(World& journal, Context& context,
                                         const evm::Message& message) {
  context.environment.tx = {message.sender, U256{}, {}};
  return vm_.execute(journal, context.environment, message, context.tracer);
}

template class BasicTxExecutor<Journal>;
template class BasicTxExecutor<AttemptJournal>;

}  // namespace pel::ledger
