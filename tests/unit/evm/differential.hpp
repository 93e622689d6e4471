// SPDX-License-Identifier: Apache-2.0
#pragma once

// One program run in every way the machine has: fused and traced (which runs the original bytes,
// instruction by instruction), on each CPU level. The outcomes must be the same in every bit.

#include <optional>

#include "tests/unit/evm/program.hpp"

namespace pel::evm::test {

struct CountingTracer : Tracer {
  void enter(const Message&, const Code&) override { ++frames; }
  void exit(const Message&, const Result&) override { --frames; }
  void step(const TraceStep&) override { ++steps; }
  void fault(const TraceStep&, Status) override { ++faults; }
  int frames = 0;
  int steps = 0;
  int faults = 0;
};

struct Outcome {
  Status status;
  std::int64_t gas_left, refund;
  Bytes output;
  std::unordered_map<U256, U256> storage;
  std::size_t logs;
  bool operator==(const Outcome&) const = default;
};

inline Outcome outcome(BytesView code, BytesView input, Revision revision, CpuLevel level,
                       Tracer* tracer) {
  SimpleHost host;
  host.set(kSelf, code, 1000);
  host.set(ledger::small_address(0x20), code);
  Environment environment;
  environment.revision = revision;
  environment.block.number = 300;
  Message m;
  m.gas = 200000;
  m.recipient = m.code_address = kSelf;
  m.sender = kCaller;
  m.input = input;
  static Vm vms[2] = {Vm(CpuLevel::kV1), Vm(CpuLevel::kV3)};
  const Result r = vms[static_cast<int>(level)].execute(host, environment, m, tracer);
  return {r.status,
          r.gas_left,
          r.gas_refund,
          {r.output.begin(), r.output.end()},
          host.accounts[kSelf].storage,
          host.logs.size()};
}

// The outcome, nothing if one way's differs. Statuses may differ between failures of one fused
// instruction (out of gas or of stack), which no rule of the chain can see; all else is equal.
inline std::optional<Outcome> agreed_outcome(BytesView code, BytesView input, Revision revision) {
  const auto seen = [](Outcome o) {
    if (o.status != Status::kSuccess && o.status != Status::kRevert) o.status = Status::kOutOfGas;
    return o;
  };
  const Outcome plain = outcome(code, input, revision, CpuLevel::kV1, nullptr);
  CountingTracer tracer;
  if (seen(plain) != seen(outcome(code, input, revision, CpuLevel::kV1, &tracer)) ||
      tracer.frames != 0 || plain != outcome(code, input, revision, CpuLevel::kV3, nullptr))
    return std::nullopt;
  return plain;
}

}  // namespace pel::evm::test
