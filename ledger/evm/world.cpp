// SPDX-License-Identifier: Apache-2.0
// Instructions that read and change accounts, storage and logs.

#include <array>

#include "ledger/evm/machine.hpp"

namespace pel::evm {

namespace {

// EIP-2929: charges the warm price and, on the first touch, the rest of the cold one.
Gas charge_account(Frame& frame, const Address& address, Gas price, Gas gas) {
  if (frame.machine.rules->cold_access &&
      frame.machine.host->access_account(address) == Access::kCold) {
    price += kColdAccountGas - kWarmGas;
  }
  gas -= price;
  return gas < 0 ? fail(frame, Status::kOutOfGas) : gas;
}

// Net metering: what a store costs and what it adds to the refund, EIP-1283, 2200, 2929, 3529.
Gas net_metered(const Rules& rules, const StorageStore& was, const U256& value, Gas& refund) {
  if (was.current == value) return rules.sstore_noop;
  if (was.original == was.current) {
    if (was.original.is_zero()) return rules.sstore_set;
    if (value.is_zero()) refund += rules.sstore_clear_refund;
    return rules.sstore_reset;
  }
  if (!was.original.is_zero()) {
    if (was.current.is_zero()) refund -= rules.sstore_clear_refund;
    if (value.is_zero()) refund += rules.sstore_clear_refund;
  }
  if (was.original == value) {
    refund += (was.original.is_zero() ? rules.sstore_set : rules.sstore_reset) - rules.sstore_noop;
  }
  return rules.sstore_noop;
}

Gas plain(const Rules& rules, const StorageStore& was, const U256& value, Gas& refund) {
  if (was.current.is_zero() && !value.is_zero()) return rules.sstore_set;
  if (!was.current.is_zero() && value.is_zero()) refund += rules.sstore_clear_refund;
  return rules.sstore_reset;
}

}  // namespace

Gas op_balance(Frame& frame, U256* sp, Gas gas) {
  const Address address = ledger::to_address(*sp);
  gas = charge_account(frame, address, frame.machine.rules->balance, gas);
  if (gas >= 0) *sp = frame.machine.host->balance(address);
  return gas;
}

Gas op_ext_code_size(Frame& frame, U256* sp, Gas gas) {
  const Address address = ledger::to_address(*sp);
  gas = charge_account(frame, address, frame.machine.rules->ext_code, gas);
  if (gas >= 0) *sp = frame.machine.host->code(address)->size();
  return gas;
}

// EIP-1052
Gas op_ext_code_hash(Frame& frame, U256* sp, Gas gas) {
  const Address address = ledger::to_address(*sp);
  gas = charge_account(frame, address, frame.machine.rules->ext_code_hash, gas);
  if (gas >= 0) *sp = to_u256(frame.machine.host->code_hash(address));
  return gas;
}

Gas op_ext_code_copy(Frame& frame, U256* sp, Gas gas) {
  if ((gas = charge_copy(frame, sp[-1], sp[-3], gas)) < 0) return gas;
  const Address address = ledger::to_address(*sp);
  gas = charge_account(frame, address, frame.machine.rules->ext_code, gas);
  if (gas >= 0) copy_to_memory(frame, sp - 1, frame.machine.host->code(address)->bytes());
  return gas;
}

// The 256 blocks before this one; zero for all others.
Gas op_block_hash(Frame& frame, U256* sp, Gas gas) {
  const std::uint64_t now = frame.machine.environment->block.number;
  const bool near = sp->fits_u64() && sp->w[0] < now && now - sp->w[0] <= 256;
  *sp = near ? to_u256(frame.machine.host->block_hash(sp->w[0])) : U256{};
  return gas;
}

Gas op_sload(Frame& frame, U256* sp, Gas gas) {
  const Rules& rules = *frame.machine.rules;
  Host& host = *frame.machine.host;
  const Address& self = frame.message.recipient;
  gas -= rules.sload;
  if (gas < 0) return fail(frame, Status::kOutOfGas);
  constexpr Gas kExtra = kColdStorageGas - kWarmGas;
  if (rules.cold_access && gas < kExtra) [[unlikely]] {  // do not read what cannot be paid for
    if (host.access_storage(self, *sp) == Access::kCold) return fail(frame, Status::kOutOfGas);
  }
  const StorageLoad load = host.load_storage(self, *sp);
  if (rules.cold_access && load.access == Access::kCold) gas -= kExtra;
  *sp = load.value;
  return gas;
}

Gas op_sstore(Frame& frame, U256* sp, Gas gas) {
  const Rules& rules = *frame.machine.rules;
  if (frame.message.is_static) return fail(frame, Status::kStaticModeViolation);
  if (rules.sstore_stipend_check && gas <= kCallStipend) return fail(frame, Status::kOutOfGas);
  if (!rules.net_metering && gas < rules.sstore_reset) return fail(frame, Status::kOutOfGas);
  const StorageStore was =
      frame.machine.host->store_storage(frame.message.recipient, sp[0], sp[-1]);
  if (rules.cold_access && was.access == Access::kCold) gas -= kColdStorageGas;
  gas -= rules.net_metering ? net_metered(rules, was, sp[-1], frame.machine.refund)
                            : plain(rules, was, sp[-1], frame.machine.refund);
  return gas < 0 ? fail(frame, Status::kOutOfGas) : gas;
}

// EIP-1153
Gas op_tload(Frame& frame, U256* sp, Gas gas) {
  *sp = frame.machine.host->load_transient(frame.message.recipient, *sp);
  return gas;
}
Gas op_tstore(Frame& frame, U256* sp, Gas gas) {
  if (frame.message.is_static) return fail(frame, Status::kStaticModeViolation);
  frame.machine.host->store_transient(frame.message.recipient, sp[0], sp[-1]);
  return gas;
}

Gas op_log(Frame& frame, U256* sp, Gas gas, unsigned topics) {
  if (frame.message.is_static) return fail(frame, Status::kStaticModeViolation);
  if ((gas = require_memory(frame, sp[0], sp[-1], gas)) < 0) return gas;
  const std::uint64_t size = sp[-1].w[0];
  gas -= kLogTopicGas * topics + kLogByteGas * static_cast<Gas>(size);
  if (gas < 0) return fail(frame, Status::kOutOfGas);
  std::array<Hash256, 4> hashes;
  for (unsigned i = 0; i < topics; ++i) hashes[i] = ledger::to_hash(*(sp - 2 - i));
  const BytesView data(size == 0 ? nullptr : frame.memory + sp[0].w[0], size);
  frame.machine.host->log(frame.message.recipient, std::span(hashes).first(topics), data);
  return gas;
}

Gas op_selfdestruct(Frame& frame, U256* sp, Gas gas) {
  const Rules& rules = *frame.machine.rules;
  Host& host = *frame.machine.host;
  if (frame.message.is_static) return fail(frame, Status::kStaticModeViolation);
  const Address& self = frame.message.recipient;
  const Address heir = ledger::to_address(*sp);
  gas -= rules.selfdestruct;
  if (rules.cold_access && host.access_account(heir) == Access::kCold) gas -= kColdAccountGas;
  if (gas < 0) return fail(frame, Status::kOutOfGas);
  if (rules.selfdestruct_new_account) {  // EIP-150, from EIP-161 on only if there is value to move
    const bool moves = !rules.clear_empty || !host.balance(self).is_zero();
    if (moves && !host.exists(heir)) gas -= kNewAccountGas;
    if (gas < 0) return fail(frame, Status::kOutOfGas);
  }
  if (host.selfdestruct(self, heir)) frame.machine.refund += rules.selfdestruct_refund;
  return gas;
}

}  // namespace pel::evm
