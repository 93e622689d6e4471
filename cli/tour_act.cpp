// SPDX-License-Identifier: Apache-2.0
#include "cli/tour_act.hpp"

#include <algorithm>

namespace pel::cli {
namespace {

std::vector<TourAct>& acts() {
  static std::vector<TourAct> all;
  return all;
}

}  // namespace

bool register_tour_act(TourAct act) {
  const auto after = std::find_if(acts().begin(), acts().end(),
                                  [&](const TourAct& a) { return a.number > act.number; });
  acts().insert(after, std::move(act));
  return true;
}

const std::vector<TourAct>& tour_acts() { return acts(); }

std::string number_word(int number) {
  constexpr const char* kWords[] = {"zero", "one", "two", "three"};
  return number >= 0 && number <= 3 ? kWords[number] : std::to_string(number);
}

}  // namespace pel::cli
