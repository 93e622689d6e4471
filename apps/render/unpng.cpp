// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "apps/render/check.hpp"
#include "pel/error.hpp"

namespace pel::apps {
namespace {

[[noreturn]] void fail(const char* reason) { throw Error("PNG", reason); }

using Bytes = std::span<const std::uint8_t>;

std::uint32_t big_endian(Bytes bytes) {
  if (bytes.size() < 4) fail("cut short");
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

std::uint32_t checksum(Bytes bytes) {
  std::uint32_t c = ~0u;
  for (const std::uint8_t byte : bytes) {
    c ^= byte;
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ ((c & 1) != 0 ? 0xEDB88320u : 0u);
  }
  return ~c;
}

// RFC 1951, decoded bit by bit.
class Inflater {
 public:
  explicit Inflater(Bytes bytes) : bytes_(bytes) {}

  std::vector<std::uint8_t> run() {
    bool last = false;
    while (!last) {
      last = bits(1) != 0;
      switch (bits(2)) {
        case 0:
          stored();
          break;
        case 1:
          fixed();
          break;
        case 2:
          dynamic();
          break;
        default:
          fail("bad deflate block");
      }
    }
    return std::move(out_);
  }
  // Bytes read, the last one in part.
  std::size_t used() const { return (at_ + 7) / 8; }

 private:
  // Codes by length: how many there are, and their symbols in order.
  struct Tree {
    std::array<std::uint32_t, 16> count{};
    std::vector<std::uint32_t> symbols;

    explicit Tree(std::span<const std::uint8_t> lengths) {
      for (std::uint32_t length = 1; length < 16; ++length) {
        for (std::uint32_t symbol = 0; symbol < lengths.size(); ++symbol) {
          if (lengths[symbol] != length) continue;
          ++count[length];
          symbols.push_back(symbol);
        }
      }
    }
  };

  std::uint32_t bits(unsigned count) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < count; ++i, ++at_) {
      if (at_ / 8 >= bytes_.size()) fail("deflate stream is cut short");
      value |= (std::uint32_t{bytes_[at_ / 8]} >> (at_ % 8) & 1) << i;
    }
    return value;
  }

  std::uint32_t symbol(const Tree& tree) {
    std::uint32_t code = 0, first = 0, index = 0;
    for (std::size_t length = 1; length < 16; ++length) {
      code |= bits(1);
      if (code - first < tree.count[length]) return tree.symbols[index + code - first];
      index += tree.count[length];
      first = (first + tree.count[length]) << 1;
      code <<= 1;
    }
    fail("bad deflate code");
  }

  void stored() {
    at_ = (at_ + 7) / 8 * 8;
    const std::uint32_t length = bits(16);
    if ((bits(16) ^ length) != 0xFFFF) fail("bad stored block");
    for (std::uint32_t i = 0; i < length; ++i) out_.push_back(std::uint8_t(bits(8)));
  }

  void fixed() {
    std::array<std::uint8_t, 288> lengths;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    }
    std::array<std::uint8_t, 30> distances;
    distances.fill(5);
    block(Tree(lengths), Tree(distances));
  }

  void dynamic() {
    const std::uint32_t literals = bits(5) + 257, distances = bits(5) + 1, codes = bits(4) + 4;
    constexpr std::array<std::uint8_t, 19> kOrder{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                  11, 4,  12, 3, 13, 2, 14, 1, 15};
    std::array<std::uint8_t, 19> code_lengths{};
    for (std::uint32_t i = 0; i < codes; ++i) code_lengths[kOrder[i]] = std::uint8_t(bits(3));
    const Tree code_tree(code_lengths);
    std::vector<std::uint8_t> lengths;
    while (lengths.size() < literals + distances) {
      const std::uint32_t s = symbol(code_tree);
      if (s < 16) {
        lengths.push_back(std::uint8_t(s));
        continue;
      }
      if (s == 16 && lengths.empty()) fail("bad code lengths");
      const std::uint8_t value = s == 16 ? lengths.back() : std::uint8_t{0};
      const std::uint32_t times = s == 16 ? 3 + bits(2) : s == 17 ? 3 + bits(3) : 11 + bits(7);
      lengths.insert(lengths.end(), times, value);
    }
    const std::span<const std::uint8_t> all(lengths);
    block(Tree(all.first(literals)), Tree(all.subspan(literals, distances)));
  }

