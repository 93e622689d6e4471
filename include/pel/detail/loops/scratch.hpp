// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

#include "pel/executor.hpp"

namespace pel {

// Reusable working memory for loop bodies: buffers, tables, random-access caches. lease() gives an
// object of its own to whoever asks, preferably the one that the same worker used last, and makes
// one when none is free, so that a body that is suspended in a join keeps what it holds. What a
// lease contains at first depends on the schedule: clear it, or use it for what commutes exactly
// (counts) and collect it with for_all() after the loop.
//
// lease() may be called by any number of threads at once; for_all() by one, when no lease is out.
template <class T>
class Scratch {
  struct Node {
    template <class Make>
    explicit Node(Make& make) : value(make()) {}
    T value;
    std::atomic<bool> taken{true};
    Node* next = nullptr;
  };

 public:
  // An object that belongs to one holder until the lease is destroyed.
  class Lease {
   public:
    explicit Lease(Node* node) noexcept : node_(node) {}
    Lease(Lease&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (node_ != nullptr) node_->taken.store(false, std::memory_order_release);
    }
    T& operator*() const noexcept { return node_->value; }
    T* operator->() const noexcept { return &node_->value; }

   private:
    Node* node_;
  };

  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    for (Node* node = first_.load(); node != nullptr;) delete std::exchange(node, node->next);
  }

  // An object made by T() if a new one is needed.
  Lease lease() {
    return lease([] { return T(); });
  }

  // An object made by make() if a new one is needed.
  template <class Make>
  Lease lease(Make&& make) {
    std::atomic<Node*>& mine = last_[static_cast<std::size_t>(worker_index() + 1) % kSlots];
    Node* node = mine.load(std::memory_order_acquire);
    if (node != nullptr && claim(node)) return Lease(node);
    for (node = first_.load(std::memory_order_acquire); node != nullptr; node = node->next) {
      if (claim(node)) break;
    }
    if (node == nullptr) node = add(make);
    mine.store(node, std::memory_order_release);
    return Lease(node);
  }

  // f(object) for every object made so far, newest first: use it for what commutes exactly.
  template <class F>
  void for_all(F&& f) {
    for (Node* node = first_.load(std::memory_order_acquire); node != nullptr; node = node->next) {
      f(node->value);
    }
  }

 private:
  static constexpr std::size_t kSlots = 64;

  static bool claim(Node* node) noexcept {
    // The load first: a failed exchange would take the line from its holder.
    return !node->taken.load(std::memory_order_relaxed) &&
           !node->taken.exchange(true, std::memory_order_acquire);
  }

  template <class Make>
  Node* add(Make& make) {
    Node* node = new Node(make);
    Node* next = first_.load(std::memory_order_relaxed);
    do {
      node->next = next;
    } while (!first_.compare_exchange_weak(next, node, std::memory_order_release,
                                           std::memory_order_relaxed));
    return node;
  }

  std::atomic<Node*> first_{nullptr};
  std::atomic<Node*> last_[kSlots] = {};
};

// The spelling for loops: pel::scratch<std::vector<int>> buffers;
template <class T>
using scratch = Scratch<T>;

}  // namespace pel
