// SPDX-License-Identifier: Apache-2.0
// RLP of blocks and transactions with every length that lies, and blocks that say what is not so.
#include <gtest/gtest.h>

#include <random>

#include "cli/ledger/replay.hpp"
#include "pel/error.hpp"
#include "tests/unit/bad_input/texts.hpp"

namespace pel::ledger {
namespace {

using test::shared_scene;

// What decoding throws; "" if it does not.
template <class Decode>
std::string message(const Decode& decode) {
  try {
    decode();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(BadRlp, TrailingBytesAreRefused) {
  for (const Transaction& tx : shared_scene().block.transactions) {
    Bytes bytes = encode_transaction(tx);
    bytes.push_back(0);
    EXPECT_NE(message([&] { decode_transaction(bytes, "tx 1"); }).find("tx 1"), std::string::npos);
  }
  Bytes block = encode_block(shared_scene().block);
  block.push_back(0x80);
  EXPECT_NE(message([&] { decode_block(block, "block 7"); }).find("block 7"), std::string::npos);
}

TEST(BadRlp, EveryCutIsRefused) {
  const Bytes block = encode_block(shared_scene().block);
  for (std::size_t size = 0; size < block.size(); ++size)
    EXPECT_NE(message([&] { decode_block(BytesView(block).first(size)); }), "") << size;
}

// Where the items of well-formed RLP begin.
void item_starts(BytesView rlp, std::size_t base, std::vector<std::size_t>& out) {
  for (std::size_t at = 0; at < rlp.size();) {
    out.push_back(base + at);
    const unsigned prefix = rlp[at];
    const bool list = prefix >= 0xc0;
    const unsigned kind = prefix - (list ? 0xc0 : 0x80);
    std::size_t header = prefix < 0x80 ? 0 : 1;
    std::size_t size = prefix < 0x80 ? 1 : kind;
    if (prefix >= 0x80 && kind > 55) {
      size = 0;
      for (unsigned i = 0; i < kind - 55; ++i) size = size << 8 | rlp[at + header++];
    }
    if (list) item_starts(rlp.subspan(at + header, size), base + at + header, out);
    at += header + size;
  }
}

// Lengths of up to 2^64 - 1 bytes for every item: refused at once, and nothing is reserved for
// them.
template <class Decode>
void lie_about_lengths(const Bytes& whole, std::size_t first, const Decode& decode) {
  std::vector<std::size_t> starts;
  item_starts(BytesView(whole).subspan(first), first, starts);
  EXPECT_GT(starts.size(), 10U);
  for (const std::size_t at : starts) {
    for (const int prefix : {0xbb, 0xbf, 0xfb, 0xff}) {
      Bytes bad = whole;
      bad[at] = static_cast<std::uint8_t>(prefix);
      for (std::size_t i = 1; i <= 8 && at + i < bad.size(); ++i) bad[at + i] = 0xff;
      EXPECT_NE(message([&] { decode(bad); }), "") << at;
    }
  }
}

TEST(BadRlp, HugeLengthsAreRefused) {
  lie_about_lengths(encode_block(shared_scene().block), 0,
                    [](const Bytes& bytes) { decode_block(bytes); });
  for (const Transaction& tx : shared_scene().block.transactions)
    lie_about_lengths(encode_transaction(tx), 1,
                      [](const Bytes& bytes) { decode_transaction(bytes); });
}

TEST(BadRlp, DepthIsNoStackOverflow) {
  Bytes bytes(100'000, 0xc1);
  EXPECT_NE(message([&] { check_rlp(bytes, "deep"); }), "");
  Bytes nested;  // a list in a list ... that is well-formed
  for (int i = 0; i < 20'000; ++i) {
    const std::vector<Bytes> item = {nested.empty() ? Bytes{0xc0} : nested};
    nested = encode_rlp_list(item);
  }
  EXPECT_NO_FATAL_FAILURE(message([&] { check_rlp(nested, "nested"); }));
  EXPECT_NE(message([&] { decode_block(nested); }), "");
}

TEST(BadBlock, SignaturesOutOfRangeHaveNoSender) {
  const U256 order = parse_u256("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
  Transaction tx = shared_scene().block.transactions.front();
  const auto sender = [&](auto change) {
    Transaction bad = tx;
    change(bad);
    return recover_sender(bad, evm::Revision::kCancun);
  };
  EXPECT_TRUE(sender([](Transaction&) {}));
  EXPECT_FALSE(sender([](Transaction& t) { t.r = U256(); }));
  EXPECT_FALSE(sender([](Transaction& t) { t.s = U256(); }));
  EXPECT_FALSE(sender([&](Transaction& t) { t.r = order; }));
  EXPECT_FALSE(sender([&](Transaction& t) { t.s = order - t.s; }));  // high s
  EXPECT_FALSE(sender([](Transaction& t) { t.v = U256(2); }));
  EXPECT_FALSE(sender([](Transaction& t) { t.r = U256::max(); }));
}

// A header that says something else in one field: a block whose hash was made to fit, but whose
// execution does not.
struct Lie {
  const char* check;  // which must fail
  std::function<void(Block&)> tell;
};

TEST(BadBlock, EveryRootThatDoesNotMatchFailsItsCheck) {
  const std::vector<Lie> lies = {
      {"transactions_root", [](Block& b) { b.header.transactions_root.bytes[0] ^= 1; }},
      {"withdrawals_root", [](Block& b) { b.header.withdrawals_root->bytes[0] ^= 1; }},
      {"uncles_hash", [](Block& b) { b.header.uncles_hash.bytes[0] ^= 1; }},
      {"receipts_root", [](Block& b) { b.header.receipts_root.bytes[0] ^= 1; }},
      {"state_root", [](Block& b) { b.header.state_root.bytes[0] ^= 1; }},
      {"gas_used", [](Block& b) { b.header.gas_used += 1; }},
      {"logs_bloom", [](Block& b) { b.header.bloom[5] ^= 1; }},
      {"blob_gas_used", [](Block& b) { *b.header.blob_gas_used = 1 << 17; }},
      {"header_rules", [](Block& b) { *b.header.base_fee += U256(1); }},
      {"senders", [](Block& b) { b.transactions[2].r += U256(1); }},
      {"valid", [](Block& b) { b.transactions[2].nonce += 1; }},
  };
  for (const Lie& lie : lies) {
    evm::CodeCache codes;
    const auto input = cli::read_replay(test::pre_state_text(), "lie", codes);
    lie.tell(input->block);
    input->hash = header_hash(input->block.header);
    const cli::ReplayResult result = cli::replay(*input, codes, 1);
    EXPECT_FALSE(result.ok()) << lie.check;
    const auto found =
        std::find_if(result.checks.begin(), result.checks.end(),
                     [&](const auto& check) { return std::string_view(check.name) == lie.check; });
    ASSERT_NE(found, result.checks.end()) << lie.check;
    EXPECT_EQ(found->verdict, cli::ReplayCheck::Verdict::kFail) << lie.check;
  }
}

TEST(BadBlock, AFaultyTransactionIsNamed) {
  evm::CodeCache codes;
  const auto input = cli::read_replay(test::pre_state_text(), "lie", codes);
  input->block.transactions[3].r += U256(1);
  const cli::ReplayResult result = cli::replay(*input, codes, 1);
  bool named = false;
  for (const auto& check : result.checks)
    if (check.verdict == cli::ReplayCheck::Verdict::kFail)
      named |= check.reason.find("transaction 3") != std::string::npos;
  EXPECT_TRUE(named);
}

// Nothing is executed in the name of nobody.
TEST(BadBlock, ASignatureWithoutASenderEndsIt) {
  evm::CodeCache codes;
  const auto input = cli::read_replay(test::pre_state_text(), "lie", codes);
  input->block.transactions[3].r = U256();
  input->from[3].reset();
  const cli::ReplayResult result = cli::replay(*input, codes, 1);
  EXPECT_TRUE(result.serial_seconds.empty());
  ASSERT_FALSE(result.checks.empty());
  EXPECT_EQ(result.checks.back().verdict, cli::ReplayCheck::Verdict::kFail);
  EXPECT_EQ(result.checks.back().reason, "transaction 3: the signature gives no sender");
}

}  // namespace
}  // namespace pel::ledger
