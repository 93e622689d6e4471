// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/bad_input/texts.hpp"

#include "base/hex.hpp"
#include "cli/ledger/block_writer.hpp"
#include "cli/ledger/statetest.hpp"
#include "pel/main.hpp"

namespace pel::test {
namespace {

std::string hex(ledger::BytesView bytes) { return base::to_hex(bytes).insert(0, "0x"); }

std::string alloc_json(const ledger::MemoryState& state) {
  Row alloc;
  state.for_each([&](const ledger::Address& address, const auto& record) {
    Row storage;
    for (const auto& [key, value] : record.storage) storage.text(to_string(key), to_string(value));
    Row account;
    account.text("nonce", to_string(ledger::U256(record.account.nonce)))
        .text("balance", to_string(record.account.balance))
        .text("code", record.code ? hex(record.code->bytes()) : "0x")
        .raw("storage", storage.json());
    alloc.raw(to_string(address), account.json());
  });
  return alloc.json();
}

std::string block_hashes_json() {
  const ledger::Header& h = shared_scene().block.header;
  return Row{}.text(std::to_string(h.number - 1), to_string(h.parent_hash)).json();
}

std::string state_test(const ledger::Hash256& root, const ledger::Hash256& logs) {
  Row env;
  env.text("currentCoinbase", "0x0000000000000000000000000000000000000fee")
      .text("currentGasLimit", "0x1c9c380")
      .text("currentNumber", "0x1")
      .text("currentTimestamp", "0x3e8")
      .text("currentRandom", to_string(ledger::Hash256{}))
      .text("currentBaseFee", "0x7")
      .text("currentExcessBlobGas", "0x0");
  Row transaction;
  transaction.raw("data", "[\"0x" + std::string(64, '0') + std::string(63, '0') + "7\"]")
      .raw("gasLimit", "[\"0x186a0\"]")
      .raw("value", "[\"0x0\"]")
      .text("gasPrice", "0xa")
      .text("nonce", "0x0")
      .text("sender", to_string(shared_scene().senders.front()))
      .text("to", to_string(shared_scene().store))
      .raw("accessLists", "[[{\"address\":\"" + to_string(shared_scene().store) +
                              "\",\"storageKeys\":[\"0x01\"]}]]");
  Row expected;
  expected.raw("indexes", "{\"data\":0,\"gas\":0,\"value\":0}")
      .text("hash", to_string(root))
      .text("logs", to_string(logs));
  Row test;
  test.raw("env", env.json())
      .raw("pre", alloc_json(shared_scene().before))
      .raw("transaction", transaction.json())
      .raw("post", "{\"Cancun\":[" + expected.json() + "]}");
  return Row{}.raw("made", test.json()).json();
}

}  // namespace

const Scene& shared_scene() {
  static const Scene scene = make_scene();
  return scene;
}

std::string pre_state_text() {
  const Scene& scene = shared_scene();
  std::string text = "{\"block\":" + cli::block_json(scene.block, scene.senders);
  text += ",\"parent\":" + cli::header_json(scene.parent);
  text += ",\"blockHashes\":" + block_hashes_json() + ",";
  cli::append_pre_state(text, scene.before, [&](const ledger::Hash256& hash) {
    return scene.before.code(hash)->bytes();
  });
  return text + "}";
}

std::string witness_text() {
  const Scene& scene = shared_scene();
  const SceneServer server{scene, {}, ""};
  const std::string answer =
      server.answer(R"({"id":1,"method":"debug_executionWitness","params":["latest"]})");
  const std::string_view key = "\"result\": ";
  const std::size_t at = answer.find(key) + key.size();
  return "{\"block\":" + cli::block_json(scene.block, scene.senders) +
         ",\"witness\":" + answer.substr(at);
}

std::string state_test_text() {
  ledger::MemoryState after = shared_scene().before;
  ledger::Hash256 logs;
  evm::CodeCache codes;
  cli::StateTestOptions options;
  options.codes = &codes;
  options.observe = [&](const auto&, const auto&, const auto&, const ledger::TxOutcome& outcome,
                        const ledger::StateDiff& diff) {
    after.apply(diff);
    logs = ledger::logs_hash(outcome.receipt.logs);
  };
  cli::run_state_tests({"made.json", state_test({}, {})}, options);
  return state_test(after.root(), logs);
}

std::string block_test_text() {
  const Scene& scene = shared_scene();
  const std::string hash = to_string(ledger::header_hash(scene.block.header));
  Row block;
  block.text("rlp", hex(ledger::encode_block(scene.block)))
      .raw("blockHeader", cli::header_json(scene.block.header));
  std::string blocks = block.json();
  blocks.insert(0, 1, '[');
  blocks += ']';
  Row test;
  test.text("network", "Cancun")
      .raw("genesisBlockHeader", cli::header_json(scene.parent))
      .raw("pre", alloc_json(scene.before))
      .raw("blocks", blocks)
      .text("lastblockhash", hash)
      .text("postStateHash", to_string(scene.block.header.state_root));
  return Row{}.raw("made", test.json()).json();
}

}  // namespace pel::test
