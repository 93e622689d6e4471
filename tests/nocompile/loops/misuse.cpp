// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <list>
#include <string>
#include <vector>

#include "pel/loops.hpp"

struct Plain {
  bool operator==(const Plain&) const = default;
};

void use() {
  std::vector<int> v(3);
  pel::sort(v);
  pel::for_each(3, [](std::size_t) {});
#if defined(CASE_sort_list)
  std::list<int> list;
  pel::sort(list);
#elif defined(CASE_sort_constant)
  const std::vector<int> constant;
  pel::sort(constant);
#elif defined(CASE_generate_bits)
  std::vector<bool> bits(3);
  pel::generate(bits, [](std::size_t) { return true; });
#elif defined(CASE_order_of_other_type)
  pel::sort(v, [](const std::string& a, const std::string& b) { return a < b; });
#elif defined(CASE_body_without_index)
  pel::for_each(3, [] {});
#elif defined(CASE_predicate_of_other_type)
  pel::filter(v, [](const std::string&) { return true; });
#elif defined(CASE_sum_of_other_type)
  pel::reduce(v, 0, [](const std::string& a, const std::string&) { return a; });
#elif defined(CASE_exact_integers)
  pel::reduce(pel::exact, v);
#elif defined(CASE_key_without_hash)
  pel::group_by(v, [](int) { return Plain{}; });
#elif defined(CASE_join_of_other_keys)
  std::vector<std::string> names;
  pel::hash_join(
      v, names, [](int k) { return k; }, [](const std::string& n) { return n; });
#elif defined(CASE_merge_of_other_type)
  std::vector<long> longs(3), out(6);
  pel::merge(v, longs, out);
#elif defined(CASE_scan_into_constant)
  const std::vector<int> out(3);
  pel::inclusive_scan(v, out);
#elif defined(CASE_find_of_other_type)
  pel::find(v, std::string());
#elif defined(CASE_shuffle_deque)
  std::deque<int> deque;
  pel::shuffle(deque, 1);
#elif defined(CASE_histogram_of_text)
  pel::histogram(v, 3, [](int) { return std::string(); });
#elif defined(CASE_bare_pipeline)
  pel::pipeline([] { return 3; });
#endif
}
