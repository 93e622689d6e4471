// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

#include "pel/detail/loops/drive.hpp"
#include "pel/detail/loops/hook.hpp"

namespace pel {

struct PipelineOptions {
  // Items of one step once the stream is shared. 0: 64 for every worker, and more, up to 8192,
  // while a step is too short to be worth sharing.
  std::size_t window = 0;
  std::source_location where = std::source_location::current();
};

// A stage of a pipeline that sees the items one by one, in order.
template <class F>
struct InOrder {
  F f;
};
template <class F>
InOrder<F> in_order(F f) {
  return {std::move(f)};
}

namespace detail {

template <class F>
inline constexpr bool kIsInOrder = false;
template <class F>
inline constexpr bool kIsInOrder<InOrder<F>> = true;

template <class F, class In>
struct ResultOf {
  using Type = std::remove_cvref_t<std::invoke_result_t<F&, In>>;
};
template <class F, class In>
struct ResultOf<InOrder<F>, In> : ResultOf<F, In> {};
template <class F, class In>
using StageResult = typename ResultOf<std::remove_cvref_t<F>, In>::Type;

// Consecutive items between two stages. After the last of them may come an error, which is the
// first of the stream; nothing follows it.
template <class T>
struct Window {
  std::vector<std::optional<T>> items;
  std::exception_ptr error;
  bool last = false;
};

// One stage: takes a window to the next.
template <class F, class In>
class Stage {
  static constexpr bool kInOrder = kIsInOrder<std::remove_cvref_t<F>>;

 public:
  using Out = StageResult<F, In>;

  Stage(F& f, bool serial) : f_(f), serial_(serial) {}

  void step(Window<In>& in, Window<Out>& out) {
    const std::size_t n = in.items.size();
    out.items.clear();
    out.items.resize(n);
    out.error = in.error;
    out.last = in.last;
    std::atomic<std::size_t> failed{n};
    try {
      if constexpr (kInOrder) {
        run(0, n, in, out, failed);
      } else {
        drive(n, serial_, cost_,
              [&](std::size_t lo, std::size_t hi) { run(lo, hi, in, out, failed); });
      }
    } catch (...) {
      // A cancellation has no item: it ends the whole stream here.
      out.error = std::current_exception();
      out.last = true;
      out.items.resize(failed.load() < n ? failed.load() : 0);
    }
    in.items.clear();
  }

 private:
  void run(std::size_t lo, std::size_t hi, Window<In>& in, Window<Out>& out,
           std::atomic<std::size_t>& failed) {
    std::size_t i = lo;
    try {
      for (; i < hi; ++i) {
        if constexpr (kInOrder) {
          out.items[i].emplace(f_.f(std::move(*in.items[i])));
        } else {
          out.items[i].emplace(f_(std::move(*in.items[i])));
        }
      }
    } catch (...) {
      std::size_t seen = failed.load();
      while (i < seen && !failed.compare_exchange_weak(seen, i)) {
      }
      throw;
    }
  }

  F& f_;
  bool serial_;
  Cost cost_;
};

// The stages behind one window: the rest of the chain, down to the sink. advance() moves every
// window one stage on, all stages at once.
template <class In, class... Fs>
class Chain;

template <class In, class Sink>
class Chain<In, Sink> {
 public:
  Chain(bool, Sink& sink) : sink_(sink) {}
  bool busy() const noexcept { return full_; }
  bool ended() const noexcept { return ended_; }

  void advance() {
    if (!full_) return;
    full_ = false;
    for (auto& item : in_.items) sink_(std::move(*item));
    ended_ = in_.last;
    in_.items.clear();
    if (in_.error) std::rethrow_exception(in_.error);
  }
  void accept(Window<In>& window) {
    std::swap(in_, window);
    full_ = true;
  }

 private:
  Sink& sink_;
  Window<In> in_;
  bool full_ = false;
  bool ended_ = false;
};

template <class In, class F, class... Fs>
class Chain<In, F, Fs...> {
  using Out = typename Stage<F, In>::Out;

 public:
  Chain(bool serial, F& f, Fs&... rest)
      : serial_(serial), stage_(f, serial), rest_(serial, rest...) {}
  bool busy() const noexcept { return full_ || rest_.busy(); }
  bool ended() const noexcept { return rest_.ended(); }

  void advance() {
    const auto later_items = [&] {
      if (full_) stage_.step(in_, out_);
    };
    const auto earlier_items = [&] { rest_.advance(); };
    if (full_ && rest_.busy()) {
      fork_two(serial_, earlier_items, later_items);
    } else {
      earlier_items();
      later_items();
    }
    if (full_) rest_.accept(out_);
    full_ = false;
  }
  void accept(Window<In>& window) {
    std::swap(in_, window);
    full_ = true;
  }

