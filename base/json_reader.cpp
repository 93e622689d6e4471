// SPDX-License-Identifier: Apache-2.0
#include "base/json_reader.hpp"

#include <simdjson.h>

#include <bit>
#include <utility>

#include "base/hex.hpp"
#include "pel/error.hpp"

namespace pel::base {
namespace {

using simdjson::SUCCESS;
using Value = simdjson::dom::element;

template <class Element>
Value value_of(const Element& element) {
  static_assert(sizeof(Element) == sizeof(Value));
  return std::bit_cast<Value>(element);
}

std::string quoted(std::string_view text) {
  std::string quoted(1, '"');
  quoted += text.substr(0, 80);
  return quoted += text.size() > 80 ? "...\"" : "\"";
}

bool has_hex_prefix(std::string_view digits) {
  return digits.starts_with("0x") || digits.starts_with("0X");
}

}  // namespace

void Json::fail(const std::string& reason) const {
  throw Error(*place_, "field \"" + std::string(field_) + "\": " + reason);
}

bool Json::is_null() const { return value_of(value_).is_null(); }
bool Json::is_string() const { return value_of(value_).is_string(); }
bool Json::is_object() const { return value_of(value_).is_object(); }
bool Json::is_array() const { return value_of(value_).is_array(); }
bool Json::is_number() const { return value_of(value_).is_number(); }
bool Json::is_bool() const { return value_of(value_).is_bool(); }

Json Json::operator[](std::string_view key) const {
  if (auto found = find(key)) return *found;
  throw Error(*place_, "field \"" + std::string(field_) + "\" has no \"" + std::string(key) + "\"");
}

std::optional<Json> Json::find(std::string_view key) const {
  simdjson::dom::object object;
  if (value_of(value_).get(object) != SUCCESS) fail("expected an object");
  Value element;
  if (object.at_key(key).get(element) != SUCCESS || element.is_null()) return {};
  return Json(std::bit_cast<Element>(element), key, place_);
}

std::string_view Json::text() const {
  std::string_view text;
  if (value_of(value_).get(text) != SUCCESS) fail("expected a string");
  return text;
}

bool Json::boolean() const {
  bool flag = false;
  if (value_of(value_).get(flag) != SUCCESS) fail("expected true or false");
  return flag;
}

std::uint64_t Json::u64() const {
  std::uint64_t number = 0;
  if (value_of(value_).get(number) == SUCCESS) return number;
  if (!is_string()) fail("expected a number");
  const std::string_view digits = text();
  const bool hex = has_hex_prefix(digits);
  for (const char c : digits.substr(hex ? 2 : 0)) {
    const int digit = hex_digit(c);
    const unsigned radix = hex ? 16 : 10;
    if (digit < 0 || static_cast<unsigned>(digit) >= radix) fail("not a number: " + quoted(digits));
    if (__builtin_mul_overflow(number, std::uint64_t{radix}, &number) ||
        __builtin_add_overflow(number, static_cast<std::uint64_t>(digit), &number))
      fail("does not fit into 64 bits: " + quoted(digits));
  }
  if (digits.size() == (hex ? 2U : 0U)) fail("an empty number");
  return number;
}

std::vector<std::uint8_t> Json::bytes() const {
  auto bytes = from_hex(text());
  if (!bytes) fail("not hexadecimal bytes: " + quoted(text()));
  return *std::move(bytes);
}

void Json::read_fixed(std::span<std::uint8_t> out) const {
  std::string_view digits = text();
  if (has_hex_prefix(digits)) digits.remove_prefix(2);
  if (digits.size() != 2 * out.size())
    fail("expected " + std::to_string(out.size()) + " bytes: " + quoted(text()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_digit(digits[2 * i]);
    const int low = hex_digit(digits[2 * i + 1]);
    if (high < 0 || low < 0) fail("not hexadecimal: " + quoted(digits));
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
}

void Json::read_padded(std::string_view digits, std::span<std::uint8_t> out) const {
  if (has_hex_prefix(digits)) digits.remove_prefix(2);
  while (digits.size() > 2 * out.size() && digits.front() == '0') digits.remove_prefix(1);
  if (digits.size() > 2 * out.size())
    fail("does not fit into " + std::to_string(8 * out.size()) + " bits: " + quoted(digits));
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int digit = hex_digit(digits[digits.size() - 1 - i]);
    if (digit < 0) fail("not hexadecimal: " + quoted(digits));
    std::uint8_t& byte = out[out.size() - 1 - i / 2];
    byte = static_cast<std::uint8_t>(byte | digit << (i % 2 ? 4 : 0));
  }
}

void Json::visit_elements(Visit visit, void* to) const {
  simdjson::dom::array array;
  if (value_of(value_).get(array) != SUCCESS) fail("expected an array");
  for (const Value element : array)
    visit(to, {}, Json(std::bit_cast<Element>(element), field_, place_));
}

void Json::visit_members(Visit visit, void* to) const {
  simdjson::dom::object object;
  if (value_of(value_).get(object) != SUCCESS) fail("expected an object");
  for (const auto [key, element] : object)
    visit(to, key, Json(std::bit_cast<Element>(element), key, place_));
}

std::vector<Json> Json::items() const {
  std::vector<Json> items;
  each([&](Json item) { items.push_back(item); });
  return items;
}

std::string Json::dump() const { return simdjson::minify(value_of(value_)); }

struct JsonDocument::Parsed {
  simdjson::dom::parser parser;
  Value root;
};

JsonDocument::JsonDocument(std::string_view text, std::string place)
    : place_(std::move(place)), parsed_(std::make_unique<Parsed>()) {
  if (const auto error = parsed_->parser.parse(text.data(), text.size()).get(parsed_->root))
    throw Error(place_, std::string("not JSON: ") + simdjson::error_message(error));
}
JsonDocument::~JsonDocument() = default;

Json JsonDocument::root() const {
  return Json(std::bit_cast<Json::Element>(parsed_->root), "(root)", &place_);
}

}  // namespace pel::base
