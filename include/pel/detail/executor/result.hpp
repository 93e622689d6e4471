// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <new>
#include <type_traits>
#include <utility>

namespace pel::detail {

// Room for the result of a call: a value, a reference or nothing.
template <class R>
class ResultSlot {
 public:
  ResultSlot() = default;
  ResultSlot(const ResultSlot&) = delete;
  ResultSlot& operator=(const ResultSlot&) = delete;
  ~ResultSlot() {
    if (full_) value()->~R();
  }
  template <class F>
  void fill(F&& f) {
    ::new (static_cast<void*>(room_)) R(std::forward<F>(f)());
    full_ = true;
  }
  R take() { return std::move(*value()); }
  R& peek() { return *value(); }
  bool full() const noexcept { return full_; }

 private:
  R* value() noexcept { return std::launder(reinterpret_cast<R*>(room_)); }
  alignas(R) unsigned char room_[sizeof(R)];
  bool full_ = false;
};

template <class R>
class ResultSlot<R&> {
 public:
  template <class F>
  void fill(F&& f) {
    R& value = std::forward<F>(f)();
    value_ = &value;
  }
  R& take() { return *value_; }
  R& peek() { return *value_; }
  bool full() const noexcept { return value_ != nullptr; }

 private:
  R* value_ = nullptr;
};

template <>
class ResultSlot<void> {
 public:
  template <class F>
  void fill(F&& f) {
    std::forward<F>(f)();
    full_ = true;
  }
  void take() {}
  void peek() {}
  bool full() const noexcept { return full_; }

 private:
  bool full_ = false;
};

}  // namespace pel::detail
