// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/replay_input.hpp"

#include <chrono>

#include "cli/ledger/values.hpp"
#include "pel/error.hpp"

namespace pel::cli {
namespace {

using ledger::Bytes;
using ledger::Hash256;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void read_block(const Json& json, ReplayInput& input) {
  input.block = read_rpc_block(json);
  input.hash = read_hash(json["hash"]);
  json["transactions"].each("transaction", [&](const Json& tx) {
    const auto from = tx.find("from");
    input.from.push_back(from ? std::optional(read_address(*from)) : std::nullopt);
  });
  if (const auto uncles = json.find("uncles")) input.uncles = uncles->items().size();
}

// What the block alone does not have.
void read_relatives(const Json& root, ReplayInput& input) {
  if (const auto uncles = root.find("uncles"))
    uncles->each("uncle",
                 [&](const Json& uncle) { input.block.uncles.push_back(read_header(uncle)); });
  if (const auto parent = root.find("parent")) {
    const ledger::Header header = read_header(*parent);
    if (ledger::header_hash(header) != input.block.header.parent_hash)
      parent->fail("is not the header of the parent block");
    input.parent = header;
  }
}

void read_pre_state(const Json& root, evm::CodeCache& codes, ReplayInput& input) {
  input.source = "pre-state";
  std::map<Hash256, std::shared_ptr<const evm::Code>> by_hash;
  root["codes"].members([&](std::string_view key, const Json& json) {
    const Bytes bytes = json.bytes();
    const Hash256 hash{json.parse_padded<32>(key)};
    if (ledger::keccak(bytes) != hash) json.fail("the code does not have this hash");
    const auto start = Clock::now();
    by_hash[hash] = codes.get(hash, bytes);
    input.analyse_seconds += seconds_since(start);
  });
  root["preState"].members([&](std::string_view key, const Json& member) {
    const ledger::Address address{member.parse_padded<20>(key)};
    const std::string place = member.place() + ": preState";
    const Json account = member.at(place);
    input.state.edit(address).account = {account["nonce"].u64(), read_u256(account["balance"]), {}};
    input.state.edit(address).account.code_hash = ledger::kEmptyCodeHash;
    account["storage"].members([&](std::string_view slot, const Json& value) {
      input.state.set_storage(address, ledger::load_be(value.parse_padded<32>(slot).data()),
                              ledger::load_be(value.padded<32>().data()));
    });
    const auto hash = account.find("codeHash");
    if (!hash || read_hash(*hash) == ledger::kEmptyCodeHash) return;
    const auto code = by_hash.find(read_hash(*hash));
    if (code == by_hash.end()) hash->fail("the code with this hash is missing");
    input.state.set_code(address, code->second);
  });
  if (const auto hashes = root.find("blockHashes")) {
    hashes->members([&](std::string_view key, const Json& hash) {
      input.block_hashes[read_block_number(key, hash)] = read_hash(hash);
    });
  }
}

void read_headers(const Json& headers, ReplayInput& input) {
  headers.each("header", [&](const Json& item) {
    const ledger::Header header =
        item.is_string() ? ledger::decode_header(item.bytes(), item.place()) : read_header(item);
    const Hash256 hash = ledger::header_hash(header);
    input.block_hashes[header.number] = hash;
    if (header.number > 0) input.block_hashes[header.number - 1] = header.parent_hash;
    if (hash == input.block.header.parent_hash) input.parent = header;
  });
  if (!input.parent) headers.fail("the header of the parent block is not among them");
}

void read_witness(const Json& witness, evm::CodeCache& codes, ReplayInput& input) {
  input.source = "witness";
  read_headers(witness["headers"], input);
  std::vector<Bytes> nodes;
  witness["state"].each("node", [&](const Json& node) { nodes.push_back(node.bytes()); });
  std::vector<std::shared_ptr<const evm::Code>> list;
  witness["codes"].each("code", [&](const Json& json) {
    const Bytes bytes = json.bytes();
    const auto start = Clock::now();
    list.push_back(codes.get(ledger::keccak(bytes), bytes));
    input.analyse_seconds += seconds_since(start);
  });
  const auto source = std::make_shared<ledger::WitnessNodes>(std::move(nodes));
  input.witness.emplace(input.parent->state_root, source, list);
}

}  // namespace

std::unique_ptr<ReplayInput> read_replay(const std::string& text, const std::string& place,
                                         evm::CodeCache& codes) {
  auto input = std::make_unique<ReplayInput>();
  const auto start = Clock::now();
  const base::JsonDocument document(text, place);
  const Json root = document.root();
  read_block(root["block"], *input);
  read_relatives(root, *input);
  if (const auto witness = root.find("witness")) {
    read_witness(*witness, codes, *input);
  } else {
    read_pre_state(root, codes, *input);
  }
  input->decode_seconds = seconds_since(start) - input->analyse_seconds;
  return input;
}

}  // namespace pel::cli
