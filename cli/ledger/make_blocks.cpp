// SPDX-License-Identifier: Apache-2.0
// Blocks for machines without test data: transfers and token transfers of real compiled code.
#include "cli/ledger/make_blocks.hpp"

#include <optional>

#include "base/files.hpp"
#include "cli/ledger/block_writer.hpp"
#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/options.hpp"
#include "cli/ledger/values.hpp"
#include "pel/error.hpp"
#include "pel/main.hpp"
#include "pel/random.hpp"

namespace pel::cli {
namespace {

using ledger::Address;
using ledger::Bytes;
using ledger::Hash256;
using ledger::Transaction;
using ledger::U256;

constexpr std::uint64_t kNumber = 19'500'000;  // Cancun, by mainnet's schedule
constexpr std::uint64_t kTime = 1'711'300'000;
constexpr const char* kToken =
    "@openzeppelin/contracts/build/contracts/ERC20PresetMinterPauser.json";

void append_word(Bytes& out, const U256& word) {
  out.resize(out.size() + 32);
  ledger::store_be(word, out.data() + out.size() - 32);
}

// A call with a selector and words (Solidity ABI).
Bytes call_data(std::uint32_t selector, std::initializer_list<U256> words) {
  Bytes data;
  for (int shift = 24; shift >= 0; shift -= 8)
    data.push_back(static_cast<std::uint8_t>(selector >> shift));
  for (const U256& word : words) append_word(data, word);
  return data;
}

Bytes token_creation(const std::string& folder) {
  const std::string path = folder + "/" + kToken;
  const std::string text = read_packed_file(path);
  const base::JsonDocument artifact(text, path);
  Bytes code = artifact.root()["bytecode"].bytes();
  for (const U256& word : {U256(64), U256(128), U256(4)}) append_word(code, word);  // two strings
  append_word(code, U256(0x4d616465) << 224);                                       // "Made"
  append_word(code, U256(4));
  append_word(code, U256(0x4d414445) << 224);  // "MADE"
  return code;
}

class Maker {
 public:
  explicit Maker(const MakeBlockOptions& options)
      : options_(options), random_(options.seed, 0), executor_(codes_) {}

  MadeBlock make() {
    const std::string& kind = options_.kind;
    if (kind != "transfers" && kind != "erc20" && kind != "mix")
      throw Error("--kind", "unknown kind \"" + kind + "\"", "transfers, erc20 or mix");
    make_people();
    if (kind != "transfers") deploy_token();
    MadeBlock made;
    made.block = empty_block(kNumber);
    for (std::size_t i = 0; i < options_.txs; ++i) {
      const bool token = kind == "erc20" || (kind == "mix" && random_.bits(3 * i) % 2 == 0);
      add(made, i, token);
    }
    finish(made);
    made.state = state_;
    return made;
  }

 private:
  struct Person {
    Hash256 key;
    Address address;
    std::uint64_t nonce = 0;
  };

  void make_people() {
    const std::size_t count = std::max<std::size_t>(2, options_.txs / 2);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = "person " + std::to_string(options_.seed) + " " + std::to_string(i);
      Person person;
      person.key = ledger::keccak(Bytes(name.begin(), name.end()));
      person.address = ledger::key_address(person.key);
      state_.edit(person.address).account.balance =
          U256(1'000'000'000'000'000'000) * U256(1'000'000);
      people_.push_back(person);
    }
  }

