// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "pel/main.hpp"

namespace pel {

Row& Row::append(std::string_view key, std::string_view json) {
  if (!body_.empty()) body_ += ", ";
  body_ += '"';
  body_ += base::escape_json(key);
  body_ += "\": ";
  body_ += json;
  return *this;
}

Row& Row::text(std::string_view key, std::string_view value) {
  return append(key, '"' + base::escape_json(value) + '"');
}

Row& Row::boolean(std::string_view key, bool value) {
  return append(key, value ? "true" : "false");
}

Row& Row::number(std::string_view key, double value) {
  if (!std::isfinite(value)) return null(key);
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  static_cast<void>(error);  // 32 characters hold every double
  return append(key, {digits, end});
}

Row& Row::null(std::string_view key) { return append(key, "null"); }

Row& Row::raw(std::string_view key, std::string_view json) { return append(key, json); }

std::string Row::json() const { return "{" + body_ + "}"; }

}  // namespace pel
