// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <new>
#include <vector>

// Memory that loops work in. A page that a process touches for the first time costs about as much
// as writing it some ten times, and allocators give large blocks back to the system when they are
// freed; so a loop that takes new memory in each call would pay for its pages each time. Blocks
// from kLeastRoom on are kept instead, at most 32 MiB of them in a process, the oldest of which
// go first; larger ones are asked for in huge pages, where the system has them.
namespace pel::detail {

inline constexpr std::size_t kLeastRoom = std::size_t{1} << 14;

// A block of `bytes` >= kLeastRoom, aligned to a page, whose contents are not defined. Throws
// std::bad_alloc. Thread-safe, never blocks; also usable in the child of a fork() and at exit.
void* take_room(std::size_t bytes);
// Gives back what take_room(bytes) returned.
void give_room(void* block, std::size_t bytes) noexcept;

// Room for n objects; small or over-aligned ones are the allocator's.
template <class T>
T* take_objects(std::size_t n) {
  if (n > ~std::size_t{0} / sizeof(T)) throw std::bad_array_new_length();
  const std::size_t bytes = n * sizeof(T);
  if (bytes >= kLeastRoom && alignof(T) <= 4096) return static_cast<T*>(take_room(bytes));
  if constexpr (alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    return static_cast<T*>(::operator new(bytes));
  } else {
    return static_cast<T*>(::operator new(bytes, std::align_val_t{alignof(T)}));
  }
}
template <class T>
void give_objects(T* objects, std::size_t n) noexcept {
  const std::size_t bytes = n * sizeof(T);
  if (bytes >= kLeastRoom && alignof(T) <= 4096) return give_room(objects, bytes);
  if constexpr (alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    ::operator delete(objects);
  } else {
    ::operator delete(objects, std::align_val_t{alignof(T)});
  }
}

// For the vectors of a loop, and the large ones that it returns.
template <class T>
struct RoomAllocator {
  using value_type = T;
  RoomAllocator() = default;
  template <class U>
  RoomAllocator(const RoomAllocator<U>&) noexcept {}
  T* allocate(std::size_t n) { return take_objects<T>(n); }
  void deallocate(T* data, std::size_t n) noexcept { give_objects(data, n); }
  bool operator==(const RoomAllocator&) const = default;
};

template <class T>
using RoomVector = std::vector<T, RoomAllocator<T>>;

// The same; elements that are made without a value have none: what is written at once need not be
// cleared before.
template <class T>
struct RawAllocator : RoomAllocator<T> {
  template <class U>
  struct rebind {
    using other = RawAllocator<U>;
  };
  RawAllocator() = default;
  template <class U>
  RawAllocator(const RawAllocator<U>&) noexcept {}
  void construct(T*) noexcept {}
};
template <class T>
using RawVector = std::vector<T, RawAllocator<T>>;

}  // namespace pel::detail
