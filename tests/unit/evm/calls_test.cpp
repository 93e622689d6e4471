// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ledger/primitives/keccak.hpp"
#include "tests/unit/evm/program.hpp"

namespace pel::evm::test {
namespace {

constexpr Address kOther = ledger::small_address(0x0123);

// Calls `to` with `gas`, no input, and leaves success on the stack.
Program call(std::uint8_t op, const Address& to, const U256& gas, const U256& value = {}) {
  Program p;
  p.push(0).push(0).push(0).push(0);
  if (op == OP_CALL || op == OP_CALLCODE) p.push(value);
  return p.push(to_u256(to)).push(gas).op(op);
}

TEST(Calls, ContextOfEachKind) {
  const Bytes who = Program()
                        .op(OP_ADDRESS)
                        .push(0)
                        .op(OP_MSTORE)
                        .op(OP_CALLER)
                        .push(32)
                        .op(OP_MSTORE)
                        .op(OP_CALLVALUE)
                        .push(64)
                        .op(OP_MSTORE)
                        .push(96)
                        .push(0)
                        .op(OP_RETURN);
  struct Case {
    std::uint8_t op;
    Address address, caller;
    U256 value;
  };
  for (const Case& c :
       {Case{OP_CALL, kOther, kSelf, 5}, Case{OP_CALLCODE, kSelf, kSelf, 5},
        Case{OP_DELEGATECALL, kSelf, kCaller, 9}, Case{OP_STATICCALL, kOther, kSelf, 0}}) {
    World s;
    s.host.set(kOther, who);
    s.host.accounts[kSelf].balance = 100;
    s.host.accounts[kCaller].balance = 9;
    s.value = 9;
    s.run(call(c.op, kOther, 100000, 5)
              .op(OP_POP)
              .push(96)
              .push(0)
              .push(0)
              .op(OP_RETURNDATACOPY)
              .push(96)
              .push(0)
              .op(OP_RETURN));
    ASSERT_EQ(s.output.size(), 96U);
    EXPECT_EQ(ledger::load_be(s.output.data()), to_u256(c.address)) << int{c.op};
    EXPECT_EQ(ledger::load_be(s.output.data() + 32), to_u256(c.caller)) << int{c.op};
    EXPECT_EQ(ledger::load_be(s.output.data() + 64), c.value) << int{c.op};
  }
}

TEST(Calls, FailureRollsBackAndCostsItsGas) {
  World s;
  s.host.set(kOther, Program().push(7).push(1).op(OP_SSTORE).op(OP_INVALID));
  s.run(call(OP_CALL, kOther, 50000).return_top());
  EXPECT_EQ(s.word(), U256{0});
  EXPECT_EQ(s.host.accounts[kOther].storage[1], U256{0});
  EXPECT_GT(s.gas_used, 50000);
}

TEST(Calls, RevertReturnsGasAndData) {
  World s;
  s.host.set(
      kOther,
      Program().push(7).push(1).op(OP_SSTORE).push(0xabc).push(0).op(OP_MSTORE).push(32).push(0).op(
          OP_REVERT));
  s.run(call(OP_CALL, kOther, 50000)
            .op(OP_POP)
            .push(32)
            .push(0)
            .push(0)
            .op(OP_RETURNDATACOPY)
            .push(0)
            .op(OP_MLOAD)
            .return_top());
  EXPECT_EQ(s.word(), U256{0xabc});
  EXPECT_LT(s.gas_used, 30000);
  EXPECT_EQ(s.host.accounts[kOther].storage[1], U256{0});
  EXPECT_EQ(s.result.gas_refund, 0);
}

TEST(Calls, ReturnDataOutOfBoundsFails) {
  EXPECT_EQ(World().run(Program().push(1).push(0).push(0).op(OP_RETURNDATACOPY)).result.status,
            Status::kReturnDataOutOfBounds);
  EXPECT_EQ(World().run(Program().push(0).push(1).push(0).op(OP_RETURNDATACOPY)).result.status,
            Status::kReturnDataOutOfBounds);
  EXPECT_EQ(World().run(Program().push(0).push(0).push(0).op(OP_RETURNDATACOPY)).result.status,
            Status::kSuccess);
}

// The stipend of a value transfer comes on top, and comes back if the balance is missing.
TEST(Calls, ValueNeedsBalance) {
  World s;
  s.host.set(kOther, {});
  s.host.accounts[kOther].nonce = 1;
  s.run(call(OP_CALL, kOther, 0, 5).return_top());
  EXPECT_EQ(s.word(), U256{0});
  s.host.accounts[kSelf].balance = 5;
  s.run(call(OP_CALL, kOther, 0, 5).return_top());
  EXPECT_EQ(s.word(), U256{1});
  EXPECT_EQ(s.host.balance(kOther), U256{5});
}

// EIP-150: all but a 64th; before, exactly what was asked for or nothing.
TEST(Calls, GasForTheChild) {
  const Bytes tell = Program().op(OP_GAS).return_top();
  const Bytes code = Program()
                         .raw(call(OP_CALL, kOther, U256::max()))
                         .op(OP_POP)
                         .push(32)
                         .push(0)
                         .push(0)
                         .op(OP_RETURNDATACOPY)
                         .push(32)
                         .push(0)
                         .op(OP_RETURN);
  World s;
  s.host.set(kOther, tell);
  s.run(code, 100000);
  const std::int64_t left = 100000 - 4 * 3 - 3 * 3 - 2600;
  EXPECT_EQ(s.word(), U256{static_cast<std::uint64_t>(left - left / 64 - 2)});
  World old(Revision::kHomestead);
  old.host.set(kOther, tell);
  EXPECT_EQ(old.run(code, 100000).result.status, Status::kOutOfGas);
}

TEST(Calls, RecursionEndsAtDepth1024) {
  World s;
  // Counts its frames in slot 0 and calls itself with all gas.
  const Bytes code = Program().push(0).op(OP_SLOAD).push(1).op(OP_ADD).push(0).op(OP_SSTORE).raw(
      call(OP_CALL, kSelf, U256::max()));
  s.run(code, std::int64_t{1} << 40);
  EXPECT_EQ(s.result.status, Status::kSuccess);
  EXPECT_EQ(s.host.accounts[kSelf].storage[0], U256{1025});
}

// EIP-7702: the code comes from elsewhere, the account does not; one step only.
TEST(Calls, DelegationIsFollowedOnce) {
  World s;
  Bytes pointer = hex("ef0100");
  pointer.insert(pointer.end(), kOther.bytes.begin(), kOther.bytes.end());
  const Address kEoa = ledger::small_address(0xe0a);
  s.host.set(kEoa, pointer);
  s.host.set(kOther, Program().op(OP_ADDRESS).return_top());
  s.run(call(OP_CALL, kEoa, 100000)
            .op(OP_POP)
            .push(32)
            .push(0)
            .push(0)
            .op(OP_RETURNDATACOPY)
            .push(32)
            .push(0)
            .op(OP_RETURN));
  EXPECT_EQ(s.word(), to_u256(kEoa));
  s.run(Program().push(to_u256(kEoa)).op(OP_EXTCODESIZE).return_top());
  EXPECT_EQ(s.word(), U256{23});
  Bytes loop = hex("ef0100");
  loop.insert(loop.end(), kEoa.bytes.begin(), kEoa.bytes.end());
  s.host.set(kOther, loop);
  s.run(call(OP_CALL, kEoa, 1000).return_top());
  EXPECT_EQ(s.word(), U256{0}) << "0xef is not an instruction";
}

Program create(const Bytes& init, const U256& value = {}) {
  Program p;
  Bytes padded = init;
  padded.resize(32);
  return p.push(ledger::load_be(padded.data()))
      .push(0)
      .op(OP_MSTORE)
      .push(init.size())
      .push(0)
      .push(value)
      .op(OP_CREATE);
}

TEST(Create, DepositsCodeAtTheRightAddress) {
  World s;
  s.host.accounts[kSelf].nonce = 3;
  // PUSH1 0x11 PUSH1 0 MSTORE8 PUSH1 1 PUSH1 0 RETURN
  s.run(create(hex("601160005360016000f3")).return_top());
  const Address made = contract_address(kSelf, 3);
  EXPECT_EQ(s.word(), to_u256(made));
  EXPECT_EQ(s.host.code(made)->bytes()[0], 0x11);
  EXPECT_EQ(s.host.nonce(made), 1U);
  EXPECT_EQ(s.host.nonce(kSelf), 4U);
}

TEST(Create, RefusedCode) {
  struct Case {
    const char* init;
    Revision revision;
    bool made;
  };
  for (const Case& c : {
           Case{"60ef60005360016000f3", Revision::kLondon, false},  // EIP-3541
           Case{"60ef60005360016000f3", Revision::kBerlin, true},
           Case{"6160016000f3", Revision::kOsaka, false},  // 0x6001 bytes: EIP-170
           Case{"6160006000f3", Revision::kOsaka, true},
           Case{"6160016000f3", Revision::kTangerineWhistle, true},
           Case{"fe", Revision::kOsaka, false},
       }) {
    World s(c.revision);
    s.run(create(hex(c.init)).return_top(), 30000000);
    EXPECT_EQ(!s.word().is_zero(), c.made) << c.init << ' ' << to_string(c.revision);
  }
}

TEST(Create, CollisionBurnsTheGas) {
  World s;
  s.host.accounts[contract_address(kSelf, 0)].nonce = 1;
  s.run(create(hex("00")).return_top(), 100000);
  EXPECT_EQ(s.word(), U256{0});
  EXPECT_GT(s.gas_used, 98000);
  EXPECT_EQ(s.host.nonce(kSelf), 1U) << "the creator's nonce stays raised";
}

// EIP-1014, first and third example of its table.
TEST(Create, AddressOfCreate2) {
  EXPECT_EQ(to_string(contract_address2({}, {}, ledger::keccak256(Bytes{0}))),
            "0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38");
  EXPECT_EQ(to_string(contract_address2(
                ledger::parse_address("0xdeadbeef00000000000000000000000000000000"), {},
                ledger::keccak256(Bytes{0}))),
            "0xb928f69bb1d91cd65274e3c79d8986362984fda3");
}

// Nonces around the border of RLP's single byte.
TEST(Create, AddressOfCreate) {
  const Address sender = ledger::parse_address("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0");
  EXPECT_EQ(to_string(contract_address(sender, 0)), "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d");
  EXPECT_EQ(to_string(contract_address(sender, 1)), "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8");
}

TEST(Create, InitCodeLimit) {
  const Bytes big = Program().push(49153).push(0).push(0).op(OP_CREATE);
  EXPECT_EQ(World(Revision::kShanghai).run(big).result.status, Status::kInitCodeTooLarge);
  EXPECT_EQ(World(Revision::kParis).run(big).result.status, Status::kSuccess);
}

// A Host may throw; the machine works on afterwards.
class ThrowingHost : public SimpleHost {
 public:
  U256 balance(const Address& a) override {
    if (a == kOther) throw std::runtime_error("missing node");
    return SimpleHost::balance(a);
  }
};
TEST(Calls, HostMayThrow) {
  ThrowingHost host;
  Vm vm;
  Environment environment;
  host.set(kSelf, Program().push(to_u256(kOther)).op(OP_BALANCE));
  host.set(kCaller, call(OP_CALL, kSelf, 100000).return_top());
  Message m;
  m.gas = 1000000;
  m.recipient = m.code_address = kCaller;
  EXPECT_THROW(vm.execute(host, environment, m), std::runtime_error);
  host.set(kSelf, Program().push(1).return_top());
  const Result result = vm.execute(host, environment, m);
  EXPECT_EQ(result.status, Status::kSuccess);
  EXPECT_EQ(ledger::load_be(result.output.data()), U256{1});
}

}  // namespace
}  // namespace pel::evm::test
