// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/rpc_client.hpp"

#include "cli/ledger/values.hpp"
#include "pel/main.hpp"

namespace pel::cli {

std::string RpcClient::call(const std::string& method, const std::string& params) {
  const std::uint64_t id = ++id_;
  const std::string text = http_.post(Row{}
                                          .text("jsonrpc", "2.0")
                                          .integer("id", id)
                                          .text("method", method)
                                          .raw("params", params)
                                          .json());
  const base::JsonDocument document(text, place(method));
  const Json answer = document.root();
  if (!answer.is_object()) answer.fail("is no JSON-RPC answer");
  if (const auto error = answer.find("error")) {
    const auto message = error->find("message");
    const auto code = error->find("code");
    const std::string words =
        message && message->is_string() ? std::string(message->text()) : error->dump();
    throw RpcError(place(method), "the server says: " + words.substr(0, 300),
                   code && code->is_number() ? std::stoll(code->dump()) : 0);
  }
  const auto same = answer.find("id");
  if (!same || !same->is_number() || same->u64() != id)
    answer.fail("is the answer to another call");
  if (const auto result = answer.find("result")) return result->dump();
  if (text.find("\"result\"") == text.npos) answer.fail("has neither result nor error");
  return "null";
}

std::string rpc_quantity(std::uint64_t number) { return to_string(ledger::U256(number)); }

}  // namespace pel::cli
