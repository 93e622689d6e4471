// SPDX-License-Identifier: Apache-2.0
// `pel replay --rpc` against a server on the loopback interface.
#include <gtest/gtest.h>

#include "cli/ledger/replay.hpp"
#include "cli/ledger/rpc_source.hpp"
#include "tests/support/http_server.hpp"
#include "tests/unit/ledger_rpc/scene.hpp"

namespace pel::cli {
namespace {

using test::HttpServer;
using test::Scene;
using test::SceneServer;
using Verdict = ReplayCheck::Verdict;

const Scene& scene() {
  static const Scene made = test::make_scene();
  return made;
}

ReplayResult replay_from(const SceneServer& answers) {
  const HttpServer server(
      [&](const std::string& body) { return HttpServer::ok(answers.answer(body)); });
  RpcSource source(server.url(), {});
  evm::CodeCache codes;
  const auto input =
      source.fetch(scene().block.header.number, ledger::ChainConfig::mainnet(), codes);
  return replay(*input, codes, 1);
}

std::string error_from(const SceneServer& answers) {
  try {
    replay_from(answers);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

bool has(const std::string& text, const char* words) { return text.find(words) != text.npos; }

// Every check passes but those named.
void expect_passed(const ReplayResult& result, const std::set<std::string>& not_given = {}) {
  EXPECT_GE(result.checks.size(), 9U);
  for (const ReplayCheck& check : result.checks)
    EXPECT_EQ(check.verdict, not_given.contains(check.name) ? Verdict::kNotGiven : Verdict::kPass)
        << check.name << ": " << check.reason;
  EXPECT_EQ(result.gas, scene().block.header.gas_used);
}

TEST(ReplayRpc, TakesTheExecutionWitness) {
  const ReplayResult result = replay_from({scene(), {}, ""});
  EXPECT_EQ(result.source, "debug_executionWitness");
  EXPECT_EQ(result.source_note, "");
  expect_passed(result);
}

TEST(ReplayRpc, ElsePrestateTracesAndWhatTheyLack) {
  const ReplayResult result = replay_from({scene(), {"debug_executionWitness"}, ""});
  EXPECT_EQ(result.source, "prestateTracer");
  EXPECT_TRUE(has(result.source_note, "debug_executionWitness: the server says: not offered"));
  expect_passed(result);  // the block touches the whole state, so even the root can be checked
}

TEST(ReplayRpc, ElseProofs) {
  const ReplayResult result =
      replay_from({scene(), {"debug_executionWitness", "debug_traceBlockByNumber"}, ""});
  EXPECT_EQ(result.source, "eth_getProof");
  expect_passed(result);
}

TEST(ReplayRpc, ElseValueByValue) {
  const ReplayResult result = replay_from(
      {scene(), {"debug_executionWitness", "debug_traceBlockByNumber", "eth_getProof"}, ""});
  EXPECT_EQ(result.source, "eth_getStorageAt");
  expect_passed(result, {"state_root"});
}

TEST(ReplayRpc, BelievesNoProofThatDoesNotLeadToTheRoot) {
  const std::set<std::string> refused = {"debug_executionWitness", "debug_traceBlockByNumber"};
  EXPECT_TRUE(has(error_from({scene(), refused, "proof"}), "node")) << "a changed node";
}

TEST(ReplayRpc, BelievesNoCodeThatDoesNotHaveItsHash) {
  const std::set<std::string> refused = {"debug_executionWitness", "debug_traceBlockByNumber"};
  EXPECT_TRUE(has(error_from({scene(), refused, "code"}), "does not have its hash"));
}

TEST(ReplayRpc, NamesMethodAndField) {
  EXPECT_TRUE(has(error_from({scene(), {"eth_getBlockByNumber"}, ""}),
                  "eth_getBlockByNumber: the server says: not offered"));
  EXPECT_TRUE(has(error_from({scene(), {}, "types"}), "eth_getBlockByNumber: field \"(root)\""));
  EXPECT_TRUE(has(error_from({scene(), {}, "null"}), "has no block 19499999") ||
              has(error_from({scene(), {}, "null"}), "has no block 19500000"));
  EXPECT_TRUE(has(error_from({scene(), {}, "id"}), "another call"));
  EXPECT_TRUE(has(error_from({scene(), {}, "text"}), "not JSON"));
}

TEST(ReplayRpc, AServerErrorIsNoReasonToAskOtherwise) {
  int asked = 0;
  const SceneServer answers{scene(), {}, ""};
  const HttpServer server([&](const std::string& body) {
    if (++asked < 3) return HttpServer::ok(answers.answer(body));
    return std::string("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
  });
  RpcSource source(server.url(), {});
  evm::CodeCache codes;
  EXPECT_THROW(source.fetch(scene().block.header.number, ledger::ChainConfig::mainnet(), codes),
               Error);
  EXPECT_EQ(server.requests(), 3);
}

// The same answer as a file: headers as RLP, keys that nobody needs.
TEST(ReplayRpc, ReadsAnExecutionWitnessFromAFile) {
  const SceneServer answers{scene(), {}, ""};
  const auto result_of = [&](const std::string& method, const std::string& params) {
    const std::string text =
        answers.answer("{\"id\":1,\"method\":\"" + method + "\",\"params\":[" + params + "]}");
    const base::JsonDocument document(text, "answer");
    return document.root()["result"].dump();
  };
  const std::string number = std::to_string(scene().block.header.number);
  const std::string text = "{\"block\":" + result_of("eth_getBlockByNumber", number + ",true") +
                           ",\"witness\":" + result_of("debug_executionWitness", number) + "}";
  evm::CodeCache codes;
  const auto input = read_replay(text, "file.json", codes);
  expect_passed(replay(*input, codes, 2));
}

}  // namespace
}  // namespace pel::cli