 private:
  bool serial_;
  Stage<F, In> stage_;
  Chain<Out, Fs...> rest_;
  Window<In> in_;
  Window<Out> out_;
  bool full_ = false;
};

template <class T, class Source>
void read_window(Source& source, std::size_t size, Window<T>& window) {
  window.items.clear();
  window.error = nullptr;
  try {
    while (window.items.size() < size) {
      std::optional<T> item = source();
      if (!item) {
        window.last = true;
        return;
      }
      window.items.push_back(std::move(item));
    }
  } catch (...) {
    window.error = std::current_exception();
    window.last = true;
  }
}

// How many items the next window has.
class WindowSize {
 public:
  explicit WindowSize(std::size_t wanted) noexcept
      : size_(wanted != 0 ? wanted : 64 * static_cast<std::size_t>(worker_limit())),
        grows_(wanted == 0) {}

  std::size_t size() const noexcept { return size_; }
  void step_took(std::uint64_t spent) noexcept {
    if (grows_ && spent < kLongStep && size_ < 8192) size_ *= 2;
  }

 private:
  static constexpr std::uint64_t kLongStep = 200 * kChunkTicks;
  std::size_t size_;
  bool grows_;
};

template <class F, class T>
decltype(auto) call_stage(F& f, T&& item) {
  if constexpr (kIsInOrder<std::remove_cvref_t<F>>) {
    return f.f(std::forward<T>(item));
  } else {
    return f(std::forward<T>(item));
  }
}

// Takes one item through the stages to the sink.
template <class T, class F, class... Fs>
void pass_on(T&& item, F& f, Fs&... rest) {
  if constexpr (sizeof...(Fs) == 0) {
    f(std::forward<T>(item));
  } else {
    pass_on(call_stage(f, std::forward<T>(item)), rest...);
  }
}

// The items one by one, without windows: all of them with one worker, else until the stream has
// lasted for what it costs to share it. True when it has ended. A stream that was never measured
// may have few and costly items, and is shared at once.
template <class Source, class... Fs>
bool run_one_by_one(bool serial, Cost& cost, Source& source, Fs&... stages) {
  const std::int64_t price = serial ? kNeverShare : share_price_ns();
  if (price == 0 || (price != kNeverShare && cost.load() == 0)) return false;
  const std::uint64_t limit =
      price == kNeverShare ? ~std::uint64_t{0} : kTicksPerNs * static_cast<std::uint64_t>(price);
  Pace pace = Pace::from(cost.load(), 64 * 16);  // polls after 64 items, or 4 us of costlier ones
  const std::uint64_t begin = ticks();
  for (std::uint64_t before = begin; before - begin < limit;) {
    const std::size_t step = pace.chunk();
    for (std::size_t i = 0; i < step; ++i) {
      auto item = source();
      if (!item) return true;
      pass_on(std::move(*item), stages...);
    }
    const std::uint64_t now = ticks();
    pace.measured(step, now - before);
    cost.store(pace.cost16());
    before = now;
    check_cancel();
  }
  return false;
}

template <class Source, class... Fs>
void run_pipeline(std::size_t window_size, bool serial, Source& source, Fs&... stages) {
  using T = typename std::invoke_result_t<Source&>::value_type;
  static Cost cost;  // of an item
  if (run_one_by_one(serial, cost, source, stages...)) return;
  WindowSize window(window_size);
  std::size_t read = 0;
  const std::uint64_t first = ticks();
  Chain<T, Fs...> chain(serial, stages...);
  Window<T> next;
  bool reading = true;
  while (reading || chain.busy()) {
    const std::uint64_t begin = ticks();
    const auto earlier_items = [&] { chain.advance(); };
    const auto later_items = [&] { read_window(source, window.size(), next); };
    if (reading && chain.busy()) {
      fork_two(serial, earlier_items, later_items);
    } else {
      earlier_items();
      if (reading) later_items();
    }
    if (reading) {
      read += next.items.size();
      reading = !next.last;
      chain.accept(next);
      next.last = false;
    }
    window.step_took(ticks() - begin);
    check_cancel();
  }
  if (read != 0) cost.store(16 * (ticks() - first) / read + 1);
}

}  // namespace detail

// An ordered stream: source() -> std::optional<T> gives the items, one by one, nothing at the end;
// each stage f(T) -> U takes them on, many items at once (or one by one in order, if wrapped in
// in_order); sink(T) takes the results one by one, in the order of the source.
//
// The stream moves in windows: while one window is read, the ones before it are in the stages and
// the one before those in the sink, so at most stages + 2 windows of items exist; with one worker,
// and while the stream is too short to be shared, one item. A stage that is ahead waits for its
// window to be taken without holding a worker. The first error in item order
// wins; the sink has then seen exactly the items before it.
template <class Source, class... Fs>
  requires(sizeof...(Fs) >= 1)
void pipeline(PipelineOptions options, Source&& source, Fs&&... stages_and_sink) {
  detail::LoopScope scope("pipeline", 0, options.where);
  detail::enter(scope.serial(), [&] {
    detail::run_pipeline(options.window, scope.serial(), source, stages_and_sink...);
  });
  scope.done();
}

template <class Source, class... Fs>
  requires(sizeof...(Fs) >= 1 && std::is_invocable_v<Source&>)
void pipeline(Source&& source, Fs&&... stages_and_sink) {
  pipeline(PipelineOptions{}, source, stages_and_sink...);
}

}  // namespace pel
