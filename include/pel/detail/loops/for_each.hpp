// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <source_location>
#include <type_traits>

#include "pel/detail/loops/drive.hpp"
#include "pel/detail/loops/hook.hpp"
#include "pel/detail/loops/range.hpp"
#include "pel/detail/loops/tiles.hpp"

// GCC keeps one element, or one vector, per turn of a loop, and the turn's own instructions then
// take up to half of the time; clang unrolls by itself.
#if defined(__GNUC__) && !defined(__clang__)
#define PEL_LOOPS_UNROLL _Pragma("GCC unroll 4")
#else
#define PEL_LOOPS_UNROLL
#endif

namespace pel::detail {

// What a run of a loop calls: a copy of a small function that its calls do not change, so that what
// it captured can stay in registers; else the function itself.
template <class F, class... Args>
using HeldFunction =
    std::conditional_t<std::is_trivially_copyable_v<F> && std::is_copy_constructible_v<F> &&
                           sizeof(F) <= 64 &&
                           std::is_invocable_v<const std::remove_reference_t<F>&, Args...>,
                       const std::remove_reference_t<F>, F&>;

// step(i) for lo <= i < hi, four to a turn where elements are plain numbers: what is done with
// those is mostly little, and a large body should not be there four times.
template <class Value, class Step>
inline void each_index(std::size_t lo, std::size_t hi, const Step step) {
  if constexpr (std::is_arithmetic_v<Value>) {
    PEL_LOOPS_UNROLL
    for (std::size_t i = lo; i < hi; ++i) step(i);
  } else {
    for (std::size_t i = lo; i < hi; ++i) step(i);
  }
}

// The loops themselves, with the views as locals: through the references of a closure the compiler
// does not see that writing an element leaves the views alone, and makes no vectors. Not inlined,
// so that their code does not depend on what stands around the call.
template <class In, class Out, class F>
[[gnu::noinline]] void map_run(const In from, const Out to, std::size_t lo, std::size_t hi, F& f) {
  HeldFunction<F, typename In::Reference> g = f;
  each_index<typename Out::Value>(lo, hi, [&](std::size_t i) { to[i] = g(from[i]); });
}

template <class A, class B, class Out, class F>
[[gnu::noinline]] void map_run(const A a, const B b, const Out to, std::size_t lo, std::size_t hi,
                               F& f) {
  HeldFunction<F, typename A::Reference, typename B::Reference> g = f;
  each_index<typename Out::Value>(lo, hi, [&](std::size_t i) { to[i] = g(a[i], b[i]); });
}

template <class Out, class F>
[[gnu::noinline]] void make_run(const Out to, std::size_t lo, std::size_t hi, F& f) {
  HeldFunction<F, std::size_t> g = f;
  each_index<typename Out::Value>(lo, hi, [&](std::size_t i) { to[i] = g(i); });
}

template <class V, class F>
[[gnu::noinline]] void visit_run(const V view, std::size_t lo, std::size_t hi, F& f) {
  HeldFunction<F, typename V::Reference> g = f;
  each_index<typename V::Value>(lo, hi, [&](std::size_t i) { g(view[i]); });
}

template <class F>
[[gnu::noinline]] void index_run(std::size_t lo, std::size_t hi, F& f) {
  HeldFunction<F, std::size_t> g = f;
  for (std::size_t i = lo; i < hi; ++i) g(i);
}

template <class Space, class F>
[[gnu::noinline]] void tile_run(const Space space, std::size_t lo, std::size_t hi, F& f) {
  HeldFunction<F, decltype(space.tile(lo))> g = f;
  space.each(lo, hi, g);
}

}  // namespace pel::detail

