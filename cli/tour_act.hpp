// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/tour.hpp"
#include "pel/main.hpp"

namespace pel::cli {

// An act of the tour after the first: a module of the program adds it by register_tour_act().
struct TourAct {
  using Show = std::function<void(TourRow&&)>;

  int number = 0;
  std::string title;
  std::string words;  // for the page: what its rows are
  // Shows its rows, each as soon as it is known.
  std::function<void(Run& run, bool full, const Show& show)> play;
};

// Returns true, so that a constant can be initialised with it.
bool register_tour_act(TourAct act);
// In their order.
const std::vector<TourAct>& tour_acts();

}  // namespace pel::cli
