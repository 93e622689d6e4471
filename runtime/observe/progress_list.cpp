// SPDX-License-Identifier: Apache-2.0
#include "runtime/observe/progress_list.hpp"

#include <algorithm>
#include <mutex>
#include <vector>

namespace pel::observe {
namespace {

struct List {
  std::mutex mutex;
  std::vector<const Progress*> all;
};

List& list() {
  static List* const one = new List;  // outlives every static Progress
  return *one;
}

}  // namespace

void list_progress(const Progress& progress) {
  const std::lock_guard lock(list().mutex);
  list().all.push_back(&progress);
}

void unlist_progress(const Progress& progress) noexcept {
  const std::lock_guard lock(list().mutex);
  std::erase(list().all, &progress);
}

void for_each_progress(const std::function<void(const Progress&)>& f) {
  const std::lock_guard lock(list().mutex);
  for (const Progress* progress : list().all) f(*progress);
}

}  // namespace pel::observe
