// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace pel::detail {

// n objects of T on the heap. <memory>, which has this as unique_ptr, would take a fifth of the
// compile time that pel/loops.hpp may cost.
template <class T>
class Buffer {
 public:
  struct Raw {};

  explicit Buffer(std::size_t n) : data_(new T[n]()) {}
  Buffer(std::size_t n, Raw) : data_(new T[n]) {}  // trivial elements have no value yet
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { delete[] data_; }

  T* data() const noexcept { return data_; }
  T& operator[](std::size_t i) const noexcept { return data_[i]; }

 private:
  T* data_;
};

}  // namespace pel::detail
