// SPDX-License-Identifier: Apache-2.0
#pragma once

// Transactions, blocks, the rules that hold at a height, and execution, serial and parallel.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pel/error.hpp"
#include "pel/ledger/evm.hpp"
#include "pel/ledger/state.hpp"
#include "pel/ledger/types.hpp"

namespace pel::ledger {

// -- bytes --------------------------------------------------------------------------------------

// RLP (Yellow Paper, appendix B). check_rlp throws pel::Error unless `bytes` is exactly one item in
// its shortest form all the way down.
void check_rlp(BytesView bytes, std::string_view place = "RLP");
Bytes encode_rlp(BytesView string);
Bytes encode_rlp_list(std::span<const Bytes> encoded_items);

// -- transactions -------------------------------------------------------------------------------

enum class TxType : std::uint8_t { kLegacy, kAccessList, kDynamicFee, kBlob, kSetCode };

struct AccessListEntry {
  Address address;
  std::vector<Hash256> keys;
};

// EIP-7702: an account (whose signature this bears, see recover_authority) delegates to `address`.
struct Authorization {
  U256 chain_id;
  Address address;
  std::uint64_t nonce = 0;
  U256 y_parity;
  U256 r;
  U256 s;
};

// A transaction of type 0 to 4 (EIP-155, 2930, 1559, 4844, 7702). Fields that a type lacks keep
// their defaults; max_fee is the gas price of types 0 and 1, and so is max_priority_fee.
struct Transaction {
  TxType type = TxType::kLegacy;
  std::optional<std::uint64_t> chain_id;  // nothing: legacy without replay protection
  std::uint64_t nonce = 0;
  U256 max_fee;
  U256 max_priority_fee;
  std::uint64_t gas_limit = 0;
  std::optional<Address> to;  // nothing: creation
  U256 value;
  Bytes data;
  std::vector<AccessListEntry> access_list;
  U256 max_blob_fee;
  std::vector<Hash256> blob_hashes;
  std::vector<Authorization> authorizations;
  U256 v;  // legacy: 27, 28 or by EIP-155; else the parity of y
  U256 r;
  U256 s;

