// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <optional>

#include "pel/ledger/rpc.hpp"

namespace pel::ledger {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace net = boost::asio;
using Status = boost::system::error_code;

struct Url {
  std::string host;
  std::string port = "80";
  std::string path = "/";
};

Url parse_url(const std::string& text) {
  constexpr std::string_view kScheme = "http://";
  const auto fail = [&](const char* reason) -> void {
    throw Error("\"" + text + "\"", reason, "expected http://host[:port][/path]");
  };
  if (text.starts_with("https://"))
    fail("https is not offered: name a node on this machine, or a local end of a tunnel");
  if (!text.starts_with(kScheme)) fail("is not a URL that begins with http://");
  std::string rest = text.substr(kScheme.size());
  Url url;
  if (const std::size_t slash = rest.find('/'); slash != rest.npos) {
    url.path = rest.substr(slash);
    rest.resize(slash);
  }
  const std::size_t bracket = rest.find(']');
  const std::size_t colon = rest.find(':', bracket == rest.npos ? 0 : bracket);
  if (colon != rest.npos) {
    url.port = rest.substr(colon + 1);
    rest.resize(colon);
  }
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  url.host = rest;
  if (url.host.empty() || url.host.find('@') != url.host.npos) fail("names no host");
  if (url.port.empty() || url.port.size() > 5 ||
      url.port.find_first_not_of("0123456789") != url.port.npos)
    fail("has no valid port");
  return url;
}

}  // namespace

struct HttpClient::Impl {
  Impl(const std::string& text, const Options& given)
      : name(text), url(parse_url(text)), options(given) {}

  [[noreturn]] void fail(const std::string& what, const Status& status) {
    stream.reset();
    const bool late = status == beast::error::timeout;
    throw Error(name,
                what + ": " +
                    (late ? "no answer within " + std::to_string(options.timeout.count()) + " ms"
                          : status.message()));
  }

  // Runs one asynchronous operation to its end, which the stream's timer bounds.
  template <class Start>
  Status wait(Start&& start) {
    Status result;
    start([&](const Status& status, auto&&...) { result = status; });
    context.restart();
    context.run();
    return result;
  }

  void connect() {
    net::ip::tcp::resolver resolver(context);
    Status status;
    const auto addresses = resolver.resolve(url.host, url.port, status);
    if (status) fail("the host is not known", status);
    stream.emplace(context);
    buffer.clear();
    stream->expires_after(options.timeout);
    status = wait([&](auto&& done) { stream->async_connect(addresses, done); });
    if (status) fail("cannot connect", status);
  }

  // Nothing if the server had closed the connection before it read the request.
  std::optional<std::string> exchange(const http::request<http::string_body>& request,
                                      bool reused) {
    stream->expires_after(options.timeout);
    Status status = wait([&](auto&& done) { http::async_write(*stream, request, done); });
    if (status && reused && status != beast::error::timeout) return {};
    if (status) fail("the request could not be sent", status);
    http::response_parser<http::string_body> parser;
    parser.body_limit(options.most_bytes);
    status = wait([&](auto&& done) { http::async_read_header(*stream, buffer, parser, done); });
    const std::uint64_t announced = parser.content_length().value_or(0);
    if (!status && announced > options.most_bytes) status = http::error::body_limit;
    if (!status)
      status = wait([&](auto&& done) { http::async_read(*stream, buffer, parser, done); });
    if (reused && !parser.got_some() &&
        (status == http::error::end_of_stream || status == net::error::connection_reset))
      return {};
    if (status == http::error::body_limit) {
      stream.reset();
      throw Error(name, "an answer of more than " + std::to_string(options.most_bytes) + " bytes");
    }
    if (status) fail("the answer is not complete", status);
    if (!parser.get().keep_alive()) stream.reset();
    if (parser.get().result() != http::status::ok)
      throw Error(name, "HTTP status " + std::to_string(parser.get().result_int()) + " " +
                            std::string(parser.get().reason()));
    return std::move(parser.get().body());
  }

  std::string post(const std::string& body) {
    http::request<http::string_body> request{http::verb::post, url.path, 11};
    request.set(http::field::host, url.host + ":" + url.port);
    request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
    const bool reused = stream.has_value();
    if (!reused) connect();
    if (auto answer = exchange(request, reused)) return *std::move(answer);
    connect();
    return *exchange(request, false);
  }

  std::string name;
  Url url;
  Options options;
  net::io_context context;
  std::optional<beast::tcp_stream> stream;
  beast::flat_buffer buffer;
};

HttpClient::HttpClient(const std::string& url) : HttpClient(url, Options{}) {}
HttpClient::HttpClient(const std::string& url, const Options& options)
    : impl_(std::make_unique<Impl>(url, options)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

std::string HttpClient::post(const std::string& body) { return impl_->post(body); }
const std::string& HttpClient::url() const noexcept { return impl_->name; }

}  // namespace pel::ledger
