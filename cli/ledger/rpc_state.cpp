// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/rpc_state.hpp"

#include <unordered_map>

#include "cli/ledger/values.hpp"

namespace pel::cli {

using ledger::Account;
using ledger::Address;
using ledger::Bytes;
using ledger::Hash256;
using ledger::U256;

namespace {

std::string quoted(const std::string& text) {
  std::string out(1, '"');
  out += text;
  return out += '"';
}

std::string slot_name(const U256& key) { return quoted(to_string(to_hash(key))); }

std::string list_of(std::string item) { return item.insert(0, 1, '[') += ']'; }

}  // namespace

// -- codes --------------------------------------------------------------------------------------

std::string RpcState::params(std::initializer_list<std::string> first, std::uint64_t number) const {
  std::string list = "[";
  for (const std::string& item : first) list += item + ",";
  return list + quoted(rpc_quantity(number)) + "]";
}

void RpcState::note_code(const Address& address, const Hash256& hash) const {
  if (hash != ledger::kEmptyCodeHash) owners_.emplace(hash, address);
}

std::shared_ptr<const evm::Code> RpcState::code(const Hash256& hash) const {
  if (const auto found = codes_.find(hash); found != codes_.end()) return found->second;
  const Address& owner = owners_.at(hash);  // callers ask for codes of accounts they have read
  const std::string text = rpc_.call("eth_getCode", params({quoted(to_string(owner))}, number_));
  const base::JsonDocument document(text, rpc_.place("eth_getCode"));
  const Bytes bytes = document.root().bytes();
  if (keep_code(bytes) != hash)
    document.root().fail("the code of " + to_string(owner) + " does not have its hash");
  return codes_.at(hash);
}

Hash256 RpcState::keep_code(const Bytes& bytes) const {
  if (bytes.empty()) return ledger::kEmptyCodeHash;
  const Hash256 hash = ledger::keccak(bytes);
  codes_[hash] = cache_.get(hash, bytes);
  return hash;
}

// -- proofs -------------------------------------------------------------------------------------

class ProofState::Nodes final : public ledger::NodeSource {
 public:
  void add(Bytes node) {
    const Hash256 hash = ledger::keccak(node);
    by_hash_.emplace(hash, std::move(node));
  }
  ledger::BytesView node(const Hash256& hash) const override {
    const auto found = by_hash_.find(hash);
    return found == by_hash_.end() ? ledger::BytesView{} : ledger::BytesView(found->second);
  }
  std::vector<Bytes> all() const {
    std::vector<Bytes> nodes;
    for (const auto& [hash, node] : by_hash_) nodes.push_back(node);
    return nodes;
  }

 private:
  std::map<Hash256, Bytes> by_hash_;
};

ProofState::ProofState(RpcClient& rpc, const ledger::Header& header, evm::CodeCache& codes)
    : RpcState(rpc, header.number, codes),
      nodes_(std::make_shared<Nodes>()),
      trie_(header.state_root, nodes_, {}) {}

void ProofState::fetch(const Address& address, const std::string& keys,
                       std::uint64_t number) const {
  const std::string text =
      rpc_.call("eth_getProof", params({quoted(to_string(address)), keys}, number));
  const base::JsonDocument document(text, rpc_.place("eth_getProof"));
  const auto add = [&](const Json& proof) {
    proof.each([&](const Json& node) { nodes_->add(node.bytes()); });
  };
  add(document.root()["accountProof"]);
  document.root()["storageProof"].each([&](const Json& slot) { add(slot["proof"]); });
}

void ProofState::need(const Address& address) const {
  if (accounts_.insert(address).second) fetch(address, "[]", number_);
}

std::optional<Account> ProofState::account(const Address& address) const {
  need(address);
  const auto found = trie_.account(address);
  if (found) note_code(address, found->code_hash);
  return found;
}

U256 ProofState::storage(const Address& address, const U256& key) const {
  if (slots_.emplace(address, key).second) {
    accounts_.insert(address);
    fetch(address, list_of(slot_name(key)), number_);
  }
  return trie_.storage(address, key);
}

bool ProofState::has_storage(const Address& address) const {
  return account(address) && trie_.has_storage(address);
}

void ProofState::add_after(const ledger::StateDiff& diff, std::uint64_t number) {
  for (const auto& change : diff.accounts)
    if (!change.exists && account(change.address)) fetch(change.address, "[]", number);
  for (const auto& slot : diff.slots) {
    const auto& change = diff.accounts[slot.account];
    if (slot.value.is_zero() && change.exists)
      fetch(change.address, list_of(slot_name(slot.key)), number);
  }
}

std::vector<Bytes> ProofState::nodes() const { return nodes_->all(); }

// -- values -------------------------------------------------------------------------------------

std::string ValueState::value(const char* method, std::initializer_list<std::string> first) const {
  return rpc_.call(method, params(first, number_));
}

std::optional<Account> ValueState::account(const Address& address) const {
  if (accounts_.insert(address).second) {
    const std::string name = quoted(to_string(address));
    const auto read = [&](const char* method) {
      return base::JsonDocument(value(method, {name}), rpc_.place(method));
    };
    const base::JsonDocument balance = read("eth_getBalance");
    const base::JsonDocument nonce = read("eth_getTransactionCount");
    const base::JsonDocument code = read("eth_getCode");
    Account account;
    account.balance = read_u256(balance.root());
    account.nonce = nonce.root().u64();
    account.code_hash = keep_code(code.root().bytes());
    if (!account.is_empty()) known_.edit(address).account = account;
  }
  return known_.account(address);
}

U256 ValueState::storage(const Address& address, const U256& key) const {
  if (!account(address)) return {};
  if (slots_.emplace(address, key).second) {
    const std::string text =
        value("eth_getStorageAt", {quoted(to_string(address)), slot_name(key)});
    const base::JsonDocument document(text, rpc_.place("eth_getStorageAt"));
    known_.set_storage(address, key, read_u256(document.root()));
  }
  return known_.storage(address, key);
}

bool ValueState::has_storage(const Address& address) const { return known_.has_storage(address); }

void ValueState::take_account(const Address& address, const Json& account) {
  if (accounts_.insert(address).second) {
    Account read;
    if (const auto balance = account.find("balance")) read.balance = read_u256(*balance);
    if (const auto nonce = account.find("nonce")) read.nonce = nonce->u64();
    if (const auto code = account.find("code")) read.code_hash = keep_code(code->bytes());
    if (!read.is_empty()) known_.edit(address).account = read;
  }
  const auto storage = account.find("storage");
  if (!storage || !known_.account(address)) return;
  storage->members([&](std::string_view key, const Json& value) {
    const U256 slot = ledger::load_be(value.parse_padded<32>(key).data());
    if (slots_.emplace(address, slot).second)
      known_.set_storage(address, slot, ledger::load_be(value.padded<32>().data()));
  });
}

void ValueState::take(const Json& traces, const Json& changes) {
  const std::vector<Json> created = changes.is_array() ? changes.items() : std::vector<Json>{};
  std::size_t index = 0;
  traces.each([&](const Json& trace) {
    trace["result"].members([&](std::string_view key, const Json& account) {
      take_account({account.parse_padded<20>(key)}, account);
    });
    // An account in `post` alone came to be in this transaction: what later ones see of it is not
    // the state before the block.
    if (index < created.size()) {
      const Json result = created[index]["result"];
      result["post"].members([&](std::string_view key, const Json& account) {
        if (!result["pre"].has(key)) accounts_.insert({account.parse_padded<20>(key)});
      });
    }
    ++index;
  });
}

}  // namespace pel::cli
