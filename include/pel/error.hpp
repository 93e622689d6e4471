// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

#include "pel/detail/base/strict_math.hpp"

namespace pel {

// What the library throws for misuse and for bad input. what() reads "place: reason" or
// "place: reason (advice)": one line that names where the input came from, what is wrong with it
// and, where that is known, what to do.
class Error : public std::runtime_error {
 public:
  Error(std::string place, std::string reason, std::string advice = {});

  const std::string& place() const noexcept { return place_; }
  const std::string& reason() const noexcept { return reason_; }
  const std::string& advice() const noexcept { return advice_; }

 private:
  std::string place_;
  std::string reason_;
  std::string advice_;
};

}  // namespace pel
