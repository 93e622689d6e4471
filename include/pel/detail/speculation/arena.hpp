// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
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

// A short array: room for kInside elements in itself, then in an arena, growing by moving to twice
// the room. Whoever owns it clears it before the arena is reset. It does not move.
template <class T, std::uint32_t kInside>
class ShortArray {
 public:
  ShortArray() = default;
  ShortArray(const ShortArray&) = delete;
  ShortArray& operator=(const ShortArray&) = delete;

  std::uint32_t size() const noexcept { return size_; }
  bool full() const noexcept { return size_ == room_; }
  T& operator[](std::size_t i) noexcept { return data()[i]; }
  const T& operator[](std::size_t i) const noexcept { return data()[i]; }

  void insert(std::uint32_t at, T value, Arena& arena) {
    if (full()) grow(arena);
    T* all = data();
    ::new (static_cast<void*>(all + size_)) T(std::move(value));
    for (std::uint32_t i = size_; i > at; --i) std::swap(all[i], all[i - 1]);
    ++size_;
  }
  void push(T value, Arena& arena) { insert(size_, std::move(value), arena); }
  void erase(std::uint32_t at) noexcept {
    T* all = data();
    for (std::uint32_t i = at; i + 1 < size_; ++i) all[i] = std::move(all[i + 1]);
    all[--size_].~T();
  }
  // Order is not kept.
  void drop(std::uint32_t at) noexcept {
    T* all = data();
    if (at + 1 != size_) all[at] = std::move(all[size_ - 1]);
    all[--size_].~T();
  }
  void clear() noexcept {
    while (size_ != 0) data()[--size_].~T();
    room_ = kInside;
    outside_ = nullptr;
  }

 private:
  T* data() noexcept {
    if (!kAny || outside_ != nullptr) return outside_;
    return std::launder(reinterpret_cast<T*>(inside_));
  }
  const T* data() const noexcept {
    if (!kAny || outside_ != nullptr) return outside_;
    return std::launder(reinterpret_cast<const T*>(inside_));
  }
  void grow(Arena& arena) {
    const std::uint32_t room = room_ == 0 ? 2 : 4 * room_;
    T* larger = static_cast<T*>(arena.take(room * sizeof(T), alignof(T)));
    T* all = data();
    for (std::uint32_t i = 0; i < size_; ++i) {
      ::new (static_cast<void*>(larger + i)) T(std::move(all[i]));
      all[i].~T();
    }
    outside_ = larger;
    room_ = room;
  }

  T* outside_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t room_ = kInside;
  static constexpr bool kAny = kInside != 0;
  alignas(kAny ? alignof(T) : 1) unsigned char inside_[kAny ? kInside * sizeof(T) : 1];
};

}  // namespace pel::detail::spec
