// SPDX-License-Identifier: Apache-2.0
// The instructions that start another frame.

#include <algorithm>
#include <cstring>

#include "ledger/evm/machine.hpp"
#include "ledger/evm/opcodes.hpp"
#include "ledger/primitives/keccak.hpp"

namespace pel::evm {

namespace {

// The operands of a call instruction where they lie on the stack.
struct CallOperands {
  U256* result;
  U256 gas;
  Address target;
  U256 value;
  U256 in_offset, in_size, out_offset, out_size;
  bool has_value_operand;
};

CallOperands read_operands(U256* sp, std::uint8_t opcode) {
  CallOperands c;
  c.has_value_operand = opcode == OP_CALL || opcode == OP_CALLCODE;
  c.gas = sp[0];
  c.target = ledger::to_address(sp[-1]);
  U256* rest = sp - 2;
  if (c.has_value_operand) c.value = *rest--;
  c.in_offset = rest[0];
  c.in_size = rest[-1];
  c.out_offset = rest[-2];
  c.out_size = rest[-3];
  c.result = rest - 3;
  return c;
}

Gas charge_cold(Frame& frame, const Address& address, Gas gas, Gas cold, Gas warm) {
  gas -= frame.machine.host->access_account(address) == Access::kCold ? cold : warm;
  return gas < 0 ? fail(frame, Status::kOutOfGas) : gas;
}

// Access to the target (EIP-2929) and to what it delegates to (EIP-7702), the value and the account
// it creates (EIP-161).
Gas charge_target(Frame& frame, const CallOperands& c, std::uint8_t opcode, Gas gas) {
  const Rules& rules = *frame.machine.rules;
  Host& host = *frame.machine.host;
  if (rules.cold_access) {
    gas = charge_cold(frame, c.target, gas, kColdAccountGas - kWarmGas, 0);
    if (gas < 0) return gas;
  }
  if (!c.value.is_zero()) gas -= kCallValueGas;
  if (gas < 0) return fail(frame, Status::kOutOfGas);
  if (opcode == OP_CALL && (!c.value.is_zero() || !rules.clear_empty) && !host.exists(c.target)) {
    gas -= kNewAccountGas;
    if (gas < 0) return fail(frame, Status::kOutOfGas);
  }
  if (rules.delegations && host.code(c.target)->delegation()) {
    gas = charge_cold(frame, *host.code(c.target)->delegation(), gas, kColdAccountGas, kWarmGas);
  }
  return gas;
}

// What the child gets of `gas`: all but a 64th at most (EIP-150), before that what was asked for.
Gas child_gas(const Rules& rules, const U256& wanted, Gas gas) noexcept {
  const Gas available = rules.keep_64th ? gas - gas / 64 : gas;
  if (wanted.fits_u64() && wanted.w[0] <= static_cast<std::uint64_t>(available)) {
    return static_cast<Gas>(wanted.w[0]);
  }
  return rules.keep_64th ? available : -1;
}

Message make_message(const Frame& frame, const CallOperands& c, std::uint8_t opcode, Gas gas) {
  const Message& parent = frame.message;
  Message m;
  m.is_static = parent.is_static || opcode == OP_STATICCALL;
  m.depth = parent.depth + 1;
  m.gas = gas;
  m.code_address = c.target;
  m.recipient = opcode == OP_CALL || opcode == OP_STATICCALL ? c.target : parent.recipient;
  m.sender = opcode == OP_DELEGATECALL ? parent.sender : parent.recipient;
  m.value = opcode == OP_DELEGATECALL ? parent.value : c.value;
  if (opcode == OP_DELEGATECALL) m.kind = MessageKind::kDelegateCall;
  if (opcode == OP_CALLCODE) m.kind = MessageKind::kCallCode;
  if (!c.in_size.is_zero()) {
    m.input = BytesView(frame.memory + c.in_offset.w[0], c.in_size.w[0]);
  }
  return m;
}

bool can_pay(Frame& frame, const U256& value) {
  return value.is_zero() || frame.machine.host->covers(frame.message.recipient, value);
}

// The child's memory begins on a cache line behind ours.
std::uint8_t* memory_behind(const Frame& frame) noexcept {
  return frame.memory + (frame.memory_size + 63) / 64 * 64;
}

}  // namespace

Gas op_call(Frame& frame, U256* sp, Gas gas, std::uint8_t opcode) {
  Machine& machine = frame.machine;
  const Rules& rules = *machine.rules;
  const CallOperands c = read_operands(sp, opcode);
  if (frame.message.is_static && opcode == OP_CALL && !c.value.is_zero()) {  // EIP-214
    return fail(frame, Status::kStaticModeViolation);
  }
  if ((gas -= rules.call) < 0) return fail(frame, Status::kOutOfGas);
  if ((gas = require_memory(frame, c.in_offset, c.in_size, gas)) < 0) return gas;
  if ((gas = require_memory(frame, c.out_offset, c.out_size, gas)) < 0) return gas;
  if ((gas = charge_target(frame, c, opcode, gas)) < 0) return gas;
  Gas child = child_gas(rules, c.gas, gas);
  if (child < 0) return fail(frame, Status::kOutOfGas);
  gas -= child;
  if (machine.tracer != nullptr) machine.tracer->paid(gas);
  if (!c.value.is_zero()) child += kCallStipend;

  *c.result = U256{};
  frame.return_data_size = 0;
  if (frame.message.depth >= kMaxDepth || (c.has_value_operand && !can_pay(frame, c.value))) {
    return gas + child;
  }
  const Message message = make_message(frame, c, opcode, child);
  const Result result = machine.run_message(message, sp + 1, memory_behind(frame));
  frame.return_data_size = result.output.size();
  const std::uint64_t copied = std::min<std::uint64_t>(c.out_size.w[0], result.output.size());
  if (copied != 0) std::memcpy(frame.memory + c.out_offset.w[0], result.output.data(), copied);
  if (result.status == Status::kSuccess) *c.result = U256{1};
  return gas + result.gas_left;
}

namespace {

// EIP-3860: a limit and 2 gas per word; CREATE2 hashes the init code as well (EIP-1014).
Gas charge_init_code(Frame& frame, const U256& size, Gas gas, bool create2) {
  const Rules& rules = *frame.machine.rules;
  if (rules.limit_init_code && size > U256{kMaxInitCodeSize}) {
    return fail(frame, Status::kInitCodeTooLarge);
  }
  const Gas per_word = (rules.limit_init_code ? 2 : 0) + (create2 ? kKeccakWordGas : 0);
  gas -= per_word * static_cast<Gas>(words_of(size.w[0]));
  return gas < 0 ? fail(frame, Status::kOutOfGas) : gas;
}

Address new_address(const Frame& frame, const Message& m, std::uint64_t nonce, const U256* salt) {
  if (salt == nullptr) return contract_address(frame.message.recipient, nonce);
  return contract_address2(frame.message.recipient, ledger::to_hash(*salt),
                           ledger::keccak256(m.input));
}

}  // namespace

Gas op_create(Frame& frame, U256* sp, Gas gas, bool create2) {
  Machine& machine = frame.machine;
  Host& host = *machine.host;
  const Address& self = frame.message.recipient;
  if (frame.message.is_static) return fail(frame, Status::kStaticModeViolation);
  const U256 value = sp[0];
  const U256 offset = sp[-1];
  const U256 size = sp[-2];
  const U256 salt = create2 ? sp[-3] : U256{};
  if ((gas = require_memory(frame, offset, size, gas)) < 0) return gas;
  if ((gas = charge_init_code(frame, size, gas, create2)) < 0) return gas;
  if (machine.tracer != nullptr) machine.tracer->paid(gas);

  U256* const out = sp - (create2 ? 3 : 2);
  *out = U256{};
  frame.return_data_size = 0;
  if (frame.message.depth >= kMaxDepth || !can_pay(frame, value)) return gas;
  const std::uint64_t nonce = host.nonce(self);
  if (nonce == ~std::uint64_t{0}) return gas;  // EIP-2681

  Message m;
  m.kind = create2 ? MessageKind::kCreate2 : MessageKind::kCreate;
  m.depth = frame.message.depth + 1;
  m.gas = machine.rules->keep_64th ? gas - gas / 64 : gas;
  m.sender = self;
  m.value = value;
  if (!size.is_zero()) m.input = BytesView(frame.memory + offset.w[0], size.w[0]);
  m.recipient = m.code_address = new_address(frame, m, nonce, create2 ? &salt : nullptr);
  gas -= m.gas;
  host.set_nonce(self, nonce + 1);
  const Result result = machine.run_message(m, sp + 1, memory_behind(frame));
  frame.return_data_size = result.output.size();
  if (result.status == Status::kSuccess) *out = ledger::to_u256(m.recipient);
  return gas + result.gas_left;
}

}  // namespace pel::evm
