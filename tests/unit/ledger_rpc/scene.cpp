// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ledger_rpc/scene.hpp"

#include "base/hex.hpp"
#include "base/json_reader.hpp"
#include "cli/ledger/block_writer.hpp"
#include "cli/ledger/values.hpp"
#include "pel/main.hpp"

namespace pel::test {
namespace {

using ledger::Address;
using ledger::Bytes;
using ledger::Hash256;
using ledger::Transaction;
using ledger::U256;

constexpr std::uint64_t kNumber = 19'500'000;

Bytes bytes_of(std::string_view digits) { return *base::from_hex(digits); }

Hash256 key_of(int person) {
  Hash256 key;
  key.bytes[31] = static_cast<std::uint8_t>(person + 1);
  return key;
}

// sstore(calldata[0], calldata[32])
constexpr const char* kStore = "60203560003555";
// sstore(0, blockhash(number - 1))
constexpr const char* kHash =
    "60014303406000"
    "55";
// init code that leaves kStore as the code: codecopy, return
constexpr const char* kInit =
    "6007600c60003960076000f3"
    "60203560003555";

Bytes words(std::uint64_t first, std::uint64_t second) {
  Bytes data(64);
  ledger::store_be(U256(first), data.data());
  ledger::store_be(U256(second), data.data() + 32);
  return data;
}

class Maker {
 public:
  Scene make() {
    scene_.store = ledger::small_address(0x5701e);
    const Address hasher = ledger::small_address(0x4a54);
    for (int i = 0; i < 3; ++i)
      scene_.before.edit(ledger::key_address(key_of(i))).account.balance =
          U256(1'000'000'000'000'000'000);
    set_code(scene_.store, kStore);
    set_code(hasher, kHash);
    for (const std::uint64_t slot : {1, 2, 3, 9})
      scene_.before.set_storage(scene_.store, U256(slot), U256(slot + 100));
    scene_.created = evm::contract_address(ledger::key_address(key_of(0)), 0);
    add(0, {}, bytes_of(kInit));
    add(1, scene_.store, words(1, 0));
    add(1, scene_.store, words(2, 7));
    add(2, ledger::small_address(0xabcdef), {}, 5);
    add(2, scene_.store, words(3, 0));
    add(0, hasher, {});
    add(1, scene_.created, words(4, 4));
    make_parent();
    make_block();
    return std::move(scene_);
  }

 private:
  void set_code(const Address& address, std::string_view code) {
    scene_.before.set_code(address, std::make_shared<evm::Code>(bytes_of(code)));
  }

  void add(int person, std::optional<Address> to, Bytes data, std::uint64_t value = 0) {
    Transaction tx;
    tx.type = ledger::TxType::kDynamicFee;
    tx.chain_id = 1;
    tx.nonce = nonces_[static_cast<std::size_t>(person)]++;
    tx.max_fee = U256(20'000'000'000);
    tx.max_priority_fee = U256(1'000'000'000);
    tx.gas_limit = 200'000;
    tx.to = to;
    tx.value = U256(value);
    tx.data = std::move(data);
    ledger::sign_transaction(tx, key_of(person));
    scene_.block.transactions.push_back(tx);
    scene_.senders.push_back(ledger::key_address(key_of(person)));
  }

  static void fill_common(ledger::Header& h) {
    h.uncles_hash = ledger::kEmptyUnclesHash;
    h.coinbase = ledger::small_address(0xfee);
    h.gas_limit = 30'000'000;
    h.base_fee = U256(10'000'000'000);
    h.withdrawals_root = ledger::kEmptyTrieRoot;
    h.blob_gas_used = h.excess_blob_gas = 0;
    h.parent_beacon_root = Hash256{};
  }

  void make_parent() {
    ledger::Header& h = scene_.parent;
    fill_common(h);
    h.number = kNumber - 1;
    h.timestamp = 1'711'300'000;
    h.gas_used = h.gas_limit / 2;  // the base fee stays
    ledger::StateDiff all;
    scene_.before.for_each([&](const Address& address, const auto& record) {
      const auto index = static_cast<std::uint32_t>(all.accounts.size());
      all.accounts.push_back({address, true, false, record.account});
      for (const auto& [key, value] : record.storage) all.slots.push_back({index, key, value});
      if (record.code) all.codes.push_back(record.code);
    });
    h.state_root = scene_.before_trie.apply(all);
    scene_.after_trie = scene_.before_trie;
  }

  void make_block() {
    ledger::Block& block = scene_.block;
    ledger::Header& h = block.header;
    fill_common(h);
    block.withdrawals.emplace();
    h.number = kNumber;
    h.timestamp = scene_.parent.timestamp + 12;
    h.parent_hash = ledger::header_hash(scene_.parent);
    evm::CodeCache codes;
    ledger::BlockExecutor executor(codes);
    ledger::BlockExecutor::Input input;
    input.config = &ledger::ChainConfig::mainnet();
    input.revision = evm::Revision::kCancun;
    input.block = &block;
    input.senders = scene_.senders;
    input.view = &scene_.before;
    input.block_hashes = [&](std::uint64_t) { return h.parent_hash; };
    auto output = executor.execute(input);
    h.gas_used = output.gas_used;
    h.bloom = ledger::fill_blooms(output.receipts);
    h.receipts_root = ledger::receipts_root(output.receipts);
    h.transactions_root = ledger::transactions_root(block.transactions);
    h.state_root = scene_.after_trie.apply(output.diff);
  }

  Scene scene_;
  std::array<std::uint64_t, 3> nonces_{};
};

std::string hex(ledger::BytesView bytes) { return base::to_hex(bytes).insert(0, "\"0x") += '"'; }
std::string text_of(const U256& number) { return to_string(number).insert(0, 1, '"') += '"'; }

template <class List>
std::string list_of(const List& items) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += hex(item);
  }
  return out += ']';
}

// One request.
class Request {
 public:
  Request(const SceneServer& server, const base::Json& params)
      : server_(server), scene_(server.scene), params_(params.items()) {}

