// SPDX-License-Identifier: Apache-2.0
#include "ledger/primitives/rlp.hpp"

#include <gtest/gtest.h>

#include <random>

#include "base/hex.hpp"
#include "pel/error.hpp"

namespace pel::ledger::rlp {
namespace {

Bytes hex(std::string_view text) { return *base::from_hex(text); }
Bytes text(std::string_view s) { return {s.begin(), s.end()}; }

Bytes encode(BytesView data) {
  Encoder e;
  e.bytes(data);
  return e.take();
}

// Yellow Paper, appendix B.
TEST(Rlp, EncodesStrings) {
  EXPECT_EQ(encode({}), hex("80"));
  EXPECT_EQ(encode(Bytes{0x00}), hex("00"));
  EXPECT_EQ(encode(Bytes{0x7f}), hex("7f"));
  EXPECT_EQ(encode(Bytes{0x80}), hex("8180"));
  EXPECT_EQ(encode(text("dog")), hex("83646f67"));
  const Bytes long_text = encode(text("Lorem ipsum dolor sit amet, consectetur adipisicing elit"));
  EXPECT_EQ(base::to_hex(long_text).substr(0, 8), "b8384c6f");
  EXPECT_EQ(encode(Bytes(55, 1)).size(), 56U);
  EXPECT_EQ(encode(Bytes(1024, 1))[0], 0xb9);
}

TEST(Rlp, EncodesNumbersAndLists) {
  Encoder e;
  e.number(std::uint64_t{0});
  e.number(15);
  e.number(1024);
  e.number(U256::max());
  EXPECT_EQ(base::to_hex(e.result()), "800f820400a0" + std::string(64, 'f'));
  Encoder list;  // [[], [[]], [[], [[]]]]
  const auto outer = list.open_list();
  list.close_list(list.open_list());
  const auto second = list.open_list();
  list.close_list(list.open_list());
  list.close_list(second);
  const auto third = list.open_list();
  list.close_list(list.open_list());
  const auto inner = list.open_list();
  list.close_list(list.open_list());
  list.close_list(inner);
  list.close_list(third);
  list.close_list(outer);
  EXPECT_EQ(list.result(), hex("c7c0c1c0c3c0c1c0"));
}

TEST(Rlp, RoundTripOfRandomTrees) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 300; ++round) {
    Encoder e;
    std::vector<Bytes> strings;
    const auto mark = e.open_list();
    for (std::uint64_t i = random() % 20; i > 0; --i) {
      Bytes s(random() % (round % 7 == 0 ? 70000 : 70));
      for (auto& b : s) b = static_cast<std::uint8_t>(random() % 200);
      e.bytes(s);
      strings.push_back(std::move(s));
    }
    e.close_list(mark);
    check(e.result());
    Decoder outer(e.result());
    Decoder d = outer.list();
    outer.finish();
    for (const Bytes& s : strings) {
      const BytesView got = d.bytes();
      ASSERT_TRUE(std::equal(got.begin(), got.end(), s.begin(), s.end()));
    }
    d.finish();
  }
}

// What is not the one canonical form, or claims more than there is.
TEST(Rlp, RefusesMalformedItems) {
  for (const char* bad : {
           "",  // nothing
           "8100",
           "817f",  // a byte that stands for itself
           "81",
           "83646f",  // cut
           "b800",
           "b837",    // long form for a short length
           "b90038",  // length with a leading zero
           "b8",
           "b9ff",                // cut in the length
           "bfffffffffffffffff",  // 2^64 - 1 bytes
           "ffffffffffffffffff",
           "fbffffffff00",
           "c2",
           "c181",
           "c280",
           "c18100",
           "8080",
           "c0c0",
       }) {
    EXPECT_THROW(check(hex(bad)), Error) << bad;
  }
}

TEST(Rlp, RefusesLengthsWithLeadingZeros) {
  for (const char* header : {"b90038", "f90038", "ba000038"}) {
    EXPECT_THROW(check(hex(header + std::string(2 * 56, '1'))), Error) << header;
  }
  EXPECT_NO_THROW(check(hex("b838" + std::string(2 * 56, '1'))));
}

TEST(Rlp, ErrorsNameTheirPlaceAndReason) {
  const Bytes data = hex("c20102");
  Decoder d(data, "block 7");
  try {
    d.bytes();
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.place(), "block 7");
    EXPECT_NE(e.reason().find("list where a string"), std::string::npos);
  }
  EXPECT_THROW(d.finish(), Error);
}

TEST(Rlp, NumbersAreCanonicalAndBounded) {
  const auto number = [](std::string_view h) {
    const Bytes b = hex(h);
    return Decoder(b).number();
  };
  EXPECT_EQ(number("80"), 0U);
  EXPECT_EQ(number("88ffffffffffffffff"), ~std::uint64_t{0});
  EXPECT_THROW(number("00"), Error);
  EXPECT_THROW(number("820001"), Error);
  EXPECT_THROW(number("89010000000000000000"), Error);
  const Bytes wide = hex("a1" + std::string(66, '1'));
  EXPECT_THROW(Decoder(wide).number256(), Error);
  EXPECT_THROW(Decoder(wide).address(), Error);
  EXPECT_THROW(Decoder(wide).hash(), Error);
}

TEST(Rlp, DeepNestingIsRefusedNotOverflown) {
  Bytes data;
  for (int i = 0; i < 3000; ++i) {
    Encoder e;
    const auto mark = e.open_list();
    e.raw(data);
    e.close_list(mark);
    data = e.take();
  }
  EXPECT_THROW(check(data), Error);
}

// Any bytes: an error or a tree that encodes to the same bytes, never a crash.
void encode_again(Decoder d, Encoder& e) {
  while (!d.done()) {
    if (!d.next_is_list()) {
      e.bytes(d.bytes());
      continue;
    }
    const auto mark = e.open_list();
    encode_again(d.list(), e);
    e.close_list(mark);
  }
}
TEST(Rlp, RandomBytesDecodeToThemselvesOrFail) {
  std::mt19937_64 random(5);
  int valid = 0;
  for (int round = 0; round < 100000; ++round) {
    Bytes data(1 + random() % 12);
    for (auto& b : data) b = static_cast<std::uint8_t>(random());
    data[0] = static_cast<std::uint8_t>(0xc0 + data.size() - 1);
    try {
      check(data);
    } catch (const Error&) {
      continue;
    }
    ++valid;
    Encoder e;
    encode_again(Decoder(data), e);
    ASSERT_EQ(e.result(), data);
  }
  EXPECT_GT(valid, 1000);
}

}  // namespace
}  // namespace pel::ledger::rlp
