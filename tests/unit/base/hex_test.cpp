// SPDX-License-Identifier: Apache-2.0
#include "base/hex.hpp"

#include <gtest/gtest.h>

namespace {

using pel::base::from_hex;
using pel::base::to_hex;

TEST(Hex, RoundTrips) {
  const std::vector<std::uint8_t> bytes = {0x00, 0x0f, 0xa0, 0xff};
  EXPECT_EQ(to_hex(bytes), "000fa0ff");
  EXPECT_EQ(from_hex("0x000FA0ff"), bytes);
  EXPECT_EQ(from_hex(""), std::vector<std::uint8_t>{});
}

TEST(Hex, RefusesOddLengthsAndOtherCharacters) {
  EXPECT_FALSE(from_hex("0x123"));
  EXPECT_FALSE(from_hex("zz"));
  EXPECT_FALSE(from_hex("0x0x"));
}

}  // namespace
