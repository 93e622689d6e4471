// SPDX-License-Identifier: Apache-2.0
#include "bench/rows.hpp"

namespace pel::bench {
namespace {

struct Kernel {
  const char* group;
  const char* bench;
  std::vector<std::uint64_t> sizes;
  std::vector<std::uint64_t> full_sizes;
  std::vector<const char*> peers;
};

const std::vector<std::uint64_t> kSizes = {1'000, 10'000, 100'000, 1'000'000, 10'000'000};
const std::vector<std::uint64_t> kAccounts = {2, 10, 100, 1'000, 10'000};
const std::vector<std::uint64_t> kVertices = {1'000, 20'000};
const std::vector<std::uint64_t> kLarge = {100'000'000};

// The checked-in list: what `pel bench` prints, a row each, and what makes it fail if missing.
const std::vector<Kernel>& kernels() {
  static const std::vector<const char*> forkers = {"plain", "tbb",     "openmp",  "parlay",
                                                   "citor", "libfork", "taskflow"};
  static const std::vector<const char*> payments = {"plain", "unordered_map", "array"};
  static const std::vector<const char*> loops = {"plain", "tbb", "openmp", "stdpar", "parlay"};
  static const std::vector<Kernel> all = {
      {"forkjoin", "fib", {30}, {40}, forkers},
      {"forkjoin", "skynet", {1'000'000}, {}, forkers},
      {"forkjoin", "nqueens", {10}, {13}, forkers},
      {"forkjoin", "integrate", {100}, {1000}, forkers},
      {"forkjoin", "matmul", {256}, {1024}, forkers},
      {"forkjoin", "uts", {19}, {}, forkers},
      {"loops", "reduce", kSizes, kLarge, loops},
      {"loops", "scan", kSizes, kLarge, loops},
      {"loops", "sort", kSizes, kLarge, loops},
      {"loops", "histogram", kSizes, kLarge, {"plain", "tbb", "openmp", "parlay"}},
      {"loops", "group_by", kSizes, kLarge, {"plain", "tbb", "parlay"}},
      {"loops", "filter", kSizes, kLarge, {"plain", "stdpar", "parlay"}},
      {"loops", "for_each", kSizes, kLarge, loops},
      {"loops", "tiles", kSizes, {}, {"plain", "tbb", "openmp"}},
      {"loops", "transform", kSizes, kLarge, loops},
      {"loops", "transform2", kSizes, {}, loops},
      {"loops", "generate", kSizes, {}, {"plain", "tbb", "openmp", "parlay"}},
      {"loops", "exclusive_scan", kSizes, {}, {"plain", "stdpar"}},
      {"loops", "transform_reduce", kSizes, {}, loops},
      {"loops", "reduce_any_op", kSizes, {}, {"plain", "parlay"}},
      {"loops", "dot", kSizes, kLarge, loops},
      {"loops", "left_fold", kSizes, kLarge, {"plain"}},
      {"loops", "find", kSizes, {}, {"plain", "openmp", "stdpar", "parlay"}},
      {"loops", "all_of", kSizes, {}, {"plain", "stdpar", "parlay"}},
      {"loops", "count_if", kSizes, {}, loops},
      {"loops", "equal", kSizes, {}, {"plain", "stdpar", "parlay"}},
      {"loops", "min_element", kSizes, {}, {"plain", "openmp", "stdpar", "parlay"}},
      {"loops", "minmax_element", kSizes, {}, {"plain", "stdpar", "parlay"}},
      {"loops", "sort_by", kSizes, {}, loops},
      {"loops", "stable_sort", kSizes, {}, {"plain", "openmp", "stdpar", "parlay"}},
      {"loops", "merge", kSizes, {}, {"plain", "openmp", "stdpar", "parlay"}},
      {"loops", "nth_element", kSizes, {}, {"plain", "openmp", "stdpar"}},
      {"loops", "top_k", kSizes, {}, {"plain", "stdpar"}},
      {"loops", "partition", kSizes, {}, {"plain", "stdpar"}},
      {"loops", "unique", kSizes, {}, {"plain", "stdpar", "parlay"}},
      {"loops", "group_by_few", kSizes, {}, {"plain", "tbb", "parlay"}},
      {"loops", "group_by_many", kSizes, {}, {"plain", "tbb", "parlay"}},
      {"loops", "reduce_by_key", kSizes, kLarge, {"plain", "tbb", "parlay"}},
      {"loops", "reduce_by_key_few", kSizes, {}, {"plain", "tbb", "parlay"}},
      {"loops", "reduce_by_key_many", kSizes, {}, {"plain", "tbb"}},
      {"loops", "hash_join", kSizes, {}, {"plain"}},
      {"loops", "shuffle", kSizes, {}, {"plain", "openmp", "parlay"}},
      {"loops", "sample", kSizes, {}, {"plain"}},
      {"loops", "pipeline", {1'000, 10'000, 100'000}, {}, {"plain", "tbb"}},
      {"price", "reduce_unordered", {10'000'000}, {}, {"unpromised"}},
      {"price", "reduce_exact", {10'000'000}, {}, {"tree"}},
      {"price", "reduce_left_fold", {10'000'000}, {}, {"tree"}},
      {"speculation", "rmw0us", kAccounts, {}, payments},
      {"speculation", "rmw0us_1k", kAccounts, {}, payments},
      {"speculation", "rmw1us", kAccounts, {}, payments},
      {"speculation", "rmw1us_1k", kAccounts, {}, payments},
      {"speculation", "rmw10us", kAccounts, {}, payments},
      {"speculation", "rmw10us_1k", kAccounts, {}, payments},
      {"speculation", "add0us", kAccounts, {}, payments},
      {"speculation", "add0us_1k", kAccounts, {}, payments},
      {"speculation", "add1us", kAccounts, {}, payments},
      {"speculation", "add1us_1k", kAccounts, {}, payments},
      {"speculation", "add10us", kAccounts, {}, payments},
      {"speculation", "add10us_1k", kAccounts, {}, payments},
      {"speculation", "independent_set", kVertices, {}, {"plain"}},
      {"speculation", "independent_set1us", kVertices, {}, {"plain"}},
      {"speculation", "matching", kVertices, {}, {"plain"}},
      {"speculation", "matching1us", kVertices, {}, {"plain"}},
      {"latency", "wakeup", {1}, {}, {"futex", "futex_apart"}},
      {"limits", "idle_ns", {10}, {}, {"limit"}},
      {"limits", "workers16", {33}, {}, {"cores"}},
      {"limits", "workers16_awake", {33}, {}, {"cores"}},
      {"memory", "spawn_bytes", {10'000'000}, {}, {"limit"}},
      {"memory", "chain_bytes", {1'000'000}, {}, {"limit"}},
#ifdef PEL_BENCH_HAS_WORKLOADS
      {"workloads", "analytics", {200'000}, {}, {"plain", "copies"}},
      {"workloads", "exchange", {100'000}, {}, {"plain", "copies"}},
      {"workloads", "genome", {18'000}, {}, {"plain", "copies"}},
      {"workloads", "render", {128}, {}, {"plain", "copies"}},
      {"workloads", "risk", {150'000}, {}, {"plain", "copies"}},
#endif
  };
  return all;
}

}  // namespace

std::vector<RowSpec> row_specs() {
  std::vector<RowSpec> specs;
  for (const Kernel& kernel : kernels()) {
    const auto add_sizes = [&](const std::vector<std::uint64_t>& sizes, bool full) {
      for (const std::uint64_t size : sizes) {
        for (const char* peer : kernel.peers) {
          specs.push_back({kernel.group, kernel.bench, size, peer, full});
        }
      }
    };
    add_sizes(kernel.sizes, false);
    add_sizes(kernel.full_sizes, true);
  }
  return specs;
}

std::vector<std::string> peers_built_in() {
  std::vector<std::string> names = {"plain",         "copies",      "unpromised", "tree",
                                    "futex",         "futex_apart", "limit",      "cores",
                                    "unordered_map", "array"};
#ifdef PEL_BENCH_HAS_TBB
  names.insert(names.end(), {"tbb", "stdpar"});
#endif
#ifdef PEL_BENCH_HAS_OPENMP
  names.emplace_back("openmp");
#endif
#ifdef PEL_BENCH_HAS_PARLAY
  names.emplace_back("parlay");
#endif
#ifdef PEL_BENCH_HAS_CITOR
  names.emplace_back("citor");
#endif
#ifdef PEL_BENCH_HAS_TASKFLOW
  names.emplace_back("taskflow");
#endif
#ifdef PEL_BENCH_HAS_LIBFORK
  names.emplace_back("libfork");
#endif
  return names;
}

}  // namespace pel::bench
