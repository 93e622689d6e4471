// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/trace.hpp"

#include <array>

#include "base/hex.hpp"

namespace pel::cli {
namespace {

struct Range {
  std::uint8_t first;
  const char* names;  // parted by spaces; "-" for none
};
constexpr Range kRanges[] = {
    {0x00, "STOP ADD MUL SUB DIV SDIV MOD SMOD ADDMOD MULMOD EXP SIGNEXTEND"},
    {0x10, "LT GT SLT SGT EQ ISZERO AND OR XOR NOT BYTE SHL SHR SAR CLZ"},
    {0x20, "KECCAK256"},
    {0x30,
     "ADDRESS BALANCE ORIGIN CALLER CALLVALUE CALLDATALOAD CALLDATASIZE CALLDATACOPY "
     "CODESIZE CODECOPY GASPRICE EXTCODESIZE EXTCODECOPY RETURNDATASIZE RETURNDATACOPY "
     "EXTCODEHASH BLOCKHASH COINBASE TIMESTAMP NUMBER DIFFICULTY GASLIMIT CHAINID "
     "SELFBALANCE BASEFEE BLOBHASH BLOBBASEFEE"},
    {0x50,
     "POP MLOAD MSTORE MSTORE8 SLOAD SSTORE JUMP JUMPI PC MSIZE GAS JUMPDEST TLOAD TSTORE "
     "MCOPY PUSH0"},
    {0xf0,
     "CREATE CALL CALLCODE RETURN DELEGATECALL CREATE2 - - - - STATICCALL - - REVERT "
     "INVALID SELFDESTRUCT"},
};

std::array<std::string, 256> make_names() {
  std::array<std::string, 256> names;
  for (const Range& range : kRanges) {
    std::size_t opcode = range.first;
    std::string word;
    for (const char* c = range.names;; ++c) {
      if (*c != ' ' && *c != '\0') {
        word += *c;
        continue;
      }
      if (word != "-") names[opcode] = word;
      word.clear();
      ++opcode;
      if (*c == '\0') break;
    }
  }
  for (std::size_t i = 0; i < 32; ++i) names[0x60 + i] = "PUSH" + std::to_string(i + 1);
  for (std::size_t i = 0; i < 16; ++i) {
    names[0x80 + i] = "DUP" + std::to_string(i + 1);
    names[0x90 + i] = "SWAP" + std::to_string(i + 1);
  }
  for (std::size_t i = 0; i < 5; ++i) names[0xa0 + i] = "LOG" + std::to_string(i);
  return names;
}

std::string hex(std::uint64_t number) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(number));
  return text;
}

}  // namespace

std::string opcode_name(std::uint8_t opcode) {
  static const std::array<std::string, 256> names = make_names();
  if (!names[opcode].empty()) return names[opcode];
  return "opcode " + hex(opcode) + " not defined";
}

void TraceWriter::flush(std::int64_t gas_after, const char* error) {
  if (head_.empty()) return;
  const std::int64_t cost = gas_ > gas_after ? gas_ - gas_after : 0;
  std::fprintf(file_, "%s\"gasCost\":\"%s\"%s", head_.c_str(),
               hex(static_cast<std::uint64_t>(cost)).c_str(), tail_.c_str());
  if (error) std::fprintf(file_, ",\"error\":\"%s\"", error);
  std::fputs("}\n", file_);
  head_.clear();
}

void TraceWriter::enter(const evm::Message&, const evm::Code&) { flush(gas_, nullptr); }

void TraceWriter::exit(const evm::Message& message, const evm::Result& result) {
  if (message.depth + 1 == depth_) flush(result.gas_left, nullptr);
  std::fprintf(file_, "{\"output\":\"%s\",\"gasUsed\":\"%s\"", base::to_hex(result.output).c_str(),
               hex(static_cast<std::uint64_t>(message.gas - result.gas_left)).c_str());
  if (result.status != evm::Status::kSuccess)
    std::fprintf(file_, ",\"error\":\"%s\"", std::string(evm::to_string(result.status)).c_str());
  std::fputs("}\n", file_);
}

void TraceWriter::step(const evm::TraceStep& step) {
  flush(step.depth + 1 == depth_ ? step.gas : gas_, nullptr);
  depth_ = step.depth + 1;
  gas_ = step.gas;
  head_ = "{\"pc\":" + std::to_string(step.pc) + ",\"op\":" + std::to_string(step.opcode) +
          ",\"gas\":\"" + hex(static_cast<std::uint64_t>(step.gas)) + "\",";
  tail_.clear();
  if (options_.memory && !step.memory.empty())
    tail_ += ",\"memory\":\"0x" + base::to_hex(step.memory) + '"';
  tail_ += ",\"memSize\":" + std::to_string(step.memory.size()) + ",\"stack\":";
  if (options_.stack) {
    tail_ += '[';
    for (std::size_t i = 0; i < step.stack.size(); ++i) {
      if (i != 0) tail_ += ',';
      tail_ += '"' + ledger::to_string(step.stack[i]) + '"';
    }
    tail_ += ']';
  } else {
    tail_ += "null";
  }
  if (options_.return_data && !step.return_data.empty())
    tail_ += ",\"returnData\":\"0x" + base::to_hex(step.return_data) + '"';
  tail_ += ",\"depth\":" + std::to_string(depth_) + ",\"refund\":" + std::to_string(step.refund) +
           ",\"opName\":\"" + opcode_name(step.opcode) + '"';
}

void TraceWriter::paid(std::int64_t gas) { flush(gas, nullptr); }

void TraceWriter::fault(const evm::TraceStep&, evm::Status status) {
  flush(gas_, std::string(evm::to_string(status)).c_str());
}

}  // namespace pel::cli
