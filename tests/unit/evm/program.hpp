// SPDX-License-Identifier: Apache-2.0
#pragma once

// A few words to write EVM code in tests, and one call to run it.

#include <string_view>

#include "base/hex.hpp"
#include "ledger/evm/opcodes.hpp"
#include "tests/unit/evm/simple_host.hpp"

namespace pel::evm::test {

inline Bytes hex(std::string_view text) { return *base::from_hex(text); }

// Bytes of code: push(number) is the shortest PUSH1..32.
class Program {
 public:
  Program& op(std::uint8_t byte) {
    code_.push_back(byte);
    return *this;
  }
  template <class... Bytes>
  Program& ops(Bytes... bytes) {
    (op(static_cast<std::uint8_t>(bytes)), ...);
    return *this;
  }
  Program& push(const U256& number) {
    const unsigned size = std::max(1U, significant_bytes(number));
    op(static_cast<std::uint8_t>(OP_PUSH1 - 1 + size));
    std::uint8_t bytes[32];
    store_be(number, bytes);
    code_.insert(code_.end(), bytes + 32 - size, bytes + 32);
    return *this;
  }
  // Stores the top item at memory 0 and returns that word.
  Program& return_top() { return push(0).op(OP_MSTORE).push(32).push(0).op(OP_RETURN); }
  Program& raw(BytesView bytes) {
    code_.insert(code_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  std::size_t size() const { return code_.size(); }
  operator const Bytes&() const { return code_; }  // NOLINT
  operator BytesView() const { return code_; }     // NOLINT

 private:
  Bytes code_;
};

inline constexpr Address kSelf = ledger::small_address(0xc0de);
inline constexpr Address kCaller = ledger::small_address(0xca11);

// One world, one machine; run() executes code at kSelf.
struct World {
  SimpleHost host;
  Environment environment;
  Vm vm;
  Bytes input;
  U256 value;
  bool is_static = false;
  Result result;
  Bytes output;
  std::int64_t gas_used = 0;

  explicit World(Revision revision = Revision::kOsaka) { environment.revision = revision; }

  World& run(BytesView code, std::int64_t gas = 1000000) {
    host.set(kSelf, code, host.balance(kSelf));
    return call(kSelf, gas);
  }
  World& call(const Address& to, std::int64_t gas = 1000000) {
    Message m;
    m.gas = gas;
    m.recipient = m.code_address = to;
    m.sender = kCaller;
    m.value = value;
    m.input = input;
    m.is_static = is_static;
    result = vm.execute(host, environment, m);
    output.assign(result.output.begin(), result.output.end());
    gas_used = gas - result.gas_left;
    return *this;
  }
  U256 word() const { return output.size() == 32 ? ledger::load_be(output.data()) : U256{0xbad}; }
};

}  // namespace pel::evm::test
