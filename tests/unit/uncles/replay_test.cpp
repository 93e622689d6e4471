// SPDX-License-Identifier: Apache-2.0
// Blocks with uncles in the formats of `pel replay`, and what the uncles are paid.
#include <gtest/gtest.h>

#include "cli/ledger/block_writer.hpp"
#include "cli/ledger/replay.hpp"

namespace pel::cli {
namespace {

using ledger::Address;
using ledger::Block;
using ledger::Header;
using ledger::U256;
using Verdict = ReplayCheck::Verdict;

const Address kMiner = ledger::small_address(0xaaaa);
const Address kFirst = ledger::small_address(0x1111);
const Address kSecond = ledger::small_address(0x2222);
const U256 kEther(1'000'000'000'000'000'000);

Header header(std::uint64_t number, const Address& coinbase) {
  Header h;
  h.number = number;
  h.coinbase = coinbase;
  h.uncles_hash = ledger::kEmptyUnclesHash;
  h.gas_limit = 30'000'000;
  h.timestamp = 1'400'000'000 + 13 * number;
  return h;
}

// A proof-of-work block of mainnet with a parent, two uncles of the last and of the sixth
// generation, no transactions, and a whole pre-state.
struct Scene {
  explicit Scene(std::uint64_t number) {
    state.edit(kMiner).account.balance = U256(1000);
    state.edit(kFirst).account.balance = U256(5);
    parent = header(number - 1, kMiner);
    parent.difficulty = U256(7'000'000'000'000);
    parent.state_root = state.root();
    block.header = header(number, kMiner);
    block.header.parent_hash = ledger::header_hash(parent);
    block.uncles = {header(number - 1, kFirst), header(number - 6, kSecond)};
    block.header.uncles_hash = ledger::uncles_hash(block.uncles);
    block.header.difficulty = ledger::next_difficulty(parent, number, block.header.timestamp,
                                                      ledger::ChainConfig::mainnet());
  }

  // What mining it pays, by the formulas: the block and 1/32 for each uncle to the miner, 8 - n
  // eighths to an uncle of n generations before.
  void reward(std::uint64_t ether) {
    ledger::MemoryState after = state;
    const U256 full = kEther * U256(ether);
    after.edit(kMiner).account.balance += full + full / U256(16);
    after.edit(kFirst).account.balance += full * U256(7) / U256(8);
    after.edit(kSecond).account.balance += full * U256(2) / U256(8);
    block.header.state_root = after.root();
  }

  ReplayResult replayed(bool with_uncles) const {
    std::string text = "{\"block\":" + block_json(block, {});
    text += ",\"parent\":" + header_json(parent);
    if (with_uncles)
      text +=
          ",\"uncles\":[" + header_json(block.uncles[0]) + "," + header_json(block.uncles[1]) + "]";
    text += ",\"blockHashes\":{},";
    append_pre_state(text, state, [](const auto&) { return ledger::BytesView(); });
    evm::CodeCache codes;
    const auto input = read_replay(text + "}", "uncles", codes);
    return replay(*input, codes, 1);
  }

  Header parent;
  Block block;
  ledger::MemoryState state;
};

Verdict verdict(const ReplayResult& result, const std::string& name) {
  for (const ReplayCheck& check : result.checks)
    if (check.name == name) return check.verdict;
  ADD_FAILURE() << "no check " << name;
  return Verdict::kFail;
}

TEST(ReplayUncles, ArePaidByTheRevision) {
  for (const auto& [number, ether] :
       {std::pair{1'000'000U, 5U}, {5'000'000U, 3U}, {9'000'000U, 2U}}) {
    Scene scene(number);
    scene.reward(ether);
    const ReplayResult result = scene.replayed(true);
    for (const ReplayCheck& check : result.checks) {
      if (check.name == "receipts_root") continue;  // not there before Byzantium
      EXPECT_EQ(check.verdict, Verdict::kPass)
          << number << ": " << check.name << ": " << check.reason;
    }
    EXPECT_EQ(verdict(result, "state_root"), Verdict::kPass);
    scene.reward(ether + 1);
    EXPECT_EQ(verdict(scene.replayed(true), "state_root"), Verdict::kFail) << number;
  }
}

TEST(ReplayUncles, LeaveTheRootOpenWhereTheirHeadersAreNotGiven) {
  Scene scene(9'000'000);
  scene.reward(2);
  const ReplayResult result = scene.replayed(false);
  EXPECT_EQ(verdict(result, "uncles_hash"), Verdict::kNotGiven);
  EXPECT_EQ(verdict(result, "state_root"), Verdict::kNotGiven);
  EXPECT_TRUE(result.ok());
}

TEST(ReplayUncles, AreThoseOfTheHeader) {
  Scene scene(9'000'000);
  scene.reward(2);
  scene.block.uncles[1].extra_data = {1};
  EXPECT_EQ(verdict(scene.replayed(true), "uncles_hash"), Verdict::kFail);
}

}  // namespace
}  // namespace pel::cli
