// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>
#include <utility>

namespace pel::detail {

// A reference to a callable `void()` that outlives the call it is passed to. Two words, no
// allocation: what the type-erased core takes from the templates of the shelf.
class FunctionRef {
 public:
  template <class F>
  explicit FunctionRef(F& f) noexcept
      : object_(const_cast<void*>(static_cast<const void*>(&f))),
        call_([](void* object) { (*static_cast<F*>(object))(); }) {}
  void operator()() const { call_(object_); }

 private:
  void* object_;
  void (*call_)(void*);
};

// A copyable owner of a callable `void(int)`, as std::function without its header: <functional>
// would take a third of the compile time that pel/executor.hpp may cost.
class ThreadHook {
 public:
  ThreadHook() = default;
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, ThreadHook> && std::is_invocable_v<F&, int>)
  ThreadHook(F f)  // NOLINT: converts, as std::function does
      : object_(new F(std::move(f))),
        operate_([](void* object, void* const* copy, int thread) -> void* {
          F* self = static_cast<F*>(object);
          if (copy != nullptr) return new F(*self);
          if (thread == kDestroy) {
            delete self;
          } else {
            (*self)(thread);
          }
          return nullptr;
        }) {}
  ThreadHook(const ThreadHook& other) : object_(other.clone()), operate_(other.operate_) {}
  ThreadHook(ThreadHook&& other) noexcept { swap(other); }
  ThreadHook& operator=(ThreadHook other) noexcept {
    swap(other);
    return *this;
  }
  ~ThreadHook() {
    if (object_ != nullptr) operate_(object_, nullptr, kDestroy);
  }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  void operator()(int thread) const { operate_(object_, nullptr, thread); }

 private:
  static constexpr int kDestroy = -1;
  void* clone() const { return object_ == nullptr ? nullptr : operate_(object_, &object_, 0); }
  void swap(ThreadHook& other) noexcept {
    std::swap(object_, other.object_);
    std::swap(operate_, other.operate_);
  }

  void* object_ = nullptr;
  void* (*operate_)(void*, void* const*, int) = nullptr;
};

}  // namespace pel::detail
