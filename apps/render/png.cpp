// SPDX-License-Identifier: Apache-2.0
#include "apps/render/png.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

namespace pel::apps {
namespace {

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  return table;
}();

std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  std::uint32_t c = ~0u;
  for (const std::uint8_t byte : bytes) c = kCrcTable[(c ^ byte) & 0xFF] ^ (c >> 8);
  return ~c;
}

void put_be32(std::vector<std::uint8_t>& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(std::uint8_t(value >> shift));
}

// Bits of a deflate stream, least significant first.
class BitWriter {
 public:
  explicit BitWriter(std::vector<std::uint8_t>& out) : out_(out) {}
  void put(std::uint32_t bits, unsigned count) {
    pending_ |= std::uint64_t{bits} << held_;
    for (held_ += count; held_ >= 8; held_ -= 8, pending_ >>= 8) {
      out_.push_back(std::uint8_t(pending_));
    }
  }
  // A Huffman code: most significant bit first.
  void put_code(std::uint32_t code, unsigned count) {
    std::uint32_t turned = 0;
    for (unsigned i = 0; i < count; ++i) turned |= (code >> i & 1) << (count - 1 - i);
    put(turned, count);
  }
  void flush() {
    if (held_ > 0) put(0, 8 - held_);
  }

 private:
  std::vector<std::uint8_t>& out_;
  std::uint64_t pending_ = 0;
  unsigned held_ = 0;
};

// Code of a literal or length symbol in the fixed tree of RFC 1951, 3.2.6.
void put_symbol(BitWriter& bits, std::uint32_t symbol) {
  if (symbol < 144) {
    bits.put_code(0x30 + symbol, 8);
  } else if (symbol < 256) {
    bits.put_code(0x190 + symbol - 144, 9);
  } else if (symbol < 280) {
    bits.put_code(symbol - 256, 7);
  } else {
    bits.put_code(0xC0 + symbol - 280, 8);
  }
}

// Symbol, extra bits and their count of a length (base 3) or a distance (base 1): both grow by
// doubling, `steps` symbols to a power of two.
struct Graded {
  std::uint32_t symbol, extra;
  unsigned extra_bits;
};
Graded grade(std::uint32_t offset, unsigned log2_steps) {
  unsigned extra_bits = 0;
  const std::uint32_t steps = 1u << log2_steps;
  while (offset >> extra_bits >= 2 * steps) ++extra_bits;
  return {(offset >> extra_bits) + extra_bits * steps, offset & ((1u << extra_bits) - 1),
          extra_bits};
}

void put_match(BitWriter& bits, std::uint32_t length, std::uint32_t distance) {
  if (length == 258) {
    put_symbol(bits, 285);
  } else {
    const Graded graded = grade(length - 3, 2);
    put_symbol(bits, 257 + graded.symbol);
    bits.put(graded.extra, graded.extra_bits);
  }
  const Graded graded = grade(distance - 1, 1);
  bits.put_code(graded.symbol, 5);
  bits.put(graded.extra, graded.extra_bits);
}

// Finds earlier occurrences of the next bytes by chains of equal hashes.
class Matcher {
 public:
  explicit Matcher(std::span<const std::uint8_t> bytes)
      : bytes_(bytes), head_(kHashSize, -1), previous_(bytes.size(), -1) {}

  struct Match {
    std::uint32_t length = 0, distance = 0;
  };

  Match find(std::size_t at) const {
    Match best;
    if (at + kLeast > bytes_.size()) return best;
    const std::size_t most = std::min<std::size_t>(258, bytes_.size() - at);
    std::int64_t from = head_[hash(at)];
    for (int tries = 0; tries < kTries && from >= 0 && at - std::size_t(from) <= kWindow; ++tries) {
      const auto start = std::size_t(from);
      std::size_t length = 0;
      while (length < most && bytes_[start + length] == bytes_[at + length]) ++length;
      if (length > best.length) {
        best = {std::uint32_t(length), std::uint32_t(at - start)};
        if (length == most) break;
      }
      from = previous_[start];
    }
    return best.length >= kLeast ? best : Match{};
  }
  void insert(std::size_t at) {
    if (at + kLeast > bytes_.size()) return;
    const std::size_t slot = hash(at);
    previous_[at] = head_[slot];
    head_[slot] = std::int32_t(at);
  }

 private:
  static constexpr std::size_t kLeast = 4, kWindow = 32768, kHashSize = 1u << 15;
  static constexpr int kTries = 16;

  std::size_t hash(std::size_t at) const {
    const std::uint32_t word = std::uint32_t{bytes_[at]} | std::uint32_t{bytes_[at + 1]} << 8 |
                               std::uint32_t{bytes_[at + 2]} << 16 |
                               std::uint32_t{bytes_[at + 3]} << 24;
    return word * 2654435761u >> 17;
  }

