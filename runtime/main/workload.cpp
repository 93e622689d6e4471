// SPDX-License-Identifier: Apache-2.0
#include "pel/workload.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "pel/detail/base/check.hpp"

namespace pel {
namespace {

// A function's static: registrations run before this file's own statics may be initialised.
std::vector<WorkloadInfo>& registry() {
  static std::vector<WorkloadInfo> all;
  return all;
}

bool is_workload_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

std::string Workload::html(const WorkloadResult& result) const {
  return "<p>" + base::escape_html(result.summary) + "</p>";
}

bool register_workload(WorkloadInfo info) {
  PEL_CHECK(is_workload_name(info.name));
  PEL_CHECK(info.make != nullptr);
  auto& all = registry();
  const auto place = std::lower_bound(
      all.begin(), all.end(), info.name,
      [](const WorkloadInfo& a, const std::string& name) { return a.name < name; });
  PEL_CHECK(place == all.end() || place->name != info.name);
  all.insert(place, std::move(info));
  return true;
}

const std::vector<WorkloadInfo>& workloads() { return registry(); }

}  // namespace pel
