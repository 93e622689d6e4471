// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "ledger/primitives/keccak.hpp"
#include "pel/error.hpp"
#include "pel/ledger/state.hpp"

namespace pel::ledger {
namespace {

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

// A key of few distinct nibbles, so that paths share prefixes and branches shrink and grow.
Bytes random_key(std::mt19937& random) {
  Bytes key(1 + random() % 4);
  for (auto& byte : key) byte = static_cast<std::uint8_t>((random() % 3) << 4 | random() % 3);
  return key;
}

// By ranges: g++ 12 warns of the memcmp that std::less becomes here.
struct ByBytes {
  bool operator()(const Bytes& a, const Bytes& b) const {
    return std::ranges::lexicographical_compare(a, b);
  }
};
using Entries = std::map<Bytes, Bytes, ByBytes>;

Hash256 root_of(const Entries& entries) {
  std::vector<TrieEntry> list;
  for (const auto& [key, value] : entries) list.push_back({key, value});
  return trie_root(std::move(list));
}

TEST(Trie, EmptyTrieHasTheKnownRoot) {
  EXPECT_EQ(Trie().root(), kEmptyTrieRoot);
  EXPECT_EQ(trie_root({}), kEmptyTrieRoot);
  EXPECT_EQ(ordered_root({}), kEmptyTrieRoot);
}

TEST(Trie, KnownRootOfFourWords) {
  Trie trie;
  const std::vector<std::pair<const char*, const char*>> words = {
      {"do", "verb"}, {"horse", "stallion"}, {"doge", "coin"}, {"dog", "puppy"}};
  for (const auto& [key, value] : words) trie.put(bytes_of(key), bytes_of(value));
  EXPECT_EQ(to_string(trie.root()),
            "0x5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84");
}

TEST(Trie, RandomEditsEqualBuildingFromScratch) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Entries entries;
    Trie trie;
    for (int step = 0; step < 300; ++step) {
      const Bytes key = random_key(random);
      if (random() % 3 == 0) {
        EXPECT_EQ(trie.erase(key), entries.erase(key) == 1);
      } else {
        const Bytes value(1 + random() % 50, static_cast<std::uint8_t>(random() % 255 + 1));
        trie.put(key, value);
        entries[key] = value;
      }
      if (step % 7 == 0) {
        ASSERT_EQ(trie.root(), root_of(entries)) << "seed " << seed << " step " << step;
      }
    }
    for (const auto& [key, value] : entries) EXPECT_EQ(trie.get(key), value);
    const Trie copy = trie;
    EXPECT_EQ(copy.root(), root_of(entries));
  }
}

TEST(Trie, ProofsShowValuesAndAbsence) {
  std::mt19937 random(7);
  Entries entries;
  Trie trie;
  for (int i = 0; i < 200; ++i) {
    const Hash256 key = keccak256(Bytes{static_cast<std::uint8_t>(i)});
    const Bytes value(1 + random() % 60, 7);
    trie.put(key.bytes, value);
    entries[Bytes(key.bytes.begin(), key.bytes.end())] = value;
  }
  for (const auto& [key, value] : entries)
    EXPECT_EQ(check_proof(trie.root(), key, trie.prove(key)), value);
  const Hash256 absent = keccak256(bytes_of("absent"));
  EXPECT_EQ(check_proof(trie.root(), absent.bytes, trie.prove(absent.bytes)), std::nullopt);
  std::vector<Bytes> cut = trie.prove(entries.begin()->first);
  cut.pop_back();
  EXPECT_THROW(check_proof(trie.root(), entries.begin()->first, cut), MissingNode);
}

TEST(Trie, MalformedNodesAreErrors) {
  for (const Bytes& node : {Bytes{0xc1, 0x80}, Bytes{0xc2, 0x80, 0x01}, Bytes{0xc2, 0x40, 0x01},
                            Bytes{0xc2, 0x20, 0x80}}) {
    const std::vector<Bytes> nodes = {node};
    EXPECT_THROW(check_proof(keccak256(node), Bytes{1}, nodes), Error);
  }
}

// A deletion that merges a branch needs the sibling; a witness may list it only as merged.
TEST(Trie, FindsASiblingThatTheWitnessListsMerged) {
  const Bytes long_value(40, 9);
  Trie full;
  full.put(Bytes{0x11, 0x11}, long_value);
  full.put(Bytes{0x12, 0x22}, long_value);
  const Hash256 before = full.root();
  std::vector<Bytes> witness = full.prove(Bytes{0x11, 0x11});
  Trie merged;
  merged.put(Bytes{0x12, 0x22}, long_value);
  for (const Bytes& node : merged.prove(Bytes{0x12, 0x22})) witness.push_back(node);
  Trie sparse(before, std::make_shared<WitnessNodes>(witness));
  EXPECT_TRUE(sparse.erase(Bytes{0x11, 0x11}));
  EXPECT_EQ(sparse.root(), merged.root());

  witness.pop_back();
  Trie lacking(before, std::make_shared<WitnessNodes>(witness));
  EXPECT_THROW(lacking.erase(Bytes{0x11, 0x11}), MissingNode);
}

TEST(Trie, OrderedRootEqualsATrieKeyedByRlp) {
  std::vector<Bytes> values;
  Trie trie;
  for (std::size_t i = 0; i < 300; ++i) {
    values.push_back(Bytes(1 + i % 45, static_cast<std::uint8_t>(i % 200 + 1)));
    Bytes key;
    if (i == 0) {
      key = {0x80};
    } else if (i < 128) {
      key = {static_cast<std::uint8_t>(i)};
    } else if (i < 256) {
      key = {0x81, static_cast<std::uint8_t>(i)};
    } else {
      key = {0x82, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    }
    trie.put(key, values.back());
    ASSERT_EQ(ordered_root(values), trie.root()) << i;
  }
}

}  // namespace
}  // namespace pel::ledger
