// SPDX-License-Identifier: Apache-2.0
#include "pel/executor.hpp"
#include "pel/loops.hpp"

#include "bench/loops/input.hpp"

namespace pel::bench::loops {
namespace {

template <class State>
struct On {
  State state;
  std::unique_ptr<Executor> executor;
};

// The contender's state beside an executor of as many workers.
template <class Make, class Kernel>
bool add_pel(const char* bench, Make make, Kernel kernel) {
  const auto make_both = [make](std::uint64_t size, int workers) {
    using State = decltype(make(size, workers));
    return On<State>{make(size, workers),
                     std::make_unique<Executor>(ExecutorOptions{.workers = workers})};
  };
  return add_loop(bench, "pel", make_both, [kernel](auto& on, int) {
    return on.executor->run([&] { return kernel(on.state); });
  });
}

const bool added =
    add_pel("reduce", make_reduce,
            [](Reduce& s) {
              return static_cast<std::uint64_t>(pel::reduce(s.in, 0.0, std::plus<>()));
            }) &&
    add_pel("scan", make_scan,
            [](Scan& s) {
              pel::inclusive_scan(s.in, s.out, std::plus<>());
              return ends_of(s.out);
            }) &&
    add_pel("sort", make_sort,
            [](Sort& s) {
              s.out = s.in;
              pel::sort(s.out);
              return ends_of(s.out);
            }) &&
    add_pel("histogram", make_keys,
            [](Keys& s) {
              const auto bins =
                  pel::histogram(s.in, kBins, [](std::uint32_t key) { return key % kBins; });
              return static_cast<std::uint64_t>(bins[0] + 3 * bins[77]);
            }) &&
    add_pel("group_by", make_keys,
            [](Keys& s) {
              const auto groups = pel::group_by(s.in, [](std::uint32_t key) { return key; });
              std::uint64_t value = 0;
              for (std::size_t g = 0; g < groups.size(); ++g) {
                const auto rows = groups.rows(g);
                value += group_value(groups.key(g), rows.size(), rows.front());
              }
              return value;
            }) &&
    add_pel("filter", make_filter, [](Filter& s) { return ends_of(pel::filter(s.in, wanted)); });

}  // namespace
}  // namespace pel::bench::loops
