// SPDX-License-Identifier: Apache-2.0
// The EVM without a chain around it: a world of two maps, one contract, one call. Needs only the
// component `evm`.

#include <cstdio>
#include <map>
#include <utility>
#include <vector>

#include "pel/ledger/evm.hpp"

namespace {

using namespace pel::evm;

// Every account but the contract is absent; the contract has storage and nothing else. A roll-back
// undoes stores from an old-values list.
class World : public Host {
 public:
  World(const Address& contract, BytesView code) : contract_(contract), code_(code) {}

  Access access_account(const Address&) override { return Access::kWarm; }
  bool exists(const Address& address) override { return address == contract_; }
  U256 balance(const Address&) override { return {}; }
  std::uint64_t nonce(const Address& address) override { return address == contract_ ? 1 : 0; }
  Hash256 code_hash(const Address& address) override { return code(address)->hash(); }
  const Code* code(const Address& address) override {
    return address == contract_ ? &code_ : Code::empty();
  }
  Access access_storage(const Address&, const U256& key) override {
    return warm_.emplace(key, true).second ? Access::kCold : Access::kWarm;
  }
  StorageLoad load_storage(const Address& address, const U256& key) override {
    const Access access = access_storage(address, key);
    return {storage_[key], access};
  }
  StorageStore store_storage(const Address& address, const U256& key, const U256& value) override {
    const Access access = access_storage(address, key);
    const U256 current = storage_[key];
    undo_.emplace_back(key, current);
    storage_[key] = value;
    return {original_[key], current, access};
  }
  U256 load_transient(const Address&, const U256&) override { return {}; }
  void store_transient(const Address&, const U256&, const U256&) override {}
  Checkpoint checkpoint() override { return undo_.size(); }
  void roll_back(Checkpoint checkpoint) override {
    for (; undo_.size() > checkpoint; undo_.pop_back()) {
      storage_[undo_.back().first] = undo_.back().second;
    }
  }
  void touch(const Address&) override {}
  void transfer(const Address&, const Address&, const U256&) override {}
  void set_nonce(const Address&, std::uint64_t) override {}
  bool collides(const Address& address) override { return address == contract_; }
  void begin_create(const Address&, std::uint64_t) override {}
  void set_code(const Address&, BytesView) override {}
  void log(const Address&, std::span<const Hash256>, BytesView) override {}
  bool selfdestruct(const Address&, const Address&) override { return false; }
  Hash256 block_hash(std::uint64_t) override { return {}; }

  U256 stored(const U256& key) { return storage_[key]; }

 private:
  Address contract_;
  Code code_;
  std::map<U256, U256> storage_, original_;
  std::map<U256, bool> warm_;
  std::vector<std::pair<U256, U256>> undo_;
};

}  // namespace

int main() {
  // n (n + 1) / 2 for the number n in the call data: stored in slot 0 and returned.
  const Bytes code = pel::ledger::parse_bytes("0x600035806001010260011c8060005560005260206000f3");
  const Address contract = pel::ledger::small_address(0xc0de);
  World world(contract, code);

  Bytes input(32);
  input[31] = 10;
  Message message;
  message.gas = 100'000;
  message.sender = pel::ledger::small_address(0xca11);
  message.recipient = message.code_address = contract;
  message.input = input;

  Environment environment;
  environment.revision = Revision::kOsaka;
  Vm vm;
  const Result result = vm.execute(world, environment, message);
  if (result.status != Status::kSuccess) return 1;
  const U256 sum = pel::ledger::load_be(result.output.data());
  std::printf("sum %llu, stored %llu, gas %lld\n", static_cast<unsigned long long>(sum.w[0]),
              static_cast<unsigned long long>(world.stored({}).w[0]),
              static_cast<long long>(message.gas - result.gas_left));
  return 0;
}
