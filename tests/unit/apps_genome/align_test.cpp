// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/align.hpp"

#include <gtest/gtest.h>

#include <set>

#include "apps/plain_loops.hpp"
#include "pel/random.hpp"

namespace pel::apps::genome {
namespace {

using Codes = std::vector<std::uint8_t>;

Codes random_codes(std::size_t n, std::uint64_t seed) {
  Codes codes(n);
  const Philox random(seed);
  for (std::size_t i = 0; i < n; ++i) codes[i] = static_cast<std::uint8_t>(random.bits(i) & 3);
  return codes;
}
Codes reverse_complement(Codes codes) {
  std::reverse(codes.begin(), codes.end());
  for (auto& code : codes) code = complement(code);
  return codes;
}

class AlignTest : public testing::Test {
 protected:
  AlignTest() {
    reference_.add("one", random_codes(30'000, 5));
    reference_.add("two", random_codes(3'000, 6));
    index_ = SeedIndex::build<PlainLoops>(reference_);
  }
  Codes slice(std::size_t at, std::size_t n) const {
    const auto begin = reference_.bases.begin() + static_cast<long>(at);
    return {begin, begin + static_cast<long>(n)};
  }
  Alignment align(const Codes& read, std::uint8_t quality = 40) {
    operations_.clear();
    Aligner aligner(reference_, index_);
    return aligner.align(read, Codes(read.size(), quality), operations_);
  }
  Reference reference_;
  SeedIndex index_;
  std::vector<Operation> operations_;
};

// The best local score with the same rules and no band: O(read * reference).
int slow_score(const Codes& read, const Codes& target, std::uint8_t quality) {
  constexpr int kLow = -1'000'000;
  const std::size_t n = target.size();
  std::vector<int> above(n + 1, Scoring::kEndBonus), insert(n + 1, kLow);
  int best = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    std::vector<int> here(n + 1, 0);
    int deleted = kLow;
    for (std::size_t j = 0; j <= n; ++j) {
      insert[j] = std::max(above[j] - Scoring::kGapOpen - Scoring::kGapExtend,
                           insert[j] - Scoring::kGapExtend);
      int value = std::max(0, insert[j]);
      if (j > 0) {
        deleted = std::max(here[j - 1] - Scoring::kGapOpen - Scoring::kGapExtend,
                           deleted - Scoring::kGapExtend);
        const int step = read[i] == target[j - 1] ? Scoring::kMatch : -Scoring::mismatch(quality);
        value = std::max({value, deleted, above[j - 1] + step});
      }
      here[j] = value;
      if (value > 0) {
        best = std::max(best, value + (i + 1 == read.size() ? Scoring::kEndBonus : 0));
      }
    }
    above = here;
  }
  return best;
}

TEST_F(AlignTest, ExactReadOnBothStrands) {
  for (const bool reversed : {false, true}) {
    const Codes bases = slice(12'345, 100);
    const Alignment a = align(reversed ? reverse_complement(bases) : bases);
    ASSERT_TRUE(a.mapped);
    EXPECT_EQ(a.begin, 12'345u);
    EXPECT_EQ(a.end, 12'445u);
    EXPECT_EQ(a.reversed, reversed);
    EXPECT_EQ(a.score, 200 + 2 * Scoring::kEndBonus);
    EXPECT_EQ(a.quality, 60);
    EXPECT_EQ(a.operations, 0);
  }
}

TEST_F(AlignTest, FindsInsertionAndDeletion) {
  Codes inserted = slice(1'000, 100), deleted = slice(2'000, 103);
  const auto other = static_cast<std::uint8_t>((inserted[50] + 1) & 3);
  inserted.insert(inserted.begin() + 50, {other, other, other, other});
  deleted.erase(deleted.begin() + 60, deleted.begin() + 63);
  const Alignment a = align(inserted);
  EXPECT_EQ(a.begin, 1'000u);
  EXPECT_EQ(a.end, 1'100u);
  ASSERT_EQ(operations_.size(), 3u);
  EXPECT_EQ(operations_[1] & 3, kInserted);
  EXPECT_EQ(operations_[1] >> 2, 4u);
  const Alignment b = align(deleted);
  EXPECT_EQ(b.begin, 2'000u);
  EXPECT_EQ(b.end, 2'103u);
  ASSERT_EQ(operations_.size(), 3u);
  EXPECT_EQ(operations_[1] & 3, kDeleted);
  EXPECT_EQ(operations_[1] >> 2, 3u);
}

TEST_F(AlignTest, ClipsWhatIsNotThere) {
  Codes read = slice(5'000, 80);
  const Codes junk = random_codes(40, 99);
  read.insert(read.end(), junk.begin(), junk.end());
  const Alignment a = align(read);
  EXPECT_EQ(a.begin, 5'000u);
  EXPECT_EQ(a.read_begin, 0);
  EXPECT_NEAR(a.read_end, 80, 6);
}

TEST_F(AlignTest, EndsOfContigs) {
  const std::uint32_t two = reference_.contigs[1].begin;
  EXPECT_EQ(align(slice(0, 60)).begin, 0u);
  EXPECT_EQ(align(slice(reference_.bases.size() - 60, 60)).end, reference_.bases.size());
  EXPECT_EQ(align(slice(two, 60)).begin, two);
  // A read that hangs over the first base: what lies before it is clipped.
  Codes read = random_codes(20, 77);
  const Codes rest = slice(0, 80);
  read.insert(read.end(), rest.begin(), rest.end());
  const Alignment a = align(read);
  ASSERT_TRUE(a.mapped);
  EXPECT_EQ(a.begin, 0u);
  EXPECT_EQ(a.read_begin, 20);
}

TEST_F(AlignTest, ForeignAndUnknownReadsAreNotPlaced) {
  EXPECT_FALSE(align(random_codes(150, 1234)).mapped);
  EXPECT_FALSE(align(Codes(100, kUnknown)).mapped);
  EXPECT_FALSE(align(Codes(5, 0)).mapped);
}

TEST_F(AlignTest, TwoEqualPlacesHaveNoMappingQuality) {
  Reference twice;
  const Codes part = random_codes(500, 8);
  twice.add("a", part);
  twice.add("b", part);
  const SeedIndex index = SeedIndex::build<PlainLoops>(twice);
  std::vector<Operation> operations;
  Aligner aligner(twice, index);
  const Codes read(part.begin() + 100, part.begin() + 200);
  const Alignment a = aligner.align(read, Codes(100, 30), operations);
  ASSERT_TRUE(a.mapped);
  EXPECT_EQ(a.quality, 0);
}

// Random edits: the banded score is what the unbanded recurrence over the neighbourhood gives.
TEST_F(AlignTest, ScoresEqualTheFullRecurrence) {
  const Philox random(42);
  std::uint64_t draw = 0;
  for (int round = 0; round < 300; ++round) {
    const std::size_t at = 200 + random.below(draw++, 29'000);
    Codes read = slice(at, 120);
    for (int edits = static_cast<int>(random.below(draw++, 5)); edits > 0; --edits) {
      const auto where = static_cast<long>(random.below(draw++, read.size()));
      const auto base = static_cast<std::uint8_t>(random.below(draw++, 4));
      switch (random.below(draw++, 3)) {
        case 0:
          read[static_cast<std::size_t>(where)] = base;
          break;
        case 1:
          read.insert(read.begin() + where, base);
          break;
        default:
          read.erase(read.begin() + where);
      }
    }
    const int expected = slow_score(read, slice(at - 60, 260), 30);
    const bool reversed = round % 2 == 1;
    const Alignment a = align(reversed ? reverse_complement(read) : read, 30);
    ASSERT_TRUE(a.mapped);
    // A read that reaches both ends without crowded mismatches is not tried with a gap, which could
    // gain at most a few points; nothing else may differ.
    const bool ungapped = a.operations == 0 && a.read_begin == 0 && a.read_end == read.size();
    if (ungapped) {
      ASSERT_LE(a.score, expected) << round;
      ASSERT_GE(a.score + 14, expected) << round;
    } else {
      ASSERT_EQ(a.score, expected) << round;
    }
  }
}

TEST_F(AlignTest, IndexHoldsTheMinimizersOfAWholeScan) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> expected;
  for_each_minimizer(reference_.bases, [&](std::uint32_t hash, std::uint32_t at, bool reversed) {
    expected.insert({hash, at << 1 | static_cast<std::uint32_t>(reversed)});
  });
  std::size_t found = 0;
  for (const auto& [hash, place] : expected) {
    const auto places = index_.places(hash);
    found += std::find(places.begin(), places.end(), place) != places.end();
  }
  EXPECT_EQ(found, expected.size());
  EXPECT_EQ(index_.size(), expected.size());
}

TEST(SeedIndexTest, BlocksDoNotShow) {
  Reference reference;
  reference.add("long", random_codes(300'000, 3));
  std::size_t expected = 0;
  for_each_minimizer(reference.bases, [&](std::uint32_t, std::uint32_t, bool) { ++expected; });
  EXPECT_EQ(SeedIndex::build<PlainLoops>(reference).size(), expected);
}

}  // namespace
}  // namespace pel::apps::genome
