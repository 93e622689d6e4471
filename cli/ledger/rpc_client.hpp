// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/json_reader.hpp"
#include "pel/ledger/rpc.hpp"

namespace pel::cli {

// What a server answered in place of a result.
class RpcError : public Error {
 public:
  RpcError(std::string place, std::string reason, std::int64_t code)
      : Error(std::move(place), std::move(reason)), code_(code) {}
  std::int64_t code() const noexcept { return code_; }

 private:
  std::int64_t code_;
};

// JSON-RPC 2.0 calls, one after the other.
class RpcClient {
 public:
  RpcClient(const std::string& url, const ledger::HttpClient::Options& options)
      : http_(url, options) {}

  // The result as JSON text ("null" counts). `params` is a JSON list. Throws RpcError for an error
  // of the server, pel::Error naming URL and method for anything that is no answer to this call.
  std::string call(const std::string& method, const std::string& params);

  // "URL: METHOD", which errors about its answer name.
  std::string place(const std::string& method) const { return http_.url() + ": " + method; }
  const std::string& url() const { return http_.url(); }

 private:
  ledger::HttpClient http_;
  std::uint64_t id_ = 0;
};

// "0x1b4".
std::string rpc_quantity(std::uint64_t number);

}  // namespace pel::cli
