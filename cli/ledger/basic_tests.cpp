// SPDX-License-Identifier: Apache-2.0
// The unit-level fixtures of ethereum/tests: transactions, tries, RLP, difficulties.
#include "cli/ledger/basic_tests.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "cli/ledger/basic_crypto.hpp"
#include "cli/ledger/basic_faults.hpp"
#include "cli/ledger/values.hpp"
#include "pel/error.hpp"

namespace pel::cli {
namespace {

using ledger::Bytes;
using ledger::Hash256;
using ledger::Trie;
using ledger::U256;

// "0x..." is hexadecimal, anything else stands for its own bytes.
Bytes text_or_hex(const Json& json) {
  if (json.text().starts_with("0x")) return json.bytes();
  const std::string_view text = json.text();
  return {text.begin(), text.end()};
}

// -- TransactionTests

std::string check_transaction(const Bytes& bytes, const std::string& fork, const Json& expected) {
  const auto revision = evm::parse_revision(fork);
  if (!revision) expected.fail("unknown fork \"" + fork + "\"");
  const auto exception = expected.find("exception");
  std::string fault;
  ledger::Transaction tx;
  std::optional<ledger::Address> sender;
  try {
    tx = ledger::decode_transaction(bytes);
    if (auto found = ledger::check_transaction(tx, *revision)) fault = found.name;
    sender = ledger::recover_sender(tx, *revision);
    if (fault.empty() && !sender) fault = "INVALID_SIGNATURE_VRS";
  } catch (const Error& error) {
    fault = error.what();
  }
  if (exception) {
    const std::string wanted = "expected " + std::string(exception->text());
    if (fault.empty()) return wanted + ", but it is valid";
    return fits_transaction_fault(exception->text(), fault) ? "" : wanted + ", got " + fault;
  }
  if (!fault.empty()) return "refused: " + fault;
  if (ledger::transaction_hash(tx) != read_hash(expected["hash"])) return "another hash";
  if (*sender != read_address(expected["sender"])) return "another sender";
  if (ledger::intrinsic_gas(tx, *revision).base != expected["intrinsicGas"].u64())
    return "another intrinsic gas";
  return {};
}

// -- TrieTests

std::string check_trie(const Json& test, bool secure) {
  const auto key_of = [&](const Bytes& key) {
    if (!secure) return key;
    const Hash256 hash = ledger::keccak(key);
    return Bytes(hash.bytes.begin(), hash.bytes.end());
  };
  Trie trie;
  const auto put = [&](const Bytes& key, const Bytes& value) { trie.put(key_of(key), value); };
  const Json in = test["in"];
  if (in.is_object()) {
    in.members([&](std::string_view key, const Json& value) {
      const bool hex = key.starts_with("0x");
      const auto bytes = base::from_hex(hex ? key : std::string_view{});
      put(hex ? *bytes : Bytes(key.begin(), key.end()), text_or_hex(value));
    });
  } else {
    in.each([&](const Json& pair) {
      const std::vector<Json> items = pair.items();
      put(text_or_hex(items[0]), items[1].is_null() ? Bytes{} : text_or_hex(items[1]));
    });
  }
  const Hash256 want = read_hash(test["root"]);
  if (trie.root() != want)
    return "root " + to_string(trie.root()) + ", expected " + to_string(want);
  std::vector<ledger::TrieEntry> entries;
  trie.for_each([&](const std::string& nibbles, ledger::BytesView value) {
    Bytes key;
    for (std::size_t i = 0; i + 1 < nibbles.size(); i += 2)
      key.push_back(static_cast<std::uint8_t>(nibbles[i] << 4 | nibbles[i + 1]));
    entries.push_back({key, Bytes(value.begin(), value.end())});
  });
  return ledger::trie_root(std::move(entries)) == want ? "" : "trie_root of the entries differs";
}

// Keys before and after a given one, in order.
std::string check_neighbours(const Json& test) {
  Trie trie;
  test["in"].each([&](const Json& key) { trie.put(text_or_hex(key), text_or_hex(key)); });
  std::vector<std::string> keys;
  trie.for_each([&](const std::string&, ledger::BytesView value) {
    keys.emplace_back(value.begin(), value.end());
  });
  for (const Json& item : test["tests"].items()) {
    const std::vector<Json> words = item.items();
    const std::string key(words[0].text());
    const auto after = std::upper_bound(keys.begin(), keys.end(), key);
    const auto before = std::lower_bound(keys.begin(), keys.end(), key);
    const std::string previous = before == keys.begin() ? "" : *std::prev(before);
    const std::string next = after == keys.end() ? "" : *after;
    if (previous != words[1].text() || next != words[2].text()) return "neighbours of " + key;
  }
  return {};
}

// -- RLPTests

Bytes encode_value(const Json& value) {
  if (value.is_array()) {
    std::vector<Bytes> items;
    value.each([&](const Json& item) { items.push_back(encode_value(item)); });
    return ledger::encode_rlp_list(items);
  }
  Bytes bytes;
  if (value.is_string() && !value.text().starts_with("#")) {
    bytes = {value.text().begin(), value.text().end()};
    return ledger::encode_rlp(bytes);
  }
  const std::string digits(value.is_string() ? value.text().substr(1) : value.dump());
  for (const char c : digits) {  // decimal of any length to big-endian bytes
    unsigned carry = static_cast<unsigned>(c - '0');
    for (std::size_t i = bytes.size(); i-- > 0;) {
      carry += 10U * bytes[i];
      bytes[i] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) bytes.insert(bytes.begin(), static_cast<std::uint8_t>(carry));
  }
  return ledger::encode_rlp(bytes);
}

std::string check_rlp_test(const Json& test) {
  const Json in = test["in"];
  const Bytes out = test["out"].bytes();
  const std::string_view verdict = in.is_string() ? in.text() : std::string_view{};
  bool valid = true;
  try {
    ledger::check_rlp(out);
  } catch (const Error&) {
    valid = false;
  }
  if (verdict == "INVALID") return valid ? "accepted" : "";
  if (!valid) return "refused";
  if (verdict == "VALID") return {};
  return encode_value(in) == out ? "" : "encoded differently";
}

// -- BasicTests

std::string check_difficulty(const Json& test, const ledger::ChainConfig& config) {
  ledger::Header parent;
  parent.timestamp = test["parentTimestamp"].u64();
  parent.difficulty = read_u256(test["parentDifficulty"]);
  parent.uncles_hash = ledger::kEmptyUnclesHash;
  if (const auto uncles = test.find("parentUncles")) {
    if (uncles->text().size() == 66) {
      parent.uncles_hash = read_hash(*uncles);
    } else if (uncles->u64() != 0) {
      parent.uncles_hash = {};
    }
  }
  const std::uint64_t number = test["currentBlockNumber"].u64();
  parent.number = number - 1;
  const U256 got = ledger::next_difficulty(parent, number, test["currentTimestamp"].u64(), config);
  const U256 want = read_u256(test["currentDifficulty"]);
  return got == want ? "" : to_string(got) + ", expected " + to_string(want);
}

std::string check_path(const Json& test) {
  std::string nibbles;
  test["seq"].each([&](const Json& nibble) { nibbles += static_cast<char>(nibble.u64()); });
  const std::string got = base::to_hex(ledger::encode_path(nibbles, test["term"].boolean()));
  return got == test["out"].text() ? "" : "encoded as " + got;
}

std::string check_mainnet_genesis(const Json& test) {
  const Bytes rlp = test["genesis_rlp_hex"].bytes();
  const ledger::Block block = ledger::decode_block(rlp);
  if (ledger::header_hash(block.header) != read_hash(test["genesis_hash"])) return "another hash";
  if (block.header.state_root != read_hash(test["genesis_state_root"])) return "another root";
  return ledger::encode_block(block) == rlp ? "" : "encoded differently";
}

// -- genesis blocks of 2014: a state trie under plain addresses, with accounts as lists

struct OldEntry {
  std::string path;  // nibbles that are left
  Bytes account;     // encoded list
};

// The RLP of the node over `entries` (sorted, different) from nibble `depth` on; a node of the
// trie of Frontier but that what a leaf holds is no string.
Bytes old_node(std::span<const OldEntry> entries, std::size_t depth) {
  if (entries.size() == 1) {
    const Bytes path = ledger::encode_path(entries[0].path.substr(depth), true);
    return ledger::encode_rlp_list(
        std::vector<Bytes>{ledger::encode_rlp(path), entries[0].account});
  }
  std::vector<Bytes> items(17, ledger::encode_rlp({}));
  while (!entries.empty()) {
    const char nibble = entries[0].path[depth];
    std::size_t count = 1;
    while (count < entries.size() && entries[count].path[depth] == nibble) ++count;
    const Hash256 child = ledger::keccak(old_node(entries.first(count), depth + 1));
    items[static_cast<std::size_t>(nibble)] = ledger::encode_rlp(child.bytes);
    entries = entries.subspan(count);
  }
  return ledger::encode_rlp_list(items);
}

Bytes old_state_root(const Json& inputs) {
  std::vector<OldEntry> entries;
  inputs.members([&](std::string_view key, const Json& balance) {
    OldEntry entry;
    for (const std::uint8_t byte : inputs.parse_padded<20>(key))
      entry.path += {static_cast<char>(byte >> 4), static_cast<char>(byte & 15)};
    const auto amount = to_hash(read_u256(balance)).bytes;
    const auto first = std::find_if(amount.begin(), amount.end(), [](auto b) { return b != 0; });
    const Bytes none = ledger::encode_rlp({});  // no nonce, no storage, no code
    entry.account = ledger::encode_rlp_list(
        std::vector<Bytes>{none, ledger::encode_rlp(Bytes(first, amount.end())), none, none});
    entries.push_back(std::move(entry));
  });
  if (entries.empty()) return {};
  std::sort(entries.begin(), entries.end(),
            [](const OldEntry& x, const OldEntry& y) { return x.path < y.path; });
  const Hash256 root = ledger::keccak(old_node(entries, 0));
  return {root.bytes.begin(), root.bytes.end()};
}

// [header, no transactions, no uncles]; the header has a least gas price, and a nonce that is the
// hash of the byte 42.
std::string check_old_genesis(const Json& test) {
  const Hash256 nonce = ledger::keccak(Bytes{42});
  const std::vector<Bytes> fields = {
      Bytes(32),
      {ledger::kEmptyUnclesHash.bytes.begin(), ledger::kEmptyUnclesHash.bytes.end()},
      Bytes(20),
      old_state_root(test["inputs"]),
      {},
      {0x40, 0x00, 0x00},                          // difficulty
      {},                                          // number
      {0x03, 0x8d, 0x7e, 0xa4, 0xc6, 0x80, 0x00},  // least gas price: 10^15
      {0x0f, 0x42, 0x40},                          // gas limit: 10^6
      {},
      {},
      {},
      {nonce.bytes.begin(), nonce.bytes.end()}};
  std::vector<Bytes> header;
  for (const Bytes& field : fields) header.push_back(ledger::encode_rlp(field));
  const Bytes none = ledger::encode_rlp_list({});
  const Bytes block =
      ledger::encode_rlp_list(std::vector<Bytes>{ledger::encode_rlp_list(header), none, none});
  return base::to_hex(block) == test["result"].text() ? "" : "encoded as " + base::to_hex(block);
}

std::string check_signing(const Json& test) {
  ledger::Transaction tx;
  tx.nonce = test["nonce"].u64();
  tx.max_fee = U256(test["gasprice"].u64());
  tx.gas_limit = test["startgas"].u64();
  if (!test["to"].text().empty()) tx.to = read_address(test["to"]);
  tx.value = U256(test["value"].u64());
  tx.data = test["data"].bytes();
  if (base::to_hex(ledger::encode_transaction(tx)) != test["unsigned"].text())
    return "encoded differently";
  const Bytes bytes = test["signed"].bytes();
  const ledger::Transaction decoded = ledger::decode_transaction(bytes);
  const auto sender = ledger::recover_sender(decoded, evm::Revision::kFrontier);
  if (sender != ledger::key_address(read_hash(test["key"]))) return "another sender";
  return ledger::encode_transaction(decoded) == bytes ? "" : "signed transaction differs";
}

ledger::ChainConfig difficulty_rules(const std::string& file) {
  if (file.find("Homestead") != file.npos) return *ledger::ChainConfig::from_network("Homestead");
  if (file.find("Ropsten") == file.npos) return ledger::ChainConfig::mainnet();
  ledger::ChainConfig ropsten = *ledger::ChainConfig::from_network("Homestead");
  const auto byzantium = static_cast<std::size_t>(evm::Revision::kByzantium);
  ropsten.activation[byzantium] = 1'700'000;
  ropsten.activation[byzantium + 1] = 4'230'000;
  ropsten.bomb_delays = {{1'700'000, 3'000'000}, {4'230'000, 5'000'000}};
  return ropsten;
}

using Check = std::function<std::string(const Json&, const std::string& file)>;

std::string check_basic(const Json& test, const std::string& file) {
  if (file.find("difficulty") != file.npos) return check_difficulty(test, difficulty_rules(file));
  if (file.find("hexencode") != file.npos) return check_path(test);
  if (file.find("genesishashes") != file.npos) return check_mainnet_genesis(test);
  if (file.find("blockgenesis") != file.npos) return check_old_genesis(test);
  if (file.find("txtest") != file.npos) return check_signing(test);
  if (file.find("keyaddr") != file.npos) return check_key(test);
  if (file.find("crypto") != file.npos) return check_decryption(test);
  return "unknown kind of test";
}

std::string check_trie_test(const Json& test, const std::string& file) {
  if (file.find("nextprev") != file.npos) return check_neighbours(test);
  const bool secure = file.find("secure") != file.npos;
  return check_trie(test, secure);
}

struct Kind {
  const char* folder;
  Check check;
};

const Kind* kind_of(const std::string& name) {
  static const Kind kinds[] = {
      {"TransactionTests", {}},
      {"TrieTests", check_trie_test},
      {"RLPTests", [](const Json& test, const std::string&) { return check_rlp_test(test); }},
      {"BasicTests", check_basic},
      {"KeyStoreTests", [](const Json& test, const std::string&) { return check_key_store(test); }},
  };
  for (const Kind& kind : kinds)
    if (name.find(std::string(kind.folder) + "/") != name.npos) return &kind;
  return nullptr;
}

void add(FileResult& result, const std::string& name, const Kind& kind, std::string reason) {
  CaseResult item;
  item.name = name;
  item.group = kind.folder;
  if (!reason.empty()) item.outcome = CaseResult::Outcome::kFailed;
  item.reason = std::move(reason);
  result.cases.push_back(std::move(item));
}

void run_transactions(const Json& root, const std::string& file, const Kind& kind,
                      FileResult& result) {
  root.members([&](std::string_view name, const Json& test) {
    const Bytes bytes = test["txbytes"].bytes();
    test["result"].members([&](std::string_view fork, const Json& expected) {
      const std::string label = file + ": " + std::string(name) + "[" + std::string(fork) + "]";
      add(result, label, kind, check_transaction(bytes, std::string(fork), expected));
    });
  });
}

// JSON numbers beyond 64 bits become strings of their digits.
std::string quote_long_numbers(const std::string& text) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) inside = !inside;
    std::size_t end = i;
    while (!inside && end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    const std::size_t length = std::max<std::size_t>(end - i, 1);
    const std::string piece = text.substr(i, length);
    out += length > 18 ? '"' + piece + '"' : piece;
    i += length;
  }
  return out;
}

}  // namespace

bool is_basic_test(const std::string& name) { return kind_of(name) != nullptr; }

FileResult run_basic_tests(const FixtureFile& file) {
  const base::JsonDocument document(quote_long_numbers(file.text), file.name);
  const Kind& kind = *kind_of(file.name);
  const Json root = document.root();
  FileResult result;
  if (!kind.check) {
    run_transactions(root, file.name, kind, result);
  } else if (root.is_array()) {
    std::size_t index = 0;
    root.each([&](const Json& test) {
      add(result, file.name + "[" + std::to_string(index++) + "]", kind,
          kind.check(test, file.name));
    });
  } else if (root.has("genesis_hash")) {
    add(result, file.name, kind, kind.check(root, file.name));
  } else {
    root.members([&](std::string_view name, const Json& test) {
      add(result, file.name + ": " + std::string(name), kind, kind.check(test, file.name));
    });
  }
  return result;
}

}  // namespace pel::cli