  std::uint64_t blob_gas() const noexcept { return blob_hashes.size() << 17; }
};

// Why a transaction cannot be part of a block, named as the official fixtures name it.
struct TxFault {
  std::string_view name;  // "NONCE_MISMATCH_TOO_LOW"; empty: no fault
  std::string detail;
  explicit operator bool() const noexcept { return !name.empty(); }
};

// Reads one transaction, the EIP-2718 envelope of types 1 to 4 as it stands in a block body or on
// the wire (without blobs). Throws pel::Error naming `place` and the field.
Transaction decode_transaction(BytesView envelope, std::string_view place = "transaction");
Bytes encode_transaction(const Transaction& tx);
Hash256 transaction_hash(const Transaction& tx);
Hash256 signing_hash(const Transaction& tx);

// The signer. Nothing for a signature out of range, high s from Homestead on, a wrong v, or where
// no public key fits. About 40 us; thread-safe.
std::optional<Address> recover_sender(const Transaction& tx, evm::Revision revision);
// Of all, in parallel on the current executor.
std::vector<std::optional<Address>> recover_senders(std::span<const Transaction> transactions,
                                                    evm::Revision revision);
std::optional<Address> recover_authority(const Authorization& authorization);
// Signs; sets chain_id-dependent v for legacy transactions that have a chain id.
void sign_transaction(Transaction& tx, const Hash256& secret_key);
// The account that a secret key signs for. Throws pel::Error for a key out of range.
Address key_address(const Hash256& secret_key);

// Gas before the first instruction, and the least that is charged in the end (EIP-7623).
struct IntrinsicGas {
  std::uint64_t base = 0;
  std::uint64_t floor = 0;
};
IntrinsicGas intrinsic_gas(const Transaction& tx, evm::Revision revision);

// What is wrong with a transaction whatever the block and the state: type, sizes, gas, chain.
TxFault check_transaction(const Transaction& tx, evm::Revision revision,
                          std::uint64_t chain_id = 1);

// -- receipts -----------------------------------------------------------------------------------

using Bloom = std::array<std::uint8_t, 256>;

struct Receipt {
  TxType type = TxType::kLegacy;
  bool success = false;
  std::optional<Hash256> state_root;  // in place of `success` before Byzantium
  std::uint64_t cumulative_gas = 0;
  std::uint64_t gas_used = 0;  // of this transaction alone
  Bloom bloom{};               // filled by fill_blooms
  std::vector<Log> logs;
  evm::Status status = evm::Status::kSuccess;
  U256 gas_price;                   // effective
  std::optional<Address> contract;  // created
};

// Computes the blooms of the receipts and their union.
Bloom fill_blooms(std::span<Receipt> receipts);
Bytes encode_receipt(const Receipt& receipt);
Hash256 receipts_root(std::span<const Receipt> receipts);
// keccak(rlp(logs)), as state tests state it.
Hash256 logs_hash(std::span<const Log> logs);

// -- blocks -------------------------------------------------------------------------------------

struct Header {
  Hash256 parent_hash;
  Hash256 uncles_hash;
  Address coinbase;
  Hash256 state_root;
  Hash256 transactions_root = kEmptyTrieRoot;
  Hash256 receipts_root = kEmptyTrieRoot;
  Bloom bloom{};
  U256 difficulty;
  std::uint64_t number = 0;
  std::uint64_t gas_limit = 0;
  std::uint64_t gas_used = 0;
  std::uint64_t timestamp = 0;
  Bytes extra_data;
  Hash256 mix_hash;  // prev_randao from Paris on
  std::array<std::uint8_t, 8> nonce{};
  std::optional<U256> base_fee;                  // London
  std::optional<Hash256> withdrawals_root;       // Shanghai
  std::optional<std::uint64_t> blob_gas_used;    // Cancun
  std::optional<std::uint64_t> excess_blob_gas;  // Cancun
  std::optional<Hash256> parent_beacon_root;     // Cancun
  std::optional<Hash256> requests_hash;          // Prague
};

struct Withdrawal {
  std::uint64_t index = 0;
  std::uint64_t validator = 0;
  Address address;
  std::uint64_t amount_gwei = 0;
};

struct Block {
  Header header;
  std::vector<Transaction> transactions;
  std::vector<Header> uncles;
  std::optional<std::vector<Withdrawal>> withdrawals;
};

// Hash of a header, and of a list of uncles.
Hash256 header_hash(const Header& header);
Hash256 uncles_hash(std::span<const Header> uncles);
inline constexpr Hash256 kEmptyUnclesHash{{0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a,
                                           0xab, 0x85, 0xb5, 0x67, 0xb6, 0xcc, 0xd4, 0x1a,
                                           0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a, 0x74, 0x13,
                                           0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47}};

Bytes encode_header(const Header& header);
Bytes encode_block(const Block& block);
// Throws pel::Error naming `place` and the field.
Header decode_header(BytesView rlp, std::string_view place = "header");
Block decode_block(BytesView rlp, std::string_view place = "block");
// A list of transactions as it stands in a block's body: the envelopes, as views into `rlp`.
std::vector<BytesView> split_transactions(BytesView rlp, std::string_view place = "body");
Hash256 transactions_root(std::span<const Transaction> transactions);
Hash256 withdrawals_root(std::span<const Withdrawal> withdrawals);

// -- rules --------------------------------------------------------------------------------------

struct BlobParams {
  std::uint64_t target = 0;
  std::uint64_t max = 0;
  std::uint64_t update_fraction = 1;
};

// Run-time facts of a chain: which rules from when, and its constants. Thread-safe when const.
struct ChainConfig {
  static constexpr std::uint64_t kNever = ~std::uint64_t{0};

  struct BlobActivation {
    std::uint64_t time = 0;
    BlobParams params;
  };

  std::uint64_t chain_id = 1;
  // By revision: the block number from which it holds (up to London), or the time (from Shanghai
  // on). kParis holds once a parent's total difficulty has reached `terminal_difficulty`, which
  // revision() is told; its entry here only says whether there is a merge, and about when.
  std::array<std::uint64_t, evm::kRevisions> activation{};
  std::optional<U256> terminal_difficulty;
  // Blocks from which the difficulty bomb is set back: (number, blocks).
  std::vector<std::pair<std::uint64_t, std::uint64_t>> bomb_delays;
  std::vector<BlobActivation> blobs;  // by time, ascending (EIP-7840, EIP-7892)
  std::uint64_t dao_block = kNever;
  Address deposit_contract;  // EIP-6110

  // The rules of a block; `merged`: the parent's total difficulty has reached the terminal one.
  evm::Revision revision(const Header& header, bool merged) const noexcept;
  // The blob schedule at a time: of the last activation up to it.
  BlobParams blob_params(std::uint64_t time) const noexcept;

