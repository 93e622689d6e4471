// SPDX-License-Identifier: Apache-2.0
// The official blockchain tests: a genesis, blocks that must be accepted or refused, a last block.
#include "cli/ledger/blocktest.hpp"

#include "cli/ledger/basic_tests.hpp"
#include "cli/ledger/options.hpp"
#include "cli/ledger/values.hpp"
#include "pel/error.hpp"

namespace pel::cli {
namespace {

using ledger::Chain;
using ledger::Hash256;
using ledger::U256;

class BlockTest {
 public:
  BlockTest(const Json& json, evm::CodeCache& codes, const Chain::Execute& execute)
      : json_(json), codes_(codes), execute_(execute) {}

  // Empty if the case passes.
  std::string run() {
    const std::string network(json_["network"].text());
    const auto config = ledger::ChainConfig::from_network(network);
    if (!config) json_["network"].fail("unknown network \"" + network + "\"");
    const ledger::Header genesis = read_header(json_["genesisBlockHeader"]);
    if (header_hash(genesis) != read_hash(json_["genesisBlockHeader"]["hash"]))
      return "the hash of the genesis header differs";
    ledger::MemoryState state = read_alloc(json_["pre"], codes_);
    if (const Hash256 root = state.root(); root != genesis.state_root)
      return "genesis state root " + to_string(root) + ", expected " +
             to_string(genesis.state_root);
    Chain chain(*config, genesis, std::move(state), codes_);
    if (execute_) chain.set_execute(execute_);
    std::size_t index = 0;
    for (const Json& block : json_["blocks"].items()) {
      if (std::string reason = import(chain, block); !reason.empty())
        return "block " + std::to_string(index) + ": " + reason;
      ++index;
    }
    return check_end(chain);
  }

 private:
  std::string import(Chain& chain, const Json& block) {
    const auto exception = block.find("expectException");
    const std::string_view expected = exception ? exception->text() : std::string_view{};
    const auto refused = [&](const std::string& code, const char* words) -> std::string {
      if (names_exception(expected, code)) return {};
      return (exception ? "expected " + std::string(expected) + ", got " : "refused: ") + words;
    };
    const ledger::Bytes rlp = block["rlp"].bytes();
    Hash256 hash;
    try {
      hash = chain.import(rlp);
    } catch (const ledger::InvalidBlock& error) {
      return refused(error.code(), error.what());
    } catch (const Error& error) {
      return refused("BlockException.RLP_STRUCTURES_ENCODING", error.what());
    }
    if (exception) return "expected " + std::string(expected) + ", but it was accepted";
    const Hash256 want = read_hash(block["blockHeader"]["hash"]);
    return hash == want ? "" : "hash " + to_string(hash) + ", expected " + to_string(want);
  }

  std::string check_end(const Chain& chain) {
    const Hash256 last = read_hash(json_["lastblockhash"]);
    if (chain.head() != last)
      return "the head is " + to_string(chain.head()) + ", expected " + to_string(last);
    if (const auto post = json_.find("postState")) {
      const Hash256 want = read_alloc(*post, codes_).root();
      if (chain.head_state().root() != want) return "the state after the last block differs";
    }
    if (const auto hash = json_.find("postStateHash"))
      if (chain.head_state().root() != read_hash(*hash))
        return "the root after the last block differs";
    return {};
  }

  Json json_;
  evm::CodeCache& codes_;
  const Chain::Execute& execute_;
};

}  // namespace

bool names_exception(std::string_view alternatives, std::string_view name) {
  while (!alternatives.empty()) {
    const std::size_t bar = std::min(alternatives.find('|'), alternatives.size());
    if (alternatives.substr(0, bar) == name) return true;
    alternatives.remove_prefix(std::min(bar + 1, alternatives.size()));
  }
  return false;
}

FileResult run_block_tests(const FixtureFile& file, evm::CodeCache& codes,
                           const Chain::Execute& execute) {
  const base::JsonDocument document(file.text, file.name);
  FileResult result;
  document.root().members([&](std::string_view name, const Json& json) {
    const std::string place = file.name + ": " + std::string(name);
    CaseResult item;
    item.name = place;
    const Json test = json.at(place);
    item.group = test["network"].text();
    item.reason = BlockTest(test, codes, execute).run();
    if (!item.reason.empty()) item.outcome = CaseResult::Outcome::kFailed;
    result.cases.push_back(std::move(item));
  });
  return result;
}

int blocktest_main(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel blocktest";
  info.summary = "run the official Ethereum blockchain tests";
  info.arguments = "FILE|FOLDER|ARCHIVE...";
  info.description =
      "Imports every block of the files into a chain and compares hashes, states and the reason\n"
      "of a rejection. Files below TransactionTests, TrieTests, RLPTests, BasicTests and\n"
      "KeyStoreTests are run as what they are.";
  info.hidden = hidden_options({"--seed", "--out"});
  info.examples = {"pel blocktest blockchain_tests.tar.xz"};
  return command_main(argc, argv, info, [](Run& run) {
    if (run.arguments().empty()) throw Error("command line", "no file is named", "see --help");
    evm::CodeCache codes(std::size_t{64} << 20);
    return run_fixtures(run, run.arguments(), [&](const FixtureFile& file) {
      return is_basic_test(file.name) ? run_basic_tests(file) : run_block_tests(file, codes);
    });
  });
}

}  // namespace pel::cli
