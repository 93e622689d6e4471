// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pel::base {

// Text for HTML: & < > " and ' become entities.
std::string escape_html(std::string_view text);

// Text as the inside of a JSON string: quotes, backslashes and control characters escaped. Bytes
// that are not UTF-8 become U+FFFD, so that the result is always valid JSON.
std::string escape_json(std::string_view text);

// The candidate that `word` was most likely meant to be: fewest edits, and at most a third of the
// longer word; nothing if none is that near.
std::optional<std::string> nearest_word(std::string_view word,
                                        std::span<const std::string> candidates);

// A whole number in decimal digits and nothing else; nothing if it does not fit.
std::optional<std::uint64_t> parse_u64(std::string_view text);

// A finite number in plain or scientific notation and nothing else.
std::optional<double> parse_double(std::string_view text);

}  // namespace pel::base
