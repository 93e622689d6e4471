// SPDX-License-Identifier: Apache-2.0
// Measured dependencies, and the schedules computed from them.
#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/speculation/helpers.hpp"

namespace pel::testing {
namespace {

using List = std::vector<std::uint32_t>;

List of(const SpeculationRecord& record, std::size_t i) {
  return List(record.dependencies.begin() + static_cast<std::ptrdiff_t>(record.first[i]),
              record.dependencies.begin() + static_cast<std::ptrdiff_t>(record.first[i + 1]));
}

void check_dependencies(int workers) {
  SpeculationOptions options = parallel();
  options.record = true;
  with_workers(workers, [&] {
    Bank bank(options);
    bank.run(8, zero, [](std::size_t i, auto& view) {
      switch (i) {
        case 0:
          view.write(1, 5);
          break;
        case 1:
          view.write(1, 5);  // changes nothing
          break;
        case 2:
        case 3:
          view.add(1, 2);
          break;
        case 4:
          view.read(1);  // 9 = 5 + 2 + 2
          break;
        case 5:
          view.at_least(1, 7);  // true since attempt 2
          break;
        case 6:
          view.at_least(2, 1);  // false from the beginning
          break;
        default:
          view.write(2, view.read(2));
      }
    });
    const SpeculationRecord& record = bank.record();
    ASSERT_EQ(record.ns.size(), 8u);
    for (const std::size_t i : {0, 1, 2, 3, 6, 7}) EXPECT_EQ(of(record, i), List{}) << i;
    EXPECT_EQ(of(record, 4), (List{0, 2, 3}));
    EXPECT_EQ(of(record, 5), (List{2}));
    for (const double ns : record.ns) EXPECT_GT(ns, 0);
  });
}

TEST(Record, OnlyChangesThatShowAreDependencies) {
  check_dependencies(0);
  check_dependencies(3);
}

SpeculationRecord diamond() {
  SpeculationRecord record;
  record.ns = {10, 20, 30, 5, 100};
  record.dependencies = {0, 0, 1, 2};
  record.first = {0, 0, 1, 2, 4, 4};  // 1 and 2 after 0; 3 after 1 and 2; 4 free
  return record;
}

TEST(Record, CriticalPath) {
  EXPECT_DOUBLE_EQ(diamond().total_ns(), 165);
  EXPECT_DOUBLE_EQ(diamond().critical_path_ns(), 100);
  SpeculationRecord chain = diamond();
  chain.ns[4] = 1;
  EXPECT_DOUBLE_EQ(chain.critical_path_ns(), 45);
}

TEST(Record, ListScheduleInIndexOrder) {
  EXPECT_DOUBLE_EQ(diamond().list_schedule_ns(1), 165);
  // 0 with 4; then 1, 2 and 3 beside 4.
  EXPECT_DOUBLE_EQ(diamond().list_schedule_ns(2), 100);
  EXPECT_DOUBLE_EQ(diamond().list_schedule_ns(8), 100);
  EXPECT_DOUBLE_EQ(SpeculationRecord().list_schedule_ns(2), 0);
}

}  // namespace
}  // namespace pel::testing
