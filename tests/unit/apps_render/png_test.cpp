// SPDX-License-Identifier: Apache-2.0
#include "apps/render/png.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "apps/render/check.hpp"
#include "pel/error.hpp"
#include "pel/random.hpp"

namespace pel::apps {
namespace {

// Noise where `smooth` is 0, else a ramp with steps of that many pixels.
Image image_of(std::uint32_t width, std::uint32_t height, std::uint32_t smooth) {
  Image image{width, height, {}};
  for (std::uint32_t i = 0; i < width * height * 3; ++i) {
    image.pixels.push_back(std::uint8_t(smooth == 0 ? Philox(1).bits(i) : i / 3 / smooth));
  }
  return image;
}

TEST(Png, ReadsBackToTheSamePixels) {
  for (const std::uint32_t width : {1, 2, 3, 17, 300}) {
    for (const std::uint32_t smooth : {0, 1, 5, 100000}) {
      const Image image = image_of(width, 41, smooth);
      const Image back = decode_png(encode_png(image));
      EXPECT_EQ(back.width, width);
      EXPECT_EQ(back.pixels, image.pixels) << width << " " << smooth;
    }
  }
}

TEST(Png, SmoothPicturesShrink) {
  EXPECT_LT(encode_png(image_of(300, 200, 7)).size(), 300u * 200 * 3 / 20);
  EXPECT_LT(encode_png(image_of(300, 200, 0)).size(), 300u * 200 * 3 * 11 / 10);
}

TEST(Png, AFlippedBitIsFound) {
  const auto bytes = encode_png(image_of(30, 20, 2));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto wrong = bytes;
    wrong[i] ^= 4;
    EXPECT_THROW(decode_png(wrong), Error) << i;
    EXPECT_THROW(decode_png(std::span(bytes).first(i)), Error) << i;
  }
}

TEST(Png, Base64) {
  const auto text = [](const std::string& s) {
    return to_base64(std::vector<std::uint8_t>(s.begin(), s.end()));
  };
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("f"), "Zg==");
  EXPECT_EQ(text("fo"), "Zm8=");
  EXPECT_EQ(text("foo"), "Zm9v");
  EXPECT_EQ(text("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace pel::apps
