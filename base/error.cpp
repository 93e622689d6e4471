// SPDX-License-Identifier: Apache-2.0
#include "pel/error.hpp"

#include <utility>

namespace pel {
namespace {

std::string join(const std::string& place, const std::string& reason, const std::string& advice) {
  std::string text = place.empty() ? reason : place + ": " + reason;
  if (!advice.empty()) text += " (" + advice + ")";
  return text;
}

}  // namespace

Error::Error(std::string place, std::string reason, std::string advice)
    : std::runtime_error(join(place, reason, advice)),
      place_(std::move(place)),
      reason_(std::move(reason)),
      advice_(std::move(advice)) {}

}  // namespace pel
