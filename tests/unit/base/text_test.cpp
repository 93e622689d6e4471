// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace pel::base;

TEST(Text, EscapesHtml) {
  EXPECT_EQ(escape_html("<a href='x'>&\""), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
}

TEST(Text, EscapesJson) {
  EXPECT_EQ(escape_json("a\"\\\n\t"), "a\\\"\\\\\\n\\u0009");
  EXPECT_EQ(escape_json("\xC3\xA9 \xF0\x9F\x98\x80"), "\xC3\xA9 \xF0\x9F\x98\x80");
  // Truncated, overlong, surrogate, stray continuation: each byte becomes U+FFFD.
  EXPECT_EQ(escape_json("\xC3"), "\xEF\xBF\xBD");
  EXPECT_EQ(escape_json("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(escape_json("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Text, NearestWord) {
  const std::vector<std::string> words = {"render", "risk", "genome"};
  EXPECT_EQ(nearest_word("rendr", words), "render");
  EXPECT_EQ(nearest_word("rsik", words), std::nullopt);  // two edits of four letters
  EXPECT_EQ(nearest_word("rick", words), "risk");
  EXPECT_EQ(nearest_word("analytics", words), std::nullopt);
}

TEST(Text, Numbers) {
  EXPECT_EQ(parse_u64("18446744073709551615"), UINT64_MAX);
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616", "1.0"}) {
    EXPECT_FALSE(parse_u64(bad)) << bad;
  }
  EXPECT_EQ(parse_double("1.5e3"), 1500);
  for (const char* bad : {"", "inf", "nan", "1e999", "1.5x"})
    EXPECT_FALSE(parse_double(bad)) << bad;
}

}  // namespace
