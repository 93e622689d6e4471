// SPDX-License-Identifier: Apache-2.0
// Blocks whose transactions get in each other's way in every manner there is, executed serially and
// in parallel.
#include <gtest/gtest.h>

#include <random>

#include "pel/executor.hpp"
#include "pel/ledger/chain.hpp"
#include "tests/unit/chain/words_of.hpp"

namespace pel::ledger {
namespace {

using evm::Revision;
using test::words_of;

TEST(BlockGraph, ListScheduling) {
  BlockGraph graph;
  graph.seconds = {3, 1, 1, 1, 2};
  graph.needs = {{}, {}, {1}, {2}, {0}};
  EXPECT_DOUBLE_EQ(graph.serial_seconds(), 8);
  EXPECT_DOUBLE_EQ(graph.critical_path_seconds(), 5);
  EXPECT_DOUBLE_EQ(graph.schedule_seconds(1), 8);
  EXPECT_DOUBLE_EQ(graph.schedule_seconds(2), 5);  // 0 4 beside 1 2 3
  EXPECT_DOUBLE_EQ(graph.schedule_seconds(8), 5);
}

TEST(BlockGraph, AWorkerTakesTheEarliestThatIsReady) {
  BlockGraph graph;
  graph.seconds = {1, 1, 4, 1};
  graph.needs = {{}, {0}, {0, 1}, {}};
  // 0 and 3 first, then 1, then 2.
  EXPECT_DOUBLE_EQ(graph.schedule_seconds(2), 6);
}

const Bytes kCounter = parse_bytes("6000358054600101905500");  // slot[x] += 1
const Bytes kCoinbaseWatch = parse_bytes(
    "413160003555"
    "00");  // slot[x] = coinbase's balance
const Bytes kPayer = parse_bytes(
    "600060006000600060203560003"
    "55af15000");  // pays y to x
const Bytes kOwnBalance = parse_bytes(
    "303160003555"
    "00");  // slot[x] = own balance
const Bytes kCodeSize = parse_bytes(
    "6000353b60003555"
    "00");  // slot[x] = size of x's code
// Destroys itself when called without data, else counts in slot 0.
const Bytes kMortal = parse_bytes("3660065733ff5b60005460010160005500");
// Init code that deploys kMortal, after counting in slot 1.
const Bytes kMortalInit = parse_bytes(
    "7036600657"
    "33ff5b600054600101"
    "6000550060005260"
    "11600ff3");

// Makes a kMortal with salt x.
Bytes factory() {
  Bytes code = {static_cast<std::uint8_t>(0x5f + kMortalInit.size())};
  code.insert(code.end(), kMortalInit.begin(), kMortalInit.end());
  const Bytes rest = parse_bytes(
      "6000526000356"
      "01a600634f55000");
  code.insert(code.end(), rest.begin(), rest.end());
  return code;
}

// A small world and random blocks in it.
class World {
 public:
  explicit World(std::uint64_t seed, Revision revision) : random_(seed), revision_(revision) {
    for (std::uint64_t i = 0; i < kRich; ++i)
      state.edit(rich(i)).account.balance = U256(1'000'000'000'000'000'000);
    for (std::uint64_t i = 0; i < 3; ++i) state.edit(poor(i)).account.balance = U256(pick(3));
    std::uint64_t at = 0x300;
    for (const Bytes& code :
         {kCounter, kCoinbaseWatch, kPayer, kOwnBalance, kCodeSize, factory()}) {
      contracts_.push_back(small_address(at++));
      state.edit(contracts_.back()).account.balance = U256(pick(2) * 1000);
      state.edit(contracts_.back()).account.nonce = revision >= Revision::kSpuriousDragon;
      state.set_code(contracts_.back(), std::make_shared<evm::Code>(code));
    }
    for (std::uint64_t salt = 0; salt < 3; ++salt)
      mortals_.push_back(
          evm::contract_address2(contracts_.back(), to_hash(U256(salt)), keccak(kMortalInit)));
    state.set_code(mortals_[0], std::make_shared<evm::Code>(kMortal));
    state.set_storage(mortals_[0], U256(0), U256(5));
    state.edit(mortals_[0]).account.balance = U256(77);
    state.edit(small_address(0x500)).account = {};  // exists and is empty
    fill();
  }

  BlockExecutor::Input input() const {
    BlockExecutor::Input input;
    input.config = &ChainConfig::mainnet();
    input.revision = revision_;
    input.block = &block_;
    input.senders = senders_;
    input.view = &state;
    return input;
  }

  MemoryState state;

 private:
  static constexpr std::uint64_t kRich = 5;

  static Address rich(std::uint64_t i) { return small_address(0x100 + i); }
  static Address poor(std::uint64_t i) { return small_address(0x200 + i); }
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

  Address anybody() {
    switch (pick(6)) {
      case 0:
        return rich(pick(kRich));
      case 1:
        return poor(pick(3));
      case 2:
        return contracts_[pick(contracts_.size())];
      case 3:
        return mortals_[pick(mortals_.size())];
      case 4:
        return block_.header.coinbase;
      default:
        return small_address(0x500 + pick(3));
    }
  }