  static const ChainConfig& mainnet();
  // By the fixtures' network names: "Berlin", "CancunToPragueAtTime15k", "BPO1ToBPO2AtTime15k" ...
  // Nothing for an unknown name.
  static std::optional<ChainConfig> from_network(std::string_view name);
};

// Base fee that must follow a parent (EIP-1559), excess blob gas (EIP-4844, 7691, 7918), price of a
// unit of blob gas, and difficulty (Frontier, Homestead, Byzantium formulas with bomb delays).
U256 next_base_fee(const Header& parent, bool parent_has_base_fee);
std::uint64_t next_excess_blob_gas(const Header& parent, const BlobParams& params,
                                   evm::Revision revision);
U256 blob_base_fee(std::uint64_t excess_blob_gas, const BlobParams& params);
U256 next_difficulty(const Header& parent, std::uint64_t number, std::uint64_t timestamp,
                     const ChainConfig& config);

// A block that breaks a rule. `code` is the official name, "BlockException.INVALID_GASLIMIT" or
// "TransactionException.NONCE_MISMATCH_TOO_LOW".
class InvalidBlock : public Error {
 public:
  InvalidBlock(std::string code, std::string place, std::string reason);
  const std::string& code() const noexcept { return code_; }

 private:
  std::string code_;
};

// Uncles of a block before the merge: at most two, valid, recent, not used before (Yellow Paper,
// section 11.1). `ancestors` are the block's last seven, the parent first, each with its uncles.
struct Ancestor {
  const Header* header = nullptr;
  std::span<const Header> uncles;
};

// Everything that can be checked with the parent's header and the body alone: header fields, roots
// of transactions, uncles and withdrawals, size (EIP-7934). Throws InvalidBlock.
struct HeaderRules {
  const ChainConfig* config = nullptr;
  evm::Revision revision = evm::Revision::kFrontier;         // of the block
  evm::Revision parent_revision = evm::Revision::kFrontier;  // of its parent
};
void check_header(const Header& header, const Header& parent, const HeaderRules& rules);
void check_body(const Block& block, const HeaderRules& rules, std::size_t rlp_size);
void check_uncles(const Block& block, std::span<const Ancestor> ancestors,
                  const HeaderRules& rules);

// -- execution ----------------------------------------------------------------------------------

// Whether the transaction may be executed now, in the order in which clients check.
struct TxLimits {
  std::uint64_t gas_left = 0;       // of the block
  std::uint64_t blob_gas_left = 0;  // of the block
  BlobParams blobs;
};

struct TxOutcome {
  TxFault fault;  // with it nothing has happened
  Receipt receipt;
  Bytes output;
};

// Who executes: one object per thread, reused from block to block. Owns the machine and the
// journal; shares analysed code with others through `codes`. Not thread-safe.
class BlockExecutor {
 public:
  explicit BlockExecutor(evm::CodeCache& codes);
  ~BlockExecutor();
  BlockExecutor(BlockExecutor&&) noexcept;

  struct Input {
    const ChainConfig* config = nullptr;
    evm::Revision revision = evm::Revision::kFrontier;
    const Block* block = nullptr;
    std::span<const Address> senders;  // one per transaction
    const StateView* view = nullptr;
    std::function<Hash256(std::uint64_t)> block_hashes;
    // Called after each transaction before Byzantium, for the root in its receipt; may be empty.
    std::function<Hash256(const StateDiff& since_start)> intermediate_root;
    // Who watches a transaction (system calls are not watched); may be empty.
    std::function<evm::Tracer*(std::size_t index)> tracer;
    // For building blocks and t8n: transactions that may not be executed are left out and listed
    // instead of making the block invalid, and so are system contracts without code.
    bool skip_faulty = false;
    // In place of the revision's own, and from Paris on too; zero: the coinbase is touched.
    std::optional<U256> reward;
    bool pay_rewards = true;
  };
  struct Rejected {
    std::size_t index = 0;
    TxFault fault;
  };
  struct Output {
    std::vector<Receipt> receipts;  // without blooms
    std::uint64_t gas_used = 0;
    std::uint64_t blob_gas_used = 0;
    std::vector<Bytes> requests;  // EIP-7685, type byte first; none that is empty
    std::vector<Rejected> rejected;
    std::vector<Address> absent_contracts;  // EIP-7002, 7251: only with skip_faulty
    StateDiff diff;
  };

