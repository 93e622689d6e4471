// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "pel/ledger/types.hpp"

namespace pel::ledger {

// A path in a trie: one nibble (0 to 15) a character. Short ones live inside the string object.
using Nibbles = std::string;

inline Nibbles to_nibbles(BytesView key) {
  Nibbles nibbles(2 * key.size(), '\0');
  for (std::size_t i = 0; i < key.size(); ++i) {
    nibbles[2 * i] = static_cast<char>(key[i] >> 4);
    nibbles[2 * i + 1] = static_cast<char>(key[i] & 15);
  }
  return nibbles;
}

inline std::size_t common_prefix(std::string_view a, std::string_view b) {
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(x - a.begin());
}

// Hex-prefix encoding (Yellow Paper, appendix C): a flag nibble holds parity and the kind of node.
inline Bytes hex_prefix(std::string_view path, bool leaf) {
  Bytes out;
  out.reserve(path.size() / 2 + 1);
  const bool odd = path.size() % 2 == 1;
  out.push_back(static_cast<std::uint8_t>((leaf ? 0x20 : 0) | (odd ? 0x10 | path[0] : 0)));
  for (std::size_t i = odd ? 1 : 0; i < path.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(path[i] << 4 | path[i + 1]));
  return out;
}

// The inverse; false for an invalid flag or an empty encoding.
inline bool from_hex_prefix(BytesView encoded, Nibbles& path, bool& leaf) {
  if (encoded.empty() || encoded[0] >= 0x40) return false;
  leaf = (encoded[0] & 0x20) != 0;
  const bool odd = (encoded[0] & 0x10) != 0;
  if (!odd && (encoded[0] & 15) != 0) return false;
  path = to_nibbles(encoded);
  path.erase(0, odd ? 1 : 2);
  return true;
}

}  // namespace pel::ledger