  Transaction transaction(Person& from, std::optional<Address> to, std::uint64_t gas) {
    Transaction tx;
    tx.type = ledger::TxType::kDynamicFee;
    tx.chain_id = 1;
    tx.nonce = from.nonce++;
    tx.max_fee = U256(20'000'000'000);
    tx.max_priority_fee = U256(1'000'000'000);
    tx.gas_limit = gas;
    tx.to = to;
    return tx;
  }

  ledger::Block empty_block(std::uint64_t number) const {
    ledger::Block block;
    ledger::Header& h = block.header;
    h.parent_hash = ledger::keccak(Bytes{static_cast<std::uint8_t>(number)});
    h.uncles_hash = ledger::kEmptyUnclesHash;
    h.coinbase = ledger::small_address(0xfee0000);
    h.number = number;
    h.timestamp = kTime;
    h.gas_limit = std::uint64_t{200'000} * (options_.txs + 100);
    h.base_fee = U256(10'000'000'000);
    h.withdrawals_root = ledger::kEmptyTrieRoot;
    h.blob_gas_used = h.excess_blob_gas = 0;
    h.parent_beacon_root = Hash256{};
    block.withdrawals.emplace();
    return block;
  }

  ledger::BlockExecutor::Output execute(const ledger::Block& block,
                                        std::span<const Address> senders) {
    ledger::BlockExecutor::Input input;
    input.config = &ledger::ChainConfig::mainnet();
    input.revision = input.config->revision(block.header, true);
    input.block = &block;
    input.senders = senders;
    input.view = &state_;
    return executor_.execute(input);
  }

  // The first person creates the token and gives everybody some of it.
  void deploy_token() {
    Person& owner = people_.front();
    ledger::Block block = empty_block(kNumber - 1);
    token_ = evm::contract_address(owner.address, owner.nonce);
    block.transactions.push_back(transaction(owner, {}, 10'000'000));
    block.transactions.back().data = token_creation(options_.contracts);
    for (const Person& person : people_) {
      block.transactions.push_back(transaction(owner, token_, 150'000));
      block.transactions.back().data = call_data(
          0x40c10f19, {ledger::to_u256(person.address), U256(1'000'000'000'000)});  // mint
    }
    block.header.gas_limit = 10'000'000 + 150'000 * (people_.size() + 1);
    const std::vector<Address> senders(block.transactions.size(), owner.address);
    const auto output = execute(block, senders);
    for (const ledger::Receipt& receipt : output.receipts)
      if (!receipt.success) throw Error("make-blocks", "the token could not be set up");
    state_.apply(output.diff);
  }

  void add(MadeBlock& made, std::size_t i, bool token) {
    Person& from = people_[i % people_.size()];
    const bool common = random_.bits(3 * i + 1) % 100 < options_.conflict_percent;
    const Address to = common ? ledger::small_address(0xc0de0000)
                              : ledger::small_address(0x1'0000'0000 + (i << 16));
    const U256 amount(random_.bits(3 * i + 2) % 1000 + 1);
    Transaction tx = transaction(from, token ? token_ : to, token ? 100'000 : 21'000);
    if (token) {
      tx.data = call_data(0xa9059cbb, {ledger::to_u256(to), amount});  // transfer
    } else {
      tx.value = amount;
    }
    ledger::sign_transaction(tx, from.key);
    made.block.transactions.push_back(std::move(tx));
    made.senders.push_back(from.address);
  }

  void finish(MadeBlock& made) {
    auto output = execute(made.block, made.senders);
    ledger::Header& h = made.block.header;
    h.gas_used = output.gas_used;
    h.bloom = ledger::fill_blooms(output.receipts);
    h.receipts_root = ledger::receipts_root(output.receipts);
    h.transactions_root = ledger::transactions_root(made.block.transactions);
    ledger::MemoryState after = state_;
    after.apply(output.diff);
    h.state_root = after.root();
  }

  const MakeBlockOptions& options_;
  Philox random_;
  evm::CodeCache codes_;
  ledger::BlockExecutor executor_;
  ledger::MemoryState state_;
  std::vector<Person> people_;
  Address token_;
};

}  // namespace

MadeBlock make_block(const MakeBlockOptions& options) { return Maker(options).make(); }

std::string replay_json(const MadeBlock& made) {
  std::string text = "{\"block\":" + block_json(made.block, made.senders);
  text += ",\"blockHashes\":{},";
  text += pre_state_json(made.state,
                         [&](const Hash256& hash) { return made.state.code(hash)->bytes(); });
  return text += "}\n";
}

int make_blocks_main(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel make-blocks";
  info.summary = "make a block of transfers and token transfers for pel replay";
  info.description =
      "Writes a block with its pre-state. The token's compiled code comes from npm: install\n"
      "@openzeppelin/contracts@4.9.6 and name the folder of the packages.";
  info.options = {{"--kind", "NAME", "transfers, erc20 or mix (default mix)"},
                  {"--txs", "N", "transactions (default 1000)"},
                  {"--conflicts", "PERCENT", "share that pays one common recipient (default 10)"},
                  {"--contracts", "DIR", "folder of npm packages (default node_modules)"}};
  info.hidden = hidden_options();
  info.examples = {"pel make-blocks --kind transfers --txs 500 --out block.json"};
  return pel::main(
      argc, argv,
      [](Run& run) {
        MakeBlockOptions options;
        options.kind = run.text("--kind", "mix");
        options.txs = run.number("--txs", 1, 1'000'000, 1000);
        options.conflict_percent = static_cast<unsigned>(run.number("--conflicts", 0, 100, 10));
        options.seed = run.seed();
        options.contracts = run.text("--contracts", "node_modules");
        run.output(replay_json(make_block(options)));
      },
      info);
}

}  // namespace pel::cli
