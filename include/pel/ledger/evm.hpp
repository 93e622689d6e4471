// SPDX-License-Identifier: Apache-2.0
#pragma once

// The Ethereum virtual machine, Frontier to Osaka, as a library of its own. It sees the world only
// through a Host: accounts, storage, logs and a journal that can be rolled back.
//
// Division of duties. The Vm does everything that happens inside one message: interpreting, gas,
// nested calls and creations with their depth, balance, nonce and collision rules, value transfer,
// precompiles, code deposit, resolution of EIP-7702 delegations, roll-back of failed frames. The
// caller (a transaction processor) does what surrounds it: validity, intrinsic gas and the
// EIP-7623 floor, buying gas, raising the sender's nonce, warming sender, recipient (with the
// target of its delegation), coinbase, precompiles and access list, applying authorizations,
// capping the refund, paying the coinbase, clearing transient storage and destroyed accounts.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "pel/detail/evm/code.hpp"
#include "pel/ledger/types.hpp"

namespace pel::evm {

using ledger::Address;
using ledger::Bytes;
using ledger::BytesView;
using ledger::Hash256;
using ledger::U256;

// Rule sets of the execution layer in the order of their activation. Forks that change nothing an
// EVM or transaction can see (ice ages, BPO blob schedules) have none.
enum class Revision : std::uint8_t {
  kFrontier,
  kHomestead,
  kTangerineWhistle,  // EIP-150
  kSpuriousDragon,    // EIP-158
  kByzantium,
  kConstantinople,
  kPetersburg,
  kIstanbul,
  kBerlin,
  kLondon,
  kParis,
  kShanghai,
  kCancun,
  kPrague,
  kOsaka,
};
inline constexpr int kRevisions = static_cast<int>(Revision::kOsaka) + 1;

std::string_view to_string(Revision revision) noexcept;
// The fixtures' names, any case ("Frontier", "EIP150", "ConstantinopleFix", "Merge", "Osaka");
// nothing for others.
std::optional<Revision> parse_revision(std::string_view name) noexcept;

enum class Status : std::uint8_t {
  kSuccess,
  kRevert,  // the only failure that returns gas and data
  kOutOfGas,
  kUndefinedInstruction,
  kInvalidInstruction,  // 0xfe
  kStackOverflow,
  kStackUnderflow,
  kBadJumpDestination,
  kReturnDataOutOfBounds,
  kStaticModeViolation,
  kPrecompileFailure,
  kAddressCollision,
  kInitCodeTooLarge,
  kCodeTooLarge,
  kCodeStartsWithEf,  // EIP-3541
};
std::string_view to_string(Status status) noexcept;

enum class Access : bool { kCold, kWarm };

struct StorageLoad {
  U256 value;
  Access access = Access::kCold;
};

struct StorageStore {
  U256 original;  // at the start of the transaction
  U256 current;   // just before this store
  Access access = Access::kCold;
};

// What a journal hands out for roll-back; only its Host knows the meaning.
using Checkpoint = std::size_t;

// The world as the EVM sees it. One Host serves one transaction at a time on one thread. Methods
// may throw (a missing trie node, a speculative attempt that was stopped): the Vm passes the
// exception on and stays usable; the Host's state is then its owner's business.
//
// "Access" methods implement EIP-2929: they mark as warm and say what the mark was before. The Vm
// calls them from Berlin on only, and never reads what the remaining gas cannot pay for: so a
// witness made by another client suffices. Marks are undone by roll-back like everything else.
class Host {
 public:
  virtual ~Host() = default;

  // -- accounts
  virtual Access access_account(const Address& address) = 0;
  // Until Spurious Dragon: is in the state, even if empty. From then on: is not empty (EIP-161).
  virtual bool exists(const Address& address) = 0;
  virtual U256 balance(const Address& address) = 0;
  // Whether the balance is at least `amount`: a question that speculation answers without knowing
  // the balance.
  virtual bool covers(const Address& address, const U256& amount) {
    return balance(address) >= amount;
  }
  virtual std::uint64_t nonce(const Address& address) = 0;
  // EIP-1052: zero for an account that does not exist (in the sense above).
  virtual Hash256 code_hash(const Address& address) = 0;
  // Never null; Code::empty() for none. Lives at least until the transaction ends.
  virtual const Code* code(const Address& address) = 0;

  // -- storage. `address` is always the account that executes.
  // load_storage and store_storage also mark as warm and say what the mark was (any revision).
  virtual Access access_storage(const Address& address, const U256& key) = 0;
  virtual StorageLoad load_storage(const Address& address, const U256& key) = 0;
  virtual StorageStore store_storage(const Address& address, const U256& key,
                                     const U256& value) = 0;
  virtual U256 load_transient(const Address& address, const U256& key) = 0;
  virtual void store_transient(const Address& address, const U256& key, const U256& value) = 0;

