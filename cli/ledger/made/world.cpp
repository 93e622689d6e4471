// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/made/world.hpp"

#include <utility>

#include "pel/error.hpp"

namespace pel::cli {
namespace {

using ledger::Address;
using ledger::Bytes;
using ledger::Transaction;
using ledger::U256;

constexpr std::uint64_t kNumber = 19'500'000;  // Cancun, by mainnet's schedule
constexpr std::uint64_t kTime = 1'711'300'000;
constexpr std::uint64_t kSlotSeconds = 12;
constexpr std::uint64_t kSetUpGas = 10'000'000;  // of one transaction; a pool takes half of it
constexpr std::size_t kBatch = 1000;             // set-up transactions that are executed together

ledger::Header header(std::uint64_t number, std::uint64_t gas) {
  ledger::Header h;
  h.uncles_hash = ledger::kEmptyUnclesHash;
  h.coinbase = ledger::small_address(0xfee0000);
  h.number = number;
  h.timestamp = kTime + kSlotSeconds * (number - kNumber);
  h.gas_limit = std::max<std::uint64_t>(gas, 30'000'000);
  h.base_fee = U256(10'000'000'000);
  h.withdrawals_root = ledger::kEmptyTrieRoot;
  h.blob_gas_used = h.excess_blob_gas = 0;
  h.parent_beacon_root = ledger::Hash256{};
  return h;
}

ledger::Block empty_block(std::uint64_t gas) {
  ledger::Block block;
  block.header = header(kNumber, gas);
  block.withdrawals.emplace();
  return block;
}

}  // namespace

MadeWorld::MadeWorld(std::uint64_t seed, std::string packages)
    : seed_(seed), packages_(std::move(packages)), executor_(codes_) {}

Person MadeWorld::person(std::string_view name) {
  const std::string text = "pel " + std::to_string(seed_) + " " + std::string(name);
  Person person;
  person.key = ledger::keccak(Bytes(text.begin(), text.end()));
  person.address = ledger::key_address(person.key);
  state_.edit(person.address).account.balance = U256(1) << 110;
  return person;
}

Transaction MadeWorld::transaction(Person& from, std::optional<Address> to, std::uint64_t gas) {
  Transaction tx;
  tx.type = ledger::TxType::kDynamicFee;
  tx.chain_id = 1;
  tx.nonce = from.nonce++;
  tx.max_fee = U256(20'000'000'000);
  tx.max_priority_fee = U256(1'000'000'000);
  tx.gas_limit = gas;
  tx.to = to;
  return tx;
}

Address MadeWorld::create(Person& from, const ContractFile& file, Words arguments) {
  const Address created = evm::contract_address(from.address, from.nonce);
  Transaction tx = transaction(from, {}, kSetUpGas);
  tx.data = creation_code(packages_, file);
  append_words(tx.data, arguments);
  add(std::move(tx), from.address);
  return created;
}

void MadeWorld::call(Person& from, const Address& to, Bytes data, U256 value) {
  Transaction tx = transaction(from, to, kSetUpGas);
  tx.data = std::move(data);
  tx.value = value;
  add(std::move(tx), from.address);
}

void MadeWorld::add(Transaction tx, const Address& from) {
  pending_.push_back(std::move(tx));
  senders_.push_back(from);
  if (pending_.size() == kBatch) settle();
}

void MadeWorld::settle() {
  ledger::Block block = empty_block(kSetUpGas * pending_.size());
  block.transactions = std::exchange(pending_, {});
  const auto output = execute(block, std::exchange(senders_, {}));
  for (std::size_t i = 0; i < output.receipts.size(); ++i) {
    if (output.receipts[i].success) continue;
    const Transaction& tx = block.transactions[i];
    throw Error("make-blocks",
                (tx.to ? "a call of " + to_string(*tx.to) : std::string("a creation")) +
                    " failed while the contracts were set up",
                "do the packages have the versions of --help?");
  }
  state_.apply(output.diff);
}

MadeWorld::Frame MadeWorld::frame(std::uint64_t gas) const {
  Frame frame{header(kNumber - 1, gas), empty_block(gas)};
  frame.parent.gas_used = frame.parent.gas_limit / 2;  // so that the base fee stays
  frame.parent.state_root = state_.root();
  frame.block.header.parent_hash = header_hash(frame.parent);
  return frame;
}

ledger::BlockExecutor::Output MadeWorld::execute(const ledger::Block& block,
                                                 std::span<const Address> senders) {
  ledger::BlockExecutor::Input input;
  input.config = &ledger::ChainConfig::mainnet();
  input.revision = input.config->revision(block.header, true);
  input.block = &block;
  input.senders = senders;
  input.view = &state_;
  return executor_.execute(input);
}

}  // namespace pel::cli
