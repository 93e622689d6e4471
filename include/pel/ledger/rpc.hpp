// SPDX-License-Identifier: Apache-2.0
#pragma once

// A client of Ethereum's JSON-RPC (EIP-1474) over HTTP.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "pel/error.hpp"

namespace pel::ledger {

// One connection to a server, kept open from request to request and opened again when the server
// has closed it meanwhile. Not thread-safe.
class HttpClient {
 public:
  struct Options {
    std::chrono::milliseconds timeout{30'000};          // of a request from first to last byte
    std::uint64_t most_bytes = std::uint64_t{1} << 30;  // of an answer's body
  };

  // `url`: "http://host[:port][/path]". Connects with the first request. Throws pel::Error naming
  // the URL for anything else.
  explicit HttpClient(const std::string& url);
  HttpClient(const std::string& url, const Options& options);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  // Sends `body` as application/json; the body of the answer. Throws pel::Error naming the URL for
  // no connection, a timeout, a status other than 200, an answer that is cut or too long.
  std::string post(const std::string& body);

  const std::string& url() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pel::ledger
