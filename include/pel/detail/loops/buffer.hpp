// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <type_traits>

#include "pel/detail/loops/room.hpp"

namespace pel::detail {

// n objects of T on the heap. <memory>, which has this as unique_ptr, would take a fifth of the
// compile time that pel/loops.hpp may cost.
template <class T>
class Buffer {
 public:
  struct Raw {};

  explicit Buffer(std::size_t n) : Buffer(n, Raw{}) {
    if constexpr (std::is_trivially_default_constructible_v<T>) {
      for (std::size_t i = 0; i < n; ++i) data_[i] = T();
    }
  }
  // Trivial elements have no value yet.
  Buffer(std::size_t n, Raw) : data_(take_objects<T>(n)), size_(n) {
    if constexpr (!std::is_trivially_default_constructible_v<T>) {
      try {
        for (; made_ < n; ++made_) ::new (static_cast<void*>(data_ + made_)) T();
      } catch (...) {
        clear();
        throw;
      }
    }
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { clear(); }

  T* data() const noexcept { return data_; }
  T& operator[](std::size_t i) const noexcept { return data_[i]; }

 private:
  void clear() noexcept {
    while (made_ > 0) data_[--made_].~T();
    give_objects(data_, size_);
  }

  T* data_;
  std::size_t size_;
  std::size_t made_ = 0;  // how many have to be destroyed
};

}  // namespace pel::detail
