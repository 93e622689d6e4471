// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "base/cpu.hpp"
#include "ledger/evm/machine.hpp"
#include "ledger/primitives/keccak.hpp"
#include "ledger/primitives/rlp.hpp"

namespace pel::evm {

struct Vm::Impl {
  explicit Impl(CpuLevel level)
      : machine(level == CpuLevel::kV3 ? kInterpreterV3 : kInterpreterV1) {}
  Machine machine;
};

CpuLevel best_cpu_level() noexcept {
  return base::cpu_features().v3 ? CpuLevel::kV3 : CpuLevel::kV1;
}

Vm::Vm(CpuLevel level)
    : impl_(std::make_unique<Impl>(level > best_cpu_level() ? best_cpu_level() : level)) {}
Vm::~Vm() = default;
Vm::Vm(Vm&&) noexcept = default;
Vm& Vm::operator=(Vm&&) noexcept = default;

Result Vm::execute(Host& host, const Environment& environment, const Message& message,
                   Tracer* tracer) {
  Machine& machine = impl_->machine;
  machine.host = &host;
  machine.environment = &environment;
  machine.tracer = tracer;
  machine.set_revision(environment.revision);
  return machine.execute(message);
}

namespace {
Address last_20(const Hash256& hash) noexcept {
  Address address;
  std::memcpy(address.bytes.data(), hash.bytes.data() + 12, 20);
  return address;
}
}  // namespace

// The list has at most 31 bytes, so both headers are one byte.
Address contract_address(const Address& sender, std::uint64_t nonce) noexcept {
  std::uint8_t rlp[32];
  std::size_t size = 2 + 20;
  rlp[1] = 0x80 + 20;
  std::memcpy(rlp + 2, sender.bytes.data(), 20);
  if (nonce != 0 && nonce < 0x80) {
    rlp[size++] = static_cast<std::uint8_t>(nonce);
  } else {
    const unsigned bytes = (64 - static_cast<unsigned>(std::countl_zero(nonce)) + 7) / 8;
    rlp[size++] = static_cast<std::uint8_t>(0x80 + bytes);
    for (unsigned i = bytes; i-- > 0;) rlp[size++] = static_cast<std::uint8_t>(nonce >> (8 * i));
  }
  rlp[0] = static_cast<std::uint8_t>(0xc0 + size - 1);
  return last_20(ledger::keccak256(BytesView(rlp, size)));
}

Address contract_address2(const Address& sender, const Hash256& salt,
                          const Hash256& init_code_hash) noexcept {
  std::uint8_t data[85];
  data[0] = 0xff;
  std::memcpy(data + 1, sender.bytes.data(), 20);
  std::memcpy(data + 21, salt.bytes.data(), 32);
  std::memcpy(data + 53, init_code_hash.bytes.data(), 32);
  return last_20(ledger::keccak256(data));
}

}  // namespace pel::evm