  std::span<const std::uint8_t> bytes_;
  std::vector<std::int32_t> head_, previous_;
};

std::uint32_t adler32(std::span<const std::uint8_t> bytes) {
  std::uint32_t a = 1, b = 0;
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min<std::size_t>(bytes.size(), 5552));
    for (const std::uint8_t byte : part) b += a += byte;
    a %= 65521, b %= 65521;
    bytes = bytes.subspan(part.size());
  }
  return b << 16 | a;
}

std::uint8_t paeth(int left, int up, int corner) {
  const int guess = left + up - corner;
  const int a = std::abs(guess - left), b = std::abs(guess - up), c = std::abs(guess - corner);
  return std::uint8_t(a <= b && a <= c ? left : b <= c ? up : corner);
}

// One row under one of the five filters of PNG, behind the filter's number.
std::vector<std::uint8_t> filtered(std::uint8_t filter, std::span<const std::uint8_t> row,
                                   std::span<const std::uint8_t> above) {
  std::vector<std::uint8_t> out(row.size() + 1, filter);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int left = i >= 3 ? row[i - 3] : 0, up = above.empty() ? 0 : above[i];
    const int corner = i >= 3 && !above.empty() ? above[i - 3] : 0;
    int guess = 0;
    if (filter == 1) guess = left;
    if (filter == 2) guess = up;
    if (filter == 3) guess = (left + up) / 2;
    if (filter == 4) guess = paeth(left, up, corner);
    out[i + 1] = std::uint8_t(row[i] - guess);
  }
  return out;
}

std::vector<std::uint8_t> filtered_rows(const Image& image) {
  std::vector<std::uint8_t> out;
  const std::size_t stride = std::size_t{image.width} * 3;
  out.reserve((stride + 1) * image.height);
  const std::span<const std::uint8_t> pixels(image.pixels);
  for (std::size_t y = 0; y < image.height; ++y) {
    std::vector<std::uint8_t> best;
    std::uint64_t least = ~std::uint64_t{0};
    for (std::uint8_t filter = 0; filter < 5; ++filter) {
      auto row = filtered(
          filter, pixels.subspan(y * stride, stride),
          y > 0 ? pixels.subspan((y - 1) * stride, stride) : std::span<const std::uint8_t>{});
      std::uint64_t sum = 0;
      for (std::size_t i = 1; i < row.size(); ++i) {
        sum += std::uint64_t(std::abs(int(std::int8_t(row[i]))));
      }
      if (sum < least) least = sum, best = std::move(row);
    }
    out.insert(out.end(), best.begin(), best.end());
  }
  return out;
}

void put_chunk(std::vector<std::uint8_t>& out, const char* kind,
               std::span<const std::uint8_t> body) {
  put_be32(out, std::uint32_t(body.size()));
  const std::size_t begin = out.size();
  out.insert(out.end(), kind, kind + 4);
  out.insert(out.end(), body.begin(), body.end());
  put_be32(out, crc32(std::span(out).subspan(begin)));
}

}  // namespace

std::vector<std::uint8_t> deflate_fixed(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint8_t> out{0x78, 0x5E};
  BitWriter bits(out);
  bits.put(1, 1);  // the last block
  bits.put(1, 2);  // fixed codes
  Matcher matcher(bytes);
  for (std::size_t at = 0; at < bytes.size();) {
    const Matcher::Match match = matcher.find(at);
    if (match.length == 0) {
      put_symbol(bits, bytes[at]);
      matcher.insert(at++);
      continue;
    }
    put_match(bits, match.length, match.distance);
    for (const std::size_t end = at + match.length; at < end; ++at) matcher.insert(at);
  }
  put_symbol(bits, 256);
  bits.flush();
  put_be32(out, adler32(bytes));
  return out;
}

std::vector<std::uint8_t> encode_png(const Image& image) {
  std::vector<std::uint8_t> out{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  std::vector<std::uint8_t> header;
  put_be32(header, image.width);
  put_be32(header, image.height);
  header.insert(header.end(), {8, 2, 0, 0, 0});  // eight bits, red green blue, not interlaced
  put_chunk(out, "IHDR", header);
  const std::array<std::uint8_t, 1> intent{0};
  put_chunk(out, "sRGB", intent);
  put_chunk(out, "IDAT", deflate_fixed(filtered_rows(image)));
  put_chunk(out, "IEND", {});
  return out;
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  constexpr const char* kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) word = word << 8 | (k < left ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= left ? kDigits[word >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

}  // namespace pel::apps
