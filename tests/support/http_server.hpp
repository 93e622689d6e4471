// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <system_error>
#include <thread>

namespace pel::test {

// An HTTP server on the loopback interface, on a port of its own, for tests of clients: one thread,
// one connection at a time. `answer` gets a request's body and gives all bytes of the answer; an
// answer without "Content-Length" is followed by the end of the connection.
class HttpServer {
 public:
  using Answer = std::function<std::string(const std::string& body)>;

  explicit HttpServer(Answer answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::system_error(errno, std::generic_category(), "test server");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int requests() const { return requests_; }
  int connections() const { return connections_; }

  // A whole answer with this body.
  static std::string ok(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }

 private:
  bool readable(int socket) const {
    pollfd wanted{socket, POLLIN, 0};
    while (!stop_)
      if (::poll(&wanted, 1, 20) > 0) return true;
    return false;
  }

  void serve() {
    while (readable(listener_)) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) continue;
      ++connections_;
      while (answer_one(socket)) {
      }
      ::close(socket);
    }
  }

  // False when the connection is to be closed.
  bool answer_one(int socket) {
    std::string text;
    std::size_t body = std::string::npos;
    std::size_t length = 0;
    while (body == std::string::npos || text.size() < body + length) {
      char piece[4096];
      if (!readable(socket)) return false;
      const ssize_t got = ::recv(socket, piece, sizeof piece, 0);
      if (got <= 0) return false;
      text.append(piece, static_cast<std::size_t>(got));
      const std::size_t end = text.find("\r\n\r\n");
      if (body != std::string::npos || end == std::string::npos) continue;
      body = end + 4;
      const std::size_t at = text.find("Content-Length: ");
      if (at != std::string::npos) length = std::stoul(text.substr(at + 16));
    }
    ++requests_;
    const std::string answer = answer_(text.substr(body));
    std::size_t sent = 0;
    while (sent < answer.size()) {
      const ssize_t n = ::send(socket, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return answer.find("Content-Length: ") != std::string::npos &&
           answer.find("Connection: close") == std::string::npos;
  }

  Answer answer_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<int> requests_{0};
  std::atomic<int> connections_{0};
  std::thread thread_;
};

}  // namespace pel::test
