// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "pel/ledger/evm.hpp"

namespace pel::cli {

// Writes one JSON line per instruction (EIP-3155), to be compared with other machines' traces.
// A line is written when the next event of its frame tells what the instruction cost; for one that
// opens a frame the gas handed over counts as its cost.
class TraceWriter final : public evm::Tracer {
 public:
  explicit TraceWriter(std::FILE* file) : file_(file) {}

  void enter(const evm::Message& message, const evm::Code& code) override;
  void exit(const evm::Message& message, const evm::Result& result) override;
  void step(const evm::TraceStep& step) override;
  void fault(const evm::TraceStep& step, evm::Status status) override;

 private:
  void flush(std::int64_t gas_after, const char* error);

  std::FILE* file_;
  std::string head_;  // of the line that waits for its cost
  std::string tail_;
  std::int64_t gas_ = 0;
  int depth_ = 0;
};

// "PUSH1"; "opcode 0x0c not defined" for others.
std::string opcode_name(std::uint8_t opcode);

}  // namespace pel::cli
