// SPDX-License-Identifier: Apache-2.0
#pragma once

// A thin reader over simdjson whose errors name place and field. Header-only, so that only who
// includes it links simdjson; never included by a public header.

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hex.hpp"
#include "pel/error.hpp"

namespace pel::base {

// One JSON value and where it stands. Copies are cheap; it refers to the JsonDocument it came from.
class Json {
 public:
  Json(simdjson::dom::element value, std::string_view field, const std::string* place)
      : value_(value), field_(field), place_(place) {}

  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(*place_, "field \"" + std::string(field_) + "\": " + reason);
  }

  bool is_null() const { return value_.is_null(); }
  bool is_string() const { return value_.is_string(); }
  bool is_object() const { return value_.is_object(); }
  bool is_array() const { return value_.is_array(); }
  bool is_number() const { return value_.is_number(); }
  bool is_bool() const { return value_.is_bool(); }
  std::string_view field() const { return field_; }

  // The member `key`, which must be there.
  Json operator[](std::string_view key) const {
    if (auto found = find(key)) return *found;
    throw Error(*place_,
                "field \"" + std::string(field_) + "\" has no \"" + std::string(key) + "\"");
  }

  // The member `key`; nothing if it is absent or null.
  std::optional<Json> find(std::string_view key) const {
    simdjson::dom::object object;
    if (value_.get(object) != simdjson::SUCCESS) fail("expected an object");
    simdjson::dom::element element;
    if (object.at_key(key).get(element) != simdjson::SUCCESS || element.is_null()) return {};
    return Json(element, key, place_);
  }

  bool has(std::string_view key) const { return find(key).has_value(); }

  std::string_view text() const {
    std::string_view text;
    if (value_.get(text) != simdjson::SUCCESS) fail("expected a string");
    return text;
  }

  bool boolean() const {
    bool flag = false;
    if (value_.get(flag) != simdjson::SUCCESS) fail("expected true or false");
    return flag;
  }

  // A JSON number, a "0x" quantity (leading zeros allowed) or decimal digits in a string.
  std::uint64_t u64() const {
    std::uint64_t number = 0;
    if (value_.get(number) == simdjson::SUCCESS) return number;
    if (!value_.is_string()) fail("expected a number");
    const std::string_view digits = text();
    const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
    for (const char c : digits.substr(hex ? 2 : 0)) {
      const int digit = hex_digit(c);
      const unsigned radix = hex ? 16 : 10;
      if (digit < 0 || static_cast<unsigned>(digit) >= radix)
        fail("not a number: " + quoted(digits));
      if (__builtin_mul_overflow(number, std::uint64_t{radix}, &number) ||
          __builtin_add_overflow(number, static_cast<std::uint64_t>(digit), &number))
        fail("does not fit into 64 bits: " + quoted(digits));
    }
    if (digits.size() == (hex ? 2U : 0U)) fail("an empty number");
    return number;
  }

  std::vector<std::uint8_t> bytes() const {
    auto bytes = from_hex(text());
    if (!bytes) fail("not hexadecimal bytes: " + quoted(text()));
    return *std::move(bytes);
  }

  // Exactly N bytes.
  template <std::size_t N>
  std::array<std::uint8_t, N> fixed() const {
    std::array<std::uint8_t, N> out{};
    const std::string_view digits = strip();
    if (digits.size() != 2 * N) fail("expected " + std::to_string(N) + " bytes: " + quoted(text()));
    put(digits, out);
    return out;
  }

  // A hexadecimal number of at most N bytes, big-endian, padded on the left.
  template <std::size_t N>
  std::array<std::uint8_t, N> padded() const {
    return parse_padded<N>(text());
  }

  template <std::size_t N>
  std::array<std::uint8_t, N> parse_padded(std::string_view digits) const {
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
    while (digits.size() > 2 * N && digits.front() == '0') digits.remove_prefix(1);
    if (digits.size() > 2 * N)
      fail("does not fit into " + std::to_string(8 * N) + " bits: " + quoted(digits));
    std::array<std::uint8_t, N> out{};
    for (std::size_t i = 0; i < digits.size(); ++i) {
      const int digit = hex_digit(digits[digits.size() - 1 - i]);
      if (digit < 0) fail("not hexadecimal: " + quoted(digits));
      out[N - 1 - i / 2] = static_cast<std::uint8_t>(out[N - 1 - i / 2] | digit << (i % 2 ? 4 : 0));
    }
    return out;
  }

  // Calls f(Json) for every element of the array.
  template <class F>
  void each(F&& f) const {
    simdjson::dom::array array;
    if (value_.get(array) != simdjson::SUCCESS) fail("expected an array");
    for (const simdjson::dom::element element : array) f(Json(element, field_, place_));
  }

  // The same where errors inside an element name "PLACE: WHAT INDEX".
  template <class F>
  void each(std::string_view what, F&& f) const {
    const std::string prefix = *place_ + ": " + std::string(what) + " ";
    std::size_t index = 0;
    each([&](const Json& item) {
      const std::string place = prefix + std::to_string(index++);
      f(item.at(place));
    });
  }

  // Calls f(key, Json) for every member of the object, in file order.
  template <class F>
  void members(F&& f) const {
    simdjson::dom::object object;
    if (value_.get(object) != simdjson::SUCCESS) fail("expected an object");
    for (const auto [key, element] : object) f(key, Json(element, key, place_));
  }

  std::vector<Json> items() const {
    std::vector<Json> items;
    each([&](Json item) { items.push_back(item); });
    return items;
  }

  // The value as JSON text.
  std::string dump() const { return simdjson::minify(value_); }

  // The same value, with errors that name another place.
  Json at(const std::string& place) const { return Json(value_, field_, &place); }
  const std::string& place() const { return *place_; }

 private:
  static std::string quoted(std::string_view text) {
    std::string quoted(1, '"');
    quoted += text.substr(0, 80);
    return quoted += text.size() > 80 ? "...\"" : "\"";
  }
  std::string_view strip() const {
    std::string_view digits = text();
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.remove_prefix(2);
    return digits;
  }
  void put(std::string_view digits, std::span<std::uint8_t> out) const {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const int high = hex_digit(digits[2 * i]);
      const int low = hex_digit(digits[2 * i + 1]);
      if (high < 0 || low < 0) fail("not hexadecimal: " + quoted(digits));
      out[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
  }

  simdjson::dom::element value_;
  std::string_view field_;
  const std::string* place_;
};

// A parsed text, which it keeps alive together with the place that errors name.
class JsonDocument {
 public:
  JsonDocument(std::string_view text, std::string place) : place_(std::move(place)) {
    if (const auto error = parser_.parse(text.data(), text.size()).get(root_))
      throw Error(place_, std::string("not JSON: ") + simdjson::error_message(error));
  }
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  Json root() const { return Json(root_, "(root)", &place_); }

 private:
  std::string place_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

}  // namespace pel::base