  void fill() {
    Header& header = block_.header;
    header.number = 5;
    header.gas_limit = pick(6) == 0 ? 500'000 + 20'000 * pick(100) : 30'000'000;
    header.difficulty = 1;
    header.coinbase = small_address(0x600);
    if (pick(2) == 0) header.coinbase = anybody();
    if (revision_ >= Revision::kLondon) header.base_fee = U256(7);
    deadly_ = pick(4) == 0;
    // More than the window of attempts, now and then.
    for (std::size_t count = 4 + pick(pick(8) == 0 ? 200 : 40); count != 0; --count) add();
  }

  void add() {
    Transaction tx;
    const Address sender = pick(80) == 0 ? poor(pick(3)) : rich(pick(kRich));
    tx.nonce = nonces_[sender]++;
    if (pick(600) == 0) ++tx.nonce;  // an invalid block
    tx.gas_limit = pick(4) == 0 ? 50'000 : 300'000;
    tx.max_fee = tx.max_priority_fee = U256(7 + (sender == poor(0) ? 0 : pick(3)));
    tx.to = anybody();
    if (pick(3) != 0) tx.to = contracts_[pick(contracts_.size())];
    if (deadly_ && pick(3) != 0) tx.to = pick(3) == 0 ? contracts_.back() : mortals_[pick(2)];
    if (pick(3) == 0) tx.value = U256(pick(3) * 1'500'000);
    if (pick(5) != 0) {
      const U256 x = pick(2) == 0 || deadly_ ? U256(pick(3)) : to_u256(anybody());
      tx.data.resize(64);
      store_be(x, tx.data.data());
      store_be(U256(pick(4) * 400), tx.data.data() + 32);
    }
    block_.transactions.push_back(tx);
    senders_.push_back(sender);
  }

  std::mt19937_64 random_;
  Revision revision_;
  bool deadly_ = false;  // contracts are destroyed and deployed again most of the time
  std::vector<Address> contracts_;
  std::vector<Address> mortals_;
  FlatMap<Address, std::uint64_t> nonces_;
  Block block_;
  std::vector<Address> senders_;
};

struct Case {
  int workers;
  Schedule::Kind kind;
};
class ParallelBlock : public testing::TestWithParam<Case> {};
constexpr std::uint64_t kWorlds = 1500;

TEST_P(ParallelBlock, RandomBlocksGiveWhatSerialExecutionGives) {
  ExecutorOptions options;
  options.workers = GetParam().workers;
  options.schedule = {GetParam().kind, 11};
  options.oversubscribe = true;
  Executor executor(options);
  evm::CodeCache codes;
  BlockExecutor serial(codes);
  ParallelBlockExecutor parallel(codes, true);
  int valid = 0;
  for (std::uint64_t seed = 0; seed < kWorlds; ++seed) {
    const auto revision = static_cast<Revision>(seed % 13);  // to Cancun: no system contracts
    const World world(seed, revision);
    const BlockExecutor::Input input = world.input();
    BlockExecutor::Output want;
    BlockExecutor::Output got;
    const std::string refused = words_of([&] { want = serial.execute(input); });
    const std::string refused_too =
        words_of([&] { executor.run([&] { got = parallel.execute(input); }); });
    ASSERT_EQ(refused, refused_too) << "seed " << seed;
    ASSERT_EQ(difference(want, got), "") << "seed " << seed << ", " << to_string(revision);
    valid += refused.empty();
  }
  EXPECT_GT(valid, static_cast<int>(kWorlds / 3));
}

INSTANTIATE_TEST_SUITE_P(Schedules, ParallelBlock,
                         testing::Values(Case{0, Schedule::Kind::kNormal},
                                         Case{2, Schedule::Kind::kNormal},
                                         Case{3, Schedule::Kind::kDelayed}));

// The sums of a block that only pays: nobody waits for anybody, though all pay one account.
TEST(ParallelBlock, PaymentsToOneAccountNeedNobody) {
  MemoryState state;
  Block block;
  block.header.gas_limit = 30'000'000;
  std::vector<Address> senders;
  for (std::uint64_t i = 0; i < 50; ++i) {
    senders.push_back(small_address(0x100 + i));
    state.edit(senders.back()).account.balance = U256(10'000'000);
    Transaction tx;
    tx.gas_limit = 21'000;
    tx.max_fee = tx.max_priority_fee = U256(1);
    tx.to = small_address(0x500);
    tx.value = U256(3);
    block.transactions.push_back(tx);
  }
  BlockExecutor::Input input;
  input.config = &ChainConfig::mainnet();
  input.revision = Revision::kIstanbul;
  input.block = &block;
  input.senders = senders;
  input.view = &state;
  evm::CodeCache codes;
  const BlockGraph graph = ParallelBlockExecutor(codes).measure(input, 1);
  for (const auto& needs : graph.needs) EXPECT_TRUE(needs.empty());
}

}  // namespace
}  // namespace pel::ledger
