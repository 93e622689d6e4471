// SPDX-License-Identifier: Apache-2.0
#pragma once

// A thin reader of JSON whose errors name place and field. A library of its own, pel_json: only who
// links that needs simdjson, and nobody includes it. Never included by a public header.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pel::base {

class JsonDocument;

// One JSON value and where it stands. Copies are cheap; it refers to the JsonDocument it came from.
class Json {
 public:
  [[noreturn]] void fail(const std::string& reason) const;

  bool is_null() const;
  bool is_string() const;
  bool is_object() const;
  bool is_array() const;
  bool is_number() const;
  bool is_bool() const;
  std::string_view field() const { return field_; }

  // The member `key`, which must be there.
  Json operator[](std::string_view key) const;

  // The member `key`; nothing if it is absent or null.
  std::optional<Json> find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key).has_value(); }

  std::string_view text() const;
  bool boolean() const;

  // A JSON number, a "0x" quantity (leading zeros allowed) or decimal digits in a string.
  std::uint64_t u64() const;

  std::vector<std::uint8_t> bytes() const;

  // Exactly N bytes.
  template <std::size_t N>
  std::array<std::uint8_t, N> fixed() const {
    std::array<std::uint8_t, N> out{};
    read_fixed(out);
    return out;
  }

  // A hexadecimal number of at most N bytes, big-endian, padded on the left.
  template <std::size_t N>
  std::array<std::uint8_t, N> padded() const {
    return parse_padded<N>(text());
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> parse_padded(std::string_view digits) const {
    std::array<std::uint8_t, N> out{};
    read_padded(digits, out);
    return out;
  }

  // Calls f(Json) for every element of the array.
  template <class F>
  void each(F&& f) const {
    visit_elements([](void* to, std::string_view, Json item) { (*static_cast<F*>(to))(item); },
                   const_cast<void*>(static_cast<const void*>(&f)));
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
    visit_members(
        [](void* to, std::string_view key, Json item) { (*static_cast<F*>(to))(key, item); },
        const_cast<void*>(static_cast<const void*>(&f)));
  }

  std::vector<Json> items() const;

  // The value as JSON text.
  std::string dump() const;

  // The same value, with errors that name another place.
  Json at(const std::string& place) const { return Json(value_, field_, &place); }
  const std::string& place() const { return *place_; }

 private:
  friend class JsonDocument;

  // simdjson's handle of a value, without its header.
  struct Element {
    const void* document;
    std::size_t index;
  };
  using Visit = void (*)(void* to, std::string_view key, Json item);

  Json(Element value, std::string_view field, const std::string* place)
      : value_(value), field_(field), place_(place) {}

  void visit_elements(Visit visit, void* to) const;
  void visit_members(Visit visit, void* to) const;
  void read_fixed(std::span<std::uint8_t> out) const;
  void read_padded(std::string_view digits, std::span<std::uint8_t> out) const;

  Element value_;
  std::string_view field_;
  const std::string* place_;
};

// A parsed text, which it keeps alive together with the place that errors name.
class JsonDocument {
 public:
  JsonDocument(std::string_view text, std::string place);
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;
  ~JsonDocument();

  Json root() const;

 private:
  struct Parsed;
  std::string place_;
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace pel::base