namespace pel {

// f(i) for 0 <= i < n. The calls run at once, so they may share no mutable data but what pel gives
// them. Errors: the one of the smallest index that fails; later iterations are stopped.
template <std::invocable<std::size_t> F>
void for_each(std::size_t n, F&& f, std::source_location where = std::source_location::current()) {
  detail::LoopScope scope("for_each", n, where);
  detail::drive(n, scope.serial(),
                [&](std::size_t lo, std::size_t hi) { detail::index_run(lo, hi, f); });
  scope.done();
}

// f(element) for every element of a range.
template <RandomAccessRange R, std::invocable<RangeReference<R>> F>
void for_each(R&& range, F&& f, std::source_location where = std::source_location::current()) {
  const auto view = detail::view_of(range);
  detail::LoopScope scope("for_each", view.size, where);
  detail::drive(view.size, scope.serial(),
                [&](std::size_t lo, std::size_t hi) { detail::visit_run(view, lo, hi, f); });
  if constexpr (WritableRange<R>) detail::report(scope, view);
  scope.done();
}

// f(*it) for first <= it < last.
template <std::random_access_iterator I, std::invocable<std::iter_reference_t<I>> F>
void for_each(I first, I last, F&& f,
              std::source_location where = std::source_location::current()) {
  const auto view = detail::make_view(first, static_cast<std::size_t>(last - first));
  detail::LoopScope scope("for_each", view.size, where);
  detail::drive(view.size, scope.serial(),
                [&](std::size_t lo, std::size_t hi) { detail::visit_run(view, lo, hi, f); });
  scope.done();
}

// f(tile) for tiles that cover a 2-D index space; program order is row by row of tiles.
template <std::invocable<Tile2> F>
void for_each(Tiles2 space, F&& f, std::source_location where = std::source_location::current()) {
  detail::LoopScope scope("for_each", space.count(), where);
  detail::drive(space.count(), scope.serial(),
                [&](std::size_t lo, std::size_t hi) { detail::tile_run(space, lo, hi, f); });
  scope.done();
}

// f(tile) for tiles that cover a 3-D index space; program order is x, then y, then z.
template <std::invocable<Tile3> F>
void for_each(Tiles3 space, F&& f, std::source_location where = std::source_location::current()) {
  detail::LoopScope scope("for_each", space.count(), where);
  detail::drive(space.count(), scope.serial(),
                [&](std::size_t lo, std::size_t hi) { detail::tile_run(space, lo, hi, f); });
  scope.done();
}

// out[i] = f(in[i]). `out` is a range with room for all (else pel::Error) or an iterator; it may
// be the input itself, otherwise they do not overlap. After an error the elements before the one
// that failed are written, those after it are unspecified.
template <RandomAccessRange In, detail::OutputOf Out, std::invocable<RangeReference<In>> F>
void transform(In&& in, Out&& out, F&& f,
               std::source_location where = std::source_location::current()) {
  const auto from = detail::view_of(in);
  const auto to = detail::output_view("transform", out, from.size);
  detail::LoopScope scope("transform", from.size, where);
  detail::drive(from.size, scope.serial(),
                [&](std::size_t lo, std::size_t hi) { detail::map_run(from, to, lo, hi, f); });
  detail::report(scope, to);
  scope.done();
}

// out[i] = f(a[i], b[i]); a and b have the same length, else pel::Error.
template <RandomAccessRange A, RandomAccessRange B, detail::OutputOf Out,
          std::invocable<RangeReference<A>, RangeReference<B>> F>
void transform(A&& a, B&& b, Out&& out, F&& f,
               std::source_location where = std::source_location::current()) {
  const auto left = detail::view_of(a);
  const auto right = detail::view_of(b);
  detail::require_equal_sizes("transform", left.size, right.size);
  const auto to = detail::output_view("transform", out, left.size);
  detail::LoopScope scope("transform", left.size, where);
  detail::drive(left.size, scope.serial(), [&](std::size_t lo, std::size_t hi) {
    detail::map_run(left, right, to, lo, hi, f);
  });
  detail::report(scope, to);
  scope.done();
}

// out[i] = f(i) for every element of a range.
template <WritableRange Out, std::invocable<std::size_t> F>
void generate(Out&& out, F&& f, std::source_location where = std::source_location::current()) {
  const auto to = detail::view_of(out);
  detail::LoopScope scope("generate", to.size, where);
  detail::drive(to.size, scope.serial(),
                [&](std::size_t lo, std::size_t hi) { detail::make_run(to, lo, hi, f); });
  detail::report(scope, to);
  scope.done();
}

}  // namespace pel
