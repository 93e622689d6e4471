// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "pel/ledger/evm.hpp"

namespace pel::cli {

struct TraceOptions {
  bool stack = true;
  bool memory = false;
  bool return_data = false;
};

// Writes one JSON line per instruction (EIP-3155) and one per frame that ends, as geth does, to be
// compared with other machines' traces. A line is written once it is known what the instruction
// cost: for one that opens a frame before that frame's lines. A call's cost includes the gas it
// hands over but for the stipend, a creation's does not.
class TraceWriter final : public evm::Tracer {
 public:
  explicit TraceWriter(std::FILE* file, const TraceOptions& options = {})
      : file_(file), options_(options) {}

  void enter(const evm::Message& message, const evm::Code& code) override;
  void exit(const evm::Message& message, const evm::Result& result) override;
  void step(const evm::TraceStep& step) override;
  void paid(std::int64_t gas) override;
  void fault(const evm::TraceStep& step, evm::Status status) override;

 private:
  void flush(std::int64_t gas_after, const char* error);

  std::FILE* file_;
  TraceOptions options_;
  std::string head_;  // of the line that waits for its cost
  std::string tail_;
  std::int64_t gas_ = 0;
  int depth_ = 0;
};

// "PUSH1"; "opcode 0x0c not defined" for others.
std::string opcode_name(std::uint8_t opcode);

}  // namespace pel::cli
