// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace pel::detail::spec {

// Memory that is taken piece by piece and given back all at once. One thread's.
class Arena {
 public:
  void* take(std::size_t bytes, std::size_t align) {
    while (true) {
      if (chunk_ < chunks_.size()) {
        const std::size_t at = (at_ + align - 1) / align * align;
        if (at + bytes <= chunks_[chunk_].size) {
          at_ = at + bytes;
          return chunks_[chunk_].data.get() + at;
        }
        ++chunk_;
        at_ = 0;
        continue;
      }
      const std::size_t size = bytes + align > kChunk ? bytes + align : kChunk;
      chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
    }
  }
  void reset() noexcept { chunk_ = at_ = 0; }

 private:
  static constexpr std::size_t kChunk = 64 * 1024;
  struct Chunk {
    std::unique_ptr<std::byte[]> data;
    std::size_t size;
  };
  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;
  std::size_t at_ = 0;
};

// A short array in an arena: grows by moving to twice the room. Whoever owns it clears it before
// the arena is reset.
template <class T>
class ShortArray {
 public:
  std::uint32_t size() const noexcept { return size_; }
  bool full() const noexcept { return size_ == room_; }
  T& operator[](std::size_t i) noexcept { return data_[i]; }
  const T& operator[](std::size_t i) const noexcept { return data_[i]; }

  void insert(std::uint32_t at, T value, Arena& arena) {
    if (full()) grow(arena);
    ::new (static_cast<void*>(data_ + size_)) T(std::move(value));
    for (std::uint32_t i = size_; i > at; --i) std::swap(data_[i], data_[i - 1]);
    ++size_;
  }
  void push(T value, Arena& arena) { insert(size_, std::move(value), arena); }
  void erase(std::uint32_t at) noexcept {
    for (std::uint32_t i = at; i + 1 < size_; ++i) data_[i] = std::move(data_[i + 1]);
    data_[--size_].~T();
  }
  // Order is not kept.
  void drop(std::uint32_t at) noexcept {
    if (at + 1 != size_) data_[at] = std::move(data_[size_ - 1]);
    data_[--size_].~T();
  }
  void clear() noexcept {
    while (size_ != 0) data_[--size_].~T();
    room_ = 0;
    data_ = nullptr;
  }

 private:
  void grow(Arena& arena) {
    const std::uint32_t room = room_ == 0 ? 4 : 2 * room_;
    T* data = static_cast<T*>(arena.take(room * sizeof(T), alignof(T)));
    for (std::uint32_t i = 0; i < size_; ++i) {
      ::new (static_cast<void*>(data + i)) T(std::move(data_[i]));
      data_[i].~T();
    }
    data_ = data;
    room_ = room;
  }

  T* data_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t room_ = 0;
};

}  // namespace pel::detail::spec
