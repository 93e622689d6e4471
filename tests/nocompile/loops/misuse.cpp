// SPDX-License-Identifier: Apache-2.0
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
#endif
}
