// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pel/ledger/rpc.hpp"
#include "tests/support/http_server.hpp"

namespace pel::ledger {
namespace {

using test::HttpServer;

std::string error_of(const std::string& url, const HttpClient::Options& options = {}) {
  try {
    HttpClient client(url, options);
    client.post("{}");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string error_of_answer(const std::string& answer, const HttpClient::Options& options = {}) {
  const HttpServer server([&](const std::string&) { return answer; });
  const std::string error = error_of(server.url(), options);
  EXPECT_TRUE(error.starts_with(server.url())) << error;
  return error;
}

bool has(const std::string& text, const char* words) { return text.find(words) != text.npos; }

TEST(HttpClient, SendsAndReceivesOnOneConnection) {
  const HttpServer server([](const std::string& body) { return HttpServer::ok(body + body); });
  HttpClient client(server.url() + "/path");
  EXPECT_EQ(client.post("ab"), "abab");
  EXPECT_EQ(client.post(std::string(100'000, 'x')), std::string(200'000, 'x'));
  EXPECT_EQ(server.requests(), 2);
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, OpensTheConnectionAgainWhenTheServerClosedIt) {
  const HttpServer server([](const std::string&) {
    return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
  });
  HttpClient client(server.url());
  EXPECT_EQ(client.post("a"), "ok");
  EXPECT_EQ(client.post("b"), "ok");
  EXPECT_EQ(server.connections(), 2);
}

// A server that says keep-alive and yet closes: the next request finds out, and goes out again.
TEST(HttpClient, SendsAgainWhatAClosedConnectionDidNotTake) {
  const HttpServer server([](const std::string&) {
    return "HTTP/1.1 200 OK\r\nX-Connection: close\r\nContent-Length: 2\r\n\r\nok";
  });
  HttpClient client(server.url());
  EXPECT_EQ(client.post("a"), "ok");
  EXPECT_EQ(client.post("b"), "ok");
  EXPECT_GE(server.connections(), 1);
}

TEST(HttpClient, NamesAStatus) {
  EXPECT_TRUE(
      has(error_of_answer("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"),
          "HTTP status 500"));
  EXPECT_TRUE(has(error_of_answer("HTTP/1.1 429 Slow Down\r\nContent-Length: 0\r\n\r\n"), "429"));
}

TEST(HttpClient, RefusesACutAnswer) {
  EXPECT_TRUE(has(error_of_answer("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                                  "Content-Length: 10\r\n\r\n{\"a\""),
                  "not complete"));
  EXPECT_TRUE(has(error_of_answer(""), "not complete"));
  EXPECT_TRUE(has(error_of_answer("HTTP/1.1 200"), "not complete"));
  EXPECT_TRUE(has(error_of_answer("SSH-2.0 what is this\r\n\r\n"), "not complete"));
}

TEST(HttpClient, BoundsAnAnswer) {
  HttpClient::Options options;
  options.most_bytes = 1000;
  EXPECT_TRUE(has(error_of_answer(HttpServer::ok(std::string(1001, 'x')), options), "1000 bytes"));
  EXPECT_TRUE(has(error_of_answer("HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x'), options),
                  "1000 bytes"));
}

TEST(HttpClient, WaitsNoLongerThanItWasTold) {
  std::atomic<bool> over{false};
  const HttpServer server([&](const std::string&) {
    while (!over) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return HttpServer::ok("late");
  });
  HttpClient::Options options;
  options.timeout = std::chrono::milliseconds(60);
  EXPECT_TRUE(has(error_of(server.url(), options), "no answer within 60 ms"));
  over = true;
}

TEST(HttpClient, RefusesWhatIsNoUrl) {
  for (const char* url : {"", "localhost:8545", "ftp://host", "http://", "http://:8545",
                          "http://host:port", "http://host:123456", "http://user@host"})
    EXPECT_TRUE(has(error_of(url), "expected http://")) << url;
  EXPECT_TRUE(has(error_of("https://host"), "https is not offered"));
}

TEST(HttpClient, SaysWhenNobodyListens) {
  std::string url;
  {
    const HttpServer gone([](const std::string&) { return std::string(); });
    url = gone.url();
  }
  EXPECT_TRUE(has(error_of(url), "cannot connect"));
}

}  // namespace
}  // namespace pel::ledger