  // -- changes
  virtual Checkpoint checkpoint() = 0;
  virtual void roll_back(Checkpoint checkpoint) = 0;  // undoes all since, logs included
  // A call with no value reaches `address`: it is created (before Spurious Dragon) or becomes a
  // candidate for EIP-161 clearing.
  virtual void touch(const Address& address) = 0;
  // Moves `value` (never zero, always covered); implies touch(to).
  virtual void transfer(const Address& from, const Address& to, const U256& value) = 0;
  virtual void set_nonce(const Address& address, std::uint64_t nonce) = 0;
  // EIP-684 and 7610: `address` has a nonce, code or storage, so nothing can be created there.
  virtual bool collides(const Address& address) = 0;
  // A contract comes to be at `address` (whose balance stays): nonce `nonce`, "created in this
  // transaction" for EIP-6780. Follows a checkpoint and collides() == false.
  virtual void begin_create(const Address& address, std::uint64_t nonce) = 0;
  virtual void set_code(const Address& address, BytesView code) = 0;
  virtual void log(const Address& address, std::span<const Hash256> topics, BytesView data) = 0;
  // Moves the balance to `beneficiary` and destroys `address` as its revision says (before Cancun
  // always; from then on only if created in this transaction, and a balance sent to itself stays
  // unless destroyed). True the first time in a transaction: the refund before London hangs on it.
  virtual bool selfdestruct(const Address& address, const Address& beneficiary) = 0;

  // The hash of one of the 256 blocks before this one; the Vm checks the range.
  virtual Hash256 block_hash(std::uint64_t number) = 0;
};

struct BlockContext {
  std::uint64_t number = 0;
  std::uint64_t timestamp = 0;
  std::uint64_t gas_limit = 0;
  Address coinbase;
  U256 difficulty_or_randao;  // PREVRANDAO from Paris on
  U256 base_fee;
  U256 blob_base_fee;
  U256 chain_id = 1;
};

struct TxContext {
  Address origin;
  U256 gas_price;  // the effective one
  std::span<const Hash256> blob_hashes;
};

struct Environment {
  Revision revision = Revision::kOsaka;
  BlockContext block;
  TxContext tx;
};

enum class MessageKind : std::uint8_t { kCall, kDelegateCall, kCallCode, kCreate, kCreate2 };

// One message. The caller of Vm::execute fills a call (recipient = code_address = `to`, delegation
// resolved by the Vm) or a creation (recipient = the new address, see contract_address()).
struct Message {
  MessageKind kind = MessageKind::kCall;
  bool is_static = false;
  int depth = 0;
  std::int64_t gas = 0;
  Address recipient;  // whose storage and balance
  Address sender;
  Address code_address;  // whose code
  U256 value;
  BytesView input;  // call data, or init code
};

struct Result {
  Status status = Status::kSuccess;
  std::int64_t gas_left = 0;    // 0 on failures other than revert
  std::int64_t gas_refund = 0;  // may be negative inside a call; 0 on failure
  // Valid until the next execute on the same Vm. Creation: empty on success.
  BytesView output;
};

// Watches execution; the interpreter without one is another instantiation, so that it costs
// nothing when absent. Views are valid during the call only.
struct TraceStep {
  std::uint64_t pc = 0;
  std::uint8_t opcode = 0;
  std::int64_t gas = 0;         // before the instruction
  std::int64_t refund = 0;      // of the transaction so far
  int depth = 0;                // 0 for the outermost frame
  std::span<const U256> stack;  // bottom first
  BytesView memory;
  BytesView return_data;
  const Address* address = nullptr;  // whose storage
};
class Tracer {
 public:
  virtual ~Tracer() = default;
  // A frame begins (precompiles included, creations too) and ends.
  virtual void enter(const Message& message, const Code& code) = 0;
  virtual void exit(const Message& message, const Result& result) = 0;
  // Before each instruction; `cost` of the previous one in the same frame follows from gas.
  virtual void step(const TraceStep& step) = 0;
  // A call or creation has paid and its frame keeps `gas`; what it hands to the frame that it opens
  // is paid by a call and not yet taken by a creation. Comes before enter(), and also where no
  // frame opens (too deep, too poor).
  virtual void paid(std::int64_t /*gas*/) {}
  // The instruction of the last step() of this depth failed.
  virtual void fault(const TraceStep& step, Status status) = 0;
};

// CPU levels the interpreter is built for; results are the same on all.
enum class CpuLevel : std::uint8_t { kV1, kV3 };
CpuLevel best_cpu_level() noexcept;

// One virtual machine: stacks, memories and scratch space for one thread, reused for ever. Not
// thread-safe; make one per worker. Frames allocate nothing: a stack starts where that of its
// caller ends, and so does a memory. Reserves 4 GiB of address space (no memory) at construction
// and gives touched pages beyond 1 MiB back after each execute().
class Vm {
 public:
  explicit Vm(CpuLevel level = best_cpu_level());
  ~Vm();
  Vm(Vm&&) noexcept;
  Vm& operator=(Vm&&) noexcept;

  // Runs a message to its end. Failures of the program are in the Result; throws only what the
  // Host throws. State changes of a failed message are rolled back (the sender's nonce is not:
  // the caller has raised it before).
  Result execute(Host& host, const Environment& environment, const Message& message,
                 Tracer* tracer = nullptr);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Address of a contract: keccak(rlp([sender, nonce])), and EIP-1014.
Address contract_address(const Address& sender, std::uint64_t nonce) noexcept;
Address contract_address2(const Address& sender, const Hash256& salt,
                          const Hash256& init_code_hash) noexcept;

// Whether a precompiled contract lies at `address`; precompile_addresses lists them all.
bool is_precompile(Revision revision, const Address& address) noexcept;
std::span<const Address> precompile_addresses(Revision revision) noexcept;

struct PrecompileResult {
  Status status = Status::kSuccess;
  std::int64_t gas_left = 0;
  Bytes output;
};
// Runs one by itself; `address` must hold one.
PrecompileResult run_precompile(Revision revision, const Address& address, BytesView input,
                                std::int64_t gas);

}  // namespace pel::evm
