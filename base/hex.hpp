// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pel::base {

// Lower-case hexadecimal, two digits a byte, no prefix.
std::string to_hex(std::span<const std::uint8_t> bytes);

// Reads an even number of hexadecimal digits, with or without "0x"; nothing if a character is off.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

// The value of one hexadecimal digit, or -1.
constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace pel::base