  std::string block() const {
    const std::uint64_t number = params_[0].u64();
    if (number == kNumber) return cli::block_json(scene_.block, scene_.senders);
    if (number != kNumber - 1) return "null";
    ledger::Block parent;
    parent.header = scene_.parent;
    return cli::block_json(parent, {});
  }

  std::string witness() const {
    std::vector<Bytes> nodes;  // some of them often
    const auto take = [&](const std::vector<Bytes>& proof) {
      nodes.insert(nodes.end(), proof.begin(), proof.end());
    };
    std::vector<Bytes> codes;
    scene_.before.for_each([&](const Address& address, const auto& record) {
      take(scene_.before_trie.prove(address));
      for (const auto& [key, value] : record.storage) take(scene_.before_trie.prove(address, key));
      if (record.code) codes.emplace_back(record.code->bytes().begin(), record.code->bytes().end());
    });
    return Row{}
        .raw("state", list_of(nodes))
        .raw("codes", list_of(codes))
        .raw("keys", "[]")
        .raw("headers", list_of(std::vector<Bytes>{ledger::encode_header(scene_.parent)}))
        .json();
  }

  // All accounts at the first transaction; what the last one sees of the created contract.
  std::string traces() const {
    Row all;
    scene_.before.for_each([&](const Address& address, const auto& record) {
      Row account;
      account.text("balance", to_string(record.account.balance));
      if (record.account.nonce != 0) account.integer("nonce", record.account.nonce);
      if (record.code) account.raw("code", hex(record.code->bytes()));
      Row storage;
      for (const auto& [key, value] : record.storage)
        storage.text(to_string(to_hash(key)), to_string(to_hash(value)));
      all.raw(to_string(address), account.raw("storage", storage.json()).json());
    });
    Row later;
    later.raw(to_string(scene_.created),
              Row{}.text("balance", "0x0").integer("nonce", 1).raw("code", "\"0x60\"").json());
    return per_transaction(all.json(), later.json());
  }

  std::string changes() const {
    const std::string none = "{\"pre\":{},\"post\":{}}";
    Row post;
    post.raw(to_string(scene_.created), Row{}.integer("nonce", 1).json());
    return per_transaction("{\"pre\":{},\"post\":" + post.json() + "}", none, none);
  }

  std::string proof() const {
    const Address address = cli::read_address(params_[0]);
    const bool after = params_[2].u64() == kNumber;
    const ledger::TrieState& trie = after ? scene_.after_trie : scene_.before_trie;
    std::string slots = "[";
    for (const base::Json& key : params_[1].items()) {
      if (slots.size() > 1) slots += ',';
      slots += Row{}.raw("proof", list_of(trie.prove(address, cli::read_u256(key)))).json();
    }
    std::vector<Bytes> nodes = trie.prove(address);
    if (server_.breach == "proof") nodes.back()[5] ^= 1;
    return Row{}
        .raw("accountProof", list_of(nodes))
        .text("balance", "0xbad")  // what counts is the proof
        .raw("storageProof", slots + "]")
        .json();
  }

  std::string value(const std::string& method) const {
    const Address address = cli::read_address(params_[0]);
    if (method == "eth_getStorageAt")
      return text_of(scene_.before.storage(address, cli::read_u256(params_[1])));
    const auto account = scene_.before.account(address).value_or(ledger::Account{});
    if (method == "eth_getBalance") return text_of(account.balance);
    if (method == "eth_getTransactionCount") return text_of(U256(account.nonce));
    if (account.code_hash == ledger::kEmptyCodeHash) return "\"0x\"";
    return server_.breach == "code" ? "\"0x00\""
                                    : hex(scene_.before.code(account.code_hash)->bytes());
  }

 private:
  std::string per_transaction(const std::string& first, const std::string& last,
                              const std::string& other = "{}") const {
    std::string out = "[";
    for (std::size_t i = 0; i < scene_.senders.size(); ++i) {
      const bool end = i + 1 == scene_.senders.size();
      out += (i == 0 ? "{\"result\":" : ",{\"result\":");
      out += (i == 0 ? first : end ? last : other) + "}";
    }
    return out += ']';
  }

  const SceneServer& server_;
  const Scene& scene_;
  std::vector<base::Json> params_;
};

}  // namespace

Scene make_scene() { return Maker().make(); }

std::string SceneServer::answer(const std::string& body) const {
  const base::JsonDocument document(body, "request");
  const std::string method(document.root()["method"].text());
  const base::Json params = document.root()["params"];
  Row row;
  row.text("jsonrpc", "2.0").integer("id", document.root()["id"].u64() + (breach == "id" ? 1 : 0));
  if (breach == "text") return "<html>";
  if (refused.contains(method))
    return row.raw("error", "{\"code\":-32601,\"message\":\"not offered\"}").json();
  const Request request(*this, params);
  std::string result = "null";
  if (method == "eth_chainId") {
    result = "\"0x1\"";
  } else if (breach == "null") {
    result = "null";
  } else if (breach == "types") {
    result = "{\"number\":[],\"hash\":7}";
  } else if (method == "eth_getBlockByNumber") {
    result = request.block();
  } else if (method == "debug_executionWitness") {
    result = request.witness();
  } else if (method == "debug_traceBlockByNumber") {
    result =
        params.dump().find("diffMode") == std::string::npos ? request.traces() : request.changes();
  } else if (method == "eth_getProof") {
    result = request.proof();
  } else {
    result = request.value(method);
  }
  return row.raw("result", result).json();
}

}  // namespace pel::test
