// SPDX-License-Identifier: Apache-2.0
#include "ledger/evm/machine.hpp"

#include <algorithm>
#include <cstring>

#include "ledger/evm/precompiles.hpp"
#include "pel/detail/base/check.hpp"

namespace pel::evm {

namespace {

constexpr std::size_t kStackBytes = static_cast<std::size_t>(kMaxDepth + 1) * 1024 * sizeof(U256);
constexpr std::size_t kSmallestMemory = std::size_t{64} << 20;
constexpr std::size_t kKeptBytes = std::size_t{1} << 20;  // touched pages that stay ours

bool is_create(const Message& message) noexcept {
  return message.kind == MessageKind::kCreate || message.kind == MessageKind::kCreate2;
}

}  // namespace

Machine::Machine(const Interpreter& levels)
    : interpreter(levels),
      stack_region(kStackBytes, kStackBytes),
      memory_region(kMemoryBytes, kSmallestMemory),
      return_region(kMemoryBytes, kSmallestMemory),
      memory_limit(memory_region.begin() + std::min(memory_region.size(), return_region.size())),
      memory_dirty(memory_region.begin()) {}

void Machine::set_revision(Revision revision) {
  const Rules* wanted = &kRules[static_cast<std::size_t>(revision)];
  if (rules == wanted) return;
  rules = wanted;
  interpreter.fill_labels(revision, labels.data(), traced_labels.data());
}

Result Machine::execute(const Message& message) {
  refund = 0;
  auto* const stack = reinterpret_cast<U256*>(stack_region.begin());
  Result result = run_message(message, stack, memory_region.begin());
  if (result.status == Status::kSuccess) result.gas_refund = refund;
  if (memory_dirty > memory_region.begin() + kKeptBytes) {
    memory_dirty = memory_region.begin() + kKeptBytes;
    memory_region.release(memory_dirty);
  }
  if (return_high > kKeptBytes && result.output.size() <= kKeptBytes) {
    return_high = kKeptBytes;
    return_region.release(return_region.begin() + kKeptBytes);
  }
  return result;
}

Result Machine::run_message(const Message& message, U256* stack, std::uint8_t* memory) {
  const Gas refund_before = refund;
  Result result =
      is_create(message) ? run_create(message, stack, memory) : run_call(message, stack, memory);
  if (result.status != Status::kSuccess) refund = refund_before;
  return result;
}

Result Machine::run_call(const Message& message, U256* stack, std::uint8_t* memory) {
  const Checkpoint before = host->checkpoint();
  if (message.kind == MessageKind::kCall) {
    if (message.value.is_zero()) {
      host->touch(message.recipient);
    } else {
      host->transfer(message.sender, message.recipient, message.value);
    }
  }
  Result result;
  if (is_precompile(rules->revision, message.code_address)) {
    result = run_precompiled(message);
  } else {
    const Code* code = host->code(message.code_address);
    if (rules->delegations && code->delegation()) code = host->code(*code->delegation());
    result = run_code(message, *code, stack, memory);
  }
  if (result.status != Status::kSuccess) host->roll_back(before);
  return result;
}

Result Machine::run_create(const Message& message, U256* stack, std::uint8_t* memory) {
  // The new address stays warm even if the creation fails (EIP-2929).
  if (rules->cold_access) host->access_account(message.recipient);
  if (host->collides(message.recipient))
    return keep_output(nullptr, 0, Status::kAddressCollision, 0);
  const Checkpoint before = host->checkpoint();
  host->begin_create(message.recipient, rules->clear_empty ? 1 : 0);
  if (!message.value.is_zero()) host->transfer(message.sender, message.recipient, message.value);
  const Code init_code(message.input);
  Message inner = message;
  inner.input = {};
  Result result = run_code(inner, init_code, stack, memory);
  if (result.status == Status::kSuccess) deposit(message, result);
  if (result.status != Status::kSuccess) host->roll_back(before);
  return result;
}

// The output of init code becomes the contract's code: EIP-170, 3541 and 2 (before it, a contract
// that could not pay for its code came to be without).
void Machine::deposit(const Message& message, Result& result) {
  const BytesView code = result.output;
  const Gas cost = kCodeDepositByteGas * static_cast<Gas>(code.size());
  Status status = Status::kSuccess;
  bool store = true;
  if (rules->limit_code_size && code.size() > kMaxCodeSize) {
    status = Status::kCodeTooLarge;
  } else if (rules->refuse_ef && !code.empty() && code[0] == 0xef) {
    status = Status::kCodeStartsWithEf;
  } else if (cost > result.gas_left) {
    if (rules->deposit_must_be_paid) status = Status::kOutOfGas;
    store = false;
  }
  if (status == Status::kSuccess && store) {
    result.gas_left -= cost;
    if (!code.empty()) host->set_code(message.recipient, code);
  }
  result = keep_output(nullptr, 0, status, status == Status::kSuccess ? result.gas_left : 0);
}

Result Machine::run_code(const Message& message, const Code& code, U256* stack,
                         std::uint8_t* memory) {
  if (tracer != nullptr) tracer->enter(message, code);
  Result result;
  if (code.size() == 0) {
    result = keep_output(nullptr, 0, Status::kSuccess, message.gas);
  } else {
    Frame frame{*this, message, code, stack, memory};
    frame.gas = message.gas;
    if (tracer == nullptr) {
      interpreter.run(frame, labels.data());
    } else {
      interpreter.run_traced(frame, traced_labels.data());
    }
    result = keep_output(frame.output, frame.output_size, frame.status, frame.gas);
  }
  if (tracer != nullptr) tracer->exit(message, result);
  return result;
}

Result Machine::run_precompiled(const Message& message) {
  if (tracer != nullptr) tracer->enter(message, *Code::empty());
  PrecompileOutput output{return_region.begin(), return_region.size()};
  const PrecompileOutcome outcome =
      call_precompile(rules->revision, message.code_address, message.input, message.gas, output);
  return_high = std::max(return_high, outcome.output_size);
  const Result result{outcome.status, outcome.gas_left, 0,
                      BytesView(return_region.begin(), outcome.output_size)};
  if (tracer != nullptr) tracer->exit(message, result);
  return result;
}

// Moves a frame's output out of its memory, which the caller is about to reuse.
Result Machine::keep_output(const std::uint8_t* data, std::uint64_t size, Status status, Gas gas) {
  PEL_CHECK(size <= return_region.size());
  if (size != 0) std::memcpy(return_region.begin(), data, size);
  return_high = std::max<std::size_t>(return_high, size);
  const bool keeps_gas = status == Status::kSuccess || status == Status::kRevert;
  return {status, keeps_gas ? gas : 0, 0, BytesView(return_region.begin(), size)};
}

}  // namespace pel::evm