  // Executes a block on a view. Throws InvalidBlock for what makes it invalid (a transaction, a
  // system call, a deposit log), MissingNode and pel::Error from the view.
  Output execute(const Input& input);

  // One transaction by itself: state tests, t8n and calls.
  struct Single {
    evm::Revision revision = evm::Revision::kOsaka;
    evm::BlockContext block;
    TxLimits limits;
    const StateView* view = nullptr;
    std::function<Hash256(std::uint64_t)> block_hashes;
    evm::Tracer* tracer = nullptr;
  };
  TxOutcome execute(const Single& context, const Transaction& tx, const Address& sender,
                    StateDiff& diff);

  // A message without a transaction around it: no fees, no nonce, no intrinsic gas. The output
  // lives until the next use of this object.
  evm::Result call(const Single& context, const evm::Message& message, StateDiff& diff);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

// Which transactions of a block need which, and how long each takes: the physical limit of running
// them at the same time.
struct BlockGraph {
  std::vector<double> seconds;                    // of each transaction, executed serially
  std::vector<std::vector<std::uint32_t>> needs;  // earlier transactions whose changes it saw

  double serial_seconds() const;
  // The longest chain of transactions of which each needs the one before: no number of workers is
  // faster.
  double critical_path_seconds() const;
  // The time on `workers` (at least 1) workers without any overhead: whenever one is free, it takes
  // the earliest transaction whose needs are done (list scheduling; within 2 - 1/workers of the
  // best). O(n log n + dependencies).
  double schedule_seconds(int workers) const;
};

// Where what two executions of a block gave differs first, in words; empty if nowhere.
std::string difference(const BlockExecutor::Output& a, const BlockExecutor::Output& b);

// Executes blocks as BlockExecutor does, with the same results bit for bit: receipts, difference,
// what is rejected, and errors. Transactions run as attempts ahead of their turn on the current
// executor's workers where that pays, else serially (docs/design/parallel-blocks.md). Not
// thread-safe; reused from block to block.
class ParallelBlockExecutor {
 public:
  // With `always`, blocks run in parallel although that cannot pay: for tests.
  explicit ParallelBlockExecutor(evm::CodeCache& codes, bool always = false);
  ~ParallelBlockExecutor();
  ParallelBlockExecutor(ParallelBlockExecutor&&) noexcept;

  using Input = BlockExecutor::Input;
  using Output = BlockExecutor::Output;

  Output execute(const Input& input);
  // One transaction by itself, as an attempt without others: for tests.
  TxOutcome execute(const BlockExecutor::Single& context, const Transaction& tx,
                    const Address& sender, StateDiff& diff);

  // Measures the graph of a block: runs it serially `repeat` times (the least time counts) and once
  // while recording what each transaction needs of others. Throws as BlockExecutor does.
  BlockGraph measure(const Input& input, int repeat);

  // What the last execute() did.
  struct Counters {
    bool serial = false;  // run by the plain loop
    std::uint64_t transactions = 0;
    std::uint64_t reexecutions = 0;  // of transactions whose attempts had become stale
    std::uint64_t waits = 0;         // transactions not attempted ahead, for fear of a conflict
    std::uint64_t by_account = 0;    // payments of runs whose accounts were divided among workers
  };
  const Counters& counters() const noexcept;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

// Compares what execution gave with the header: gas, blob gas, bloom, receipts root, requests.
// Throws InvalidBlock naming the first that differs.
void check_results(const Header& header, const BlockExecutor::Output& output, const Bloom& bloom,
                   const HeaderRules& rules);
Hash256 requests_hash(std::span<const Bytes> requests);

// A chain of blocks in memory, with the state after each: for fixtures and small networks. Imports
// blocks in any order in which parents come first; before the merge the head is the valid block
// with the highest total difficulty, afterwards the last one imported. Not thread-safe.
class Chain {
 public:
  Chain(const ChainConfig& config, const Header& genesis, MemoryState state, evm::CodeCache& codes);
  ~Chain();

  // Decodes, checks, executes and keeps a block; its hash. Throws pel::Error for bytes that are no
  // block, InvalidBlock for a block that breaks a rule; the chain is then as before.
  Hash256 import(BytesView rlp, std::string_view place = "block");

  // Who executes blocks from now on, in place of a BlockExecutor.
  using Execute = std::function<BlockExecutor::Output(const BlockExecutor::Input&)>;
  void set_execute(Execute execute);

  const Hash256& head() const noexcept;
  const Header& head_header() const;
  const MemoryState& head_state() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pel::ledger