  void block(const Tree& literals, const Tree& distances) {
    constexpr std::array<std::uint16_t, 29> kLength{3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                    15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                    67, 83, 99, 115, 131, 163, 195, 227, 258};
    constexpr std::array<std::uint16_t, 30> kDistance{
        1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
        193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    for (;;) {
      const std::uint32_t s = symbol(literals);
      if (s == 256) return;
      if (s < 256) {
        out_.push_back(std::uint8_t(s));
        continue;
      }
      if (s > 285) fail("bad length code");
      const std::uint32_t l = s - 257;
      const std::uint32_t length = kLength[l] + (l < 8 || l == 28 ? 0 : bits((l - 4) / 4));
      const std::uint32_t d = symbol(distances);
      if (d >= kDistance.size()) fail("bad distance code");
      const std::uint32_t distance = kDistance[d] + (d < 4 ? 0 : bits((d - 2) / 2));
      if (distance > out_.size()) fail("a distance before the start");
      for (std::uint32_t i = 0; i < length; ++i) out_.push_back(out_[out_.size() - distance]);
    }
  }

  Bytes bytes_;
  std::size_t at_ = 0;  // in bits
  std::vector<std::uint8_t> out_;
};

std::vector<std::uint8_t> inflate_zlib(Bytes bytes) {
  if (bytes.size() < 6 || (bytes[0] & 15) != 8 || (bytes[0] * 256 + bytes[1]) % 31 != 0) {
    fail("not a zlib stream");
  }
  Inflater inflater(bytes.subspan(2));
  auto out = inflater.run();
  std::uint32_t a = 1, b = 0;
  for (const std::uint8_t byte : out) a = (a + byte) % 65521, b = (b + a) % 65521;
  if (big_endian(bytes.subspan(2 + inflater.used())) != (b << 16 | a)) fail("bad checksum of data");
  return out;
}

// Undoes the filter of each row.
Image unfilter(std::uint32_t width, std::uint32_t height, const std::vector<std::uint8_t>& rows) {
  const std::size_t stride = std::size_t{width} * 3;
  if (rows.size() != (stride + 1) * height) fail("another number of pixels");
  Image image{width, height, std::vector<std::uint8_t>(stride * height)};
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < stride; ++x) {
      const auto at = [&](std::size_t row, std::size_t column) -> int {
        return image.pixels[row * stride + column];
      };
      const int left = x >= 3 ? at(y, x - 3) : 0, up = y > 0 ? at(y - 1, x) : 0;
      const int corner = x >= 3 && y > 0 ? at(y - 1, x - 3) : 0;
      const int pa = std::abs(up - corner), pb = std::abs(left - corner);
      const int pc = std::abs(left + up - 2 * corner);
      const std::array<int, 5> guesses{0, left, up, (left + up) / 2,
                                       pa <= pb && pa <= pc ? left
                                       : pb <= pc           ? up
                                                            : corner};
      const std::uint8_t filter = rows[y * (stride + 1)];
      if (filter > 4) fail("bad filter");
      image.pixels[y * stride + x] = std::uint8_t(rows[y * (stride + 1) + 1 + x] + guesses[filter]);
    }
  }
  return image;
}

}  // namespace

Image decode_png(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 8> kSignature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  if (bytes.size() < 8 || !std::equal(kSignature.begin(), kSignature.end(), bytes.begin())) {
    fail("not a PNG");
  }
  bytes = bytes.subspan(8);
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> data;
  for (bool end = false; !end;) {
    const std::uint32_t length = big_endian(bytes);
    if (bytes.size() < 12 || bytes.size() - 12 < length) fail("cut short");
    const std::string kind(bytes.begin() + 4, bytes.begin() + 8);
    const Bytes body = bytes.subspan(8, length);
    if (big_endian(bytes.subspan(8 + length)) != checksum(bytes.subspan(4, length + 4))) {
      fail("bad checksum of a chunk");
    }
    if (kind == "IHDR") {
      if (length != 13 || body[8] != 8 || body[9] != 2 || body[12] != 0) fail("not plain RGB");
      width = big_endian(body);
      height = big_endian(body.subspan(4));
    }
    if (kind == "IDAT") data.insert(data.end(), body.begin(), body.end());
    end = kind == "IEND";
    bytes = bytes.subspan(12 + length);
  }
  return unfilter(width, height, inflate_zlib(data));
}

}  // namespace pel::apps
