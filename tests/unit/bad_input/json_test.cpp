// SPDX-License-Identifier: Apache-2.0
// Every field of every input is left out, and replaced by what it must not be: the answer is an
// error that names place and field, or a failed check, and never anything else.
#include <gtest/gtest.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "cli/ledger/blocktest.hpp"
#include "cli/ledger/replay.hpp"
#include "cli/ledger/statetest.hpp"
#include "pel/error.hpp"
#include "pel/loops.hpp"
#include "tests/unit/bad_input/texts.hpp"

namespace pel::cli {
namespace {

using Document = nlohmann::json;
using Path = Document::json_pointer;

constexpr const char* kFile = "bad.json";

void collect(const Document& node, const Path& path, std::vector<Path>& out) {
  if (!path.empty()) out.push_back(path);
  if (node.is_object()) {
    for (const auto& [key, child] : node.items()) collect(child, path / key, out);
  } else if (node.is_array()) {
    for (std::size_t i = 0; i < std::min<std::size_t>(node.size(), 2); ++i)
      collect(node[i], path / i, out);
  }
}

// A way to break a node, with its name for messages.
struct Breach {
  const char* name;
  std::function<void(Document& parent, const std::string& key, Document& node)> apply;
};

const std::vector<Breach>& breaches() {
  static const std::vector<Breach> all = [] {
    std::vector<Breach> list;
    list.push_back({"absent", [](Document& parent, const std::string& key, Document&) {
                      parent.is_array() ? parent.erase(std::stoul(key)) : void(parent.erase(key));
                    }});
    const auto put = [&](const char* name, Document value) {
      list.push_back(
          {name, [value](Document&, const std::string&, Document& node) { node = value; }});
    };
    put("null", nullptr);
    put("true", true);
    put("-1", -1);
    put("1.5", 1.5);
    put("[]", Document::array());
    put("{}", Document::object());
    put("[[[]]]", Document::array({Document::array({Document::array()})}));
    put("empty text", "");
    put("0x", "0x");
    put("odd digits", "0x123");
    put("no digits", "0xgg");
    put("huge number", "0x" + std::string(70, 'f'));
    put("largest number", "0x" + std::string(64, 'f'));
    put("2^64-1", ~std::uint64_t{0});
    return list;
  }();
  return all;
}

// Runs `check` on every broken form of `text`; what it throws must be a pel::Error that names the
// file. Returns the messages by path.
std::map<std::string, std::string> break_all(const std::string& text,
                                             const std::function<void(const std::string&)>& check) {
  const Document whole = Document::parse(text);
  std::vector<Path> paths;
  collect(whole, Path(), paths);
  std::map<std::string, std::string> messages;
  std::mutex mutex;
  for_each(paths.size() * breaches().size(), [&](std::size_t i) {
    const Path& path = paths[i / breaches().size()];
    const Breach& breach = breaches()[i % breaches().size()];
    Document broken = whole;
    breach.apply(broken[path.parent_pointer()], path.back(), broken[path]);
    const std::string name = path.to_string() + " = " + breach.name;
    try {
      check(broken.dump());
    } catch (const Error& error) {
      EXPECT_TRUE(error.place().starts_with(kFile)) << name << ": " << error.what();
      const std::scoped_lock lock(mutex);
      messages[name] = error.what();
    } catch (const std::exception& error) {
      ADD_FAILURE() << name << " is no pel::Error: " << error.what();
    }
  });
  return messages;
}

bool names(const std::string& message, std::initializer_list<const char*> words) {
  return std::all_of(words.begin(), words.end(),
                     [&](const char* word) { return message.find(word) != message.npos; });
}

void replay_text(const std::string& text) {
  evm::CodeCache codes;
  const auto input = read_replay(text, kFile, codes);
  try {
    replay(*input, codes, 1);
  } catch (const Error& error) {  // names what it misses; the command adds the file
    throw Error(std::string(kFile) + ": " + error.place(), error.reason());
  }
}

TEST(BadJson, OfAReplayWithPreState) {
  EXPECT_NO_THROW(replay_text(test::pre_state_text()));
  const auto messages = break_all(test::pre_state_text(), replay_text);
  for (const auto& [path, words] : std::map<std::string, std::initializer_list<const char*>>{
           {"/block = absent", {"no \"block\""}},
           {"/block/number = no digits", {"\"number\"", "0xgg"}},
           {"/block/logsBloom = odd digits", {"\"logsBloom\""}},
           {"/block/transactions = {}", {"block 19500000", "\"transactions\"", "array"}},
           {"/block/transactions/1/nonce = absent", {"block 19500000: transaction 1", "\"nonce\""}},
           {"/block/transactions/1/value = huge number", {"transaction 1", "\"value\"", "256"}},
           {"/block/transactions/0/type = 2^64-1", {"transaction 0", "\"type\""}},
           {"/block/transactions/0/from = 0x", {"transaction 0", "\"from\""}},
           {"/block/withdrawals = true", {"block 19500000", "\"withdrawals\""}},
           {"/parent/number = null", {"\"parent\"", "\"number\""}},
           {"/parent/gasLimit = 2^64-1", {"\"parent\"", "not the header of the parent"}}}) {
    ASSERT_TRUE(messages.contains(path)) << path;
    EXPECT_TRUE(names(messages.at(path), words)) << path << ": " << messages.at(path);
  }
}

TEST(BadJson, OfAReplayWithWitness) {
  EXPECT_NO_THROW(replay_text(test::witness_text()));
  const auto messages = break_all(test::witness_text(), replay_text);
  for (const auto& [path, words] : std::map<std::string, std::initializer_list<const char*>>{
           {"/witness/state = absent", {"\"witness\"", "no \"state\""}},
           {"/witness/state/1 = odd digits", {"node 1", "\"state\""}},
           {"/witness/headers/0 = no digits", {"header 0"}},
           {"/witness/headers/0 = 0x", {"header 0"}},
           {"/witness/headers = []", {"\"headers\"", "parent"}}}) {
    ASSERT_TRUE(messages.contains(path)) << path;
    EXPECT_TRUE(names(messages.at(path), words)) << path << ": " << messages.at(path);
  }
}

TEST(BadJson, OfAStateTest) {
  const auto run = [](const std::string& text) {
    evm::CodeCache codes;
    StateTestOptions options;
    options.codes = &codes;
    return run_state_tests({kFile, text}, options);
  };
  const FileResult whole = run(test::state_test_text());
  ASSERT_EQ(whole.cases.size(), 1U);
  EXPECT_EQ(whole.cases[0].reason, "");
  const auto messages = break_all(test::state_test_text(), run);
  for (const auto& [path, words] : std::map<std::string, std::initializer_list<const char*>>{
           {"/made/pre = absent", {"made", "no \"pre\""}},
           {"/made/env/currentNumber = true", {"made", "\"currentNumber\""}},
           {"/made/transaction/data = []", {"made", "\"data\"", "no such variant"}},
           {"/made/post/Cancun/0/indexes/gas = 2^64-1", {"made", "\"gas\""}}}) {
    ASSERT_TRUE(messages.contains(path)) << path;
    EXPECT_TRUE(names(messages.at(path), words)) << path << ": " << messages.at(path);
  }
}

TEST(BadJson, OfABlockTest) {
  const auto run = [](const std::string& text) {
    evm::CodeCache codes;
    return run_block_tests({kFile, text}, codes);
  };
  const FileResult whole = run(test::block_test_text());
  ASSERT_EQ(whole.cases.size(), 1U);
  EXPECT_EQ(whole.cases[0].reason, "");
  const auto messages = break_all(test::block_test_text(), run);
  for (const auto& [path, words] : std::map<std::string, std::initializer_list<const char*>>{
           {"/made/network = empty text", {"made", "\"network\"", "unknown network"}},
           {"/made/blocks/0/rlp = odd digits", {"made", "\"rlp\""}},
           {"/made/genesisBlockHeader/number = absent", {"made", "no \"number\""}}}) {
    ASSERT_TRUE(messages.contains(path)) << path;
    EXPECT_TRUE(names(messages.at(path), words)) << path << ": " << messages.at(path);
  }
}

TEST(BadJson, WrongForkNamesAreNamed) {
  std::string text = test::state_test_text();
  text.replace(text.find("Cancun"), 6, "Canary");
  evm::CodeCache codes;
  StateTestOptions options;
  options.codes = &codes;
  try {
    run_state_tests({kFile, text}, options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(names(error.what(), {"bad.json: made", "unknown fork \"Canary\""})) << error.what();
  }
}

// Each node of a witness left out by itself: what needs it names file, transaction and account, or
// nothing does and every check passes. It never makes the block invalid.
TEST(BadJson, AMissingNodeIsMissedAndNoWrongAnswer) {
  const Document whole = Document::parse(test::witness_text());
  const std::set<std::string> nodes(whole["witness"]["state"].begin(),
                                    whole["witness"]["state"].end());
  std::size_t missed = 0;
  for (const std::string& node : nodes) {
    Document cut = whole;
    cut["witness"]["state"] = nodes;
    cut["witness"]["state"].erase(
        std::find(cut["witness"]["state"].begin(), cut["witness"]["state"].end(), node));
    evm::CodeCache codes;
    const auto input = read_replay(cut.dump(), kFile, codes);
    try {
      const ReplayResult result = replay(*input, codes, 1);
      for (const ReplayCheck& check : result.checks)
        EXPECT_EQ(check.verdict, ReplayCheck::Verdict::kPass) << check.name << check.reason;
    } catch (const Error& error) {
      ++missed;
      EXPECT_TRUE(names(error.what(), {"trie node 0x", "account 0x"})) << error.what();
      EXPECT_TRUE(names(error.what(), {"transaction "}) || names(error.what(), {"state root"}) ||
                  names(error.what(), {"before its transactions"}))
          << error.what();
    }
  }
  EXPECT_GT(missed, nodes.size() / 2);
}

}  // namespace
}  // namespace pel::cli
