// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/call.hpp"

#include <algorithm>
#include <tuple>

namespace pel::apps::genome {
namespace {

constexpr std::uint32_t kMargin = 4;  // bases at a read's ends are not believed: a gap may hide
constexpr std::uint32_t kFlank = 6;   // aligned bases on both sides of a gap that counts
constexpr std::uint32_t kSpan = 3;    // a read must pass an indel by this much to speak on it
constexpr std::uint8_t kMinBaseQuality = 3;  // 2 and below mean "no idea"
constexpr std::uint8_t kMaxBaseQuality = 40;
constexpr std::uint32_t kMaxDepth = 250'000;  // keeps a site's sums in 32 bits
constexpr std::uint32_t kMinGapReads = 3;
// Priors, centiphred: a substitution at one base in a thousand, to one of three; an indel at one in
// ten thousand. A homozygote is half as likely as a heterozygote; two alternatives, both priors.
constexpr std::int64_t kSubstitutionPrior = 3477;
constexpr std::int64_t kIndelPrior = 4000;
constexpr std::int64_t kHomozygous = 301;
constexpr std::int64_t kOneInTwo = 301;

// Natural logarithm by the series of atanh; runs in the compiler.
constexpr double series_log(double x) {
  int doublings = 0;
  for (; x < 0.75; x *= 2) ++doublings;
  const double y = (x - 1) / (x + 1);
  double term = y, sum = 0;
  for (int k = 1; k < 60; k += 2, term *= y * y) sum += term / k;
  return 2 * sum - doublings * 0.69314718055994530942;
}
constexpr std::uint32_t centiphred(double probability) {
  return static_cast<std::uint32_t>(-1000 / 2.30258509299404568402 * series_log(probability) + 0.5);
}

struct CostTable {
  std::array<std::uint16_t, kMaxBaseQuality + 1> same{}, other{}, half{};
};
constexpr CostTable make_costs() {
  CostTable table;
  double error = 1;
  for (std::size_t q = 0; q <= kMaxBaseQuality; ++q, error *= 0.79432823472428150207) {
    const double e = q == 0 ? 0.75 : std::min(error, 0.75);
    table.same[q] = static_cast<std::uint16_t>(centiphred(1 - e));
    table.other[q] = static_cast<std::uint16_t>(centiphred(e / 3));
    table.half[q] = static_cast<std::uint16_t>(centiphred((1 - e) / 2 + e / 6));
  }
  return table;
}
constexpr CostTable kCosts = make_costs();

std::uint32_t phred(std::int64_t centi) {
  return static_cast<std::uint32_t>(std::max<std::int64_t>(0, centi) / 100);
}

// Fills genotype, quality and costs from the cost of every genotype in VCF order, priors excluded
// from `costs` and included in `posterior`.
void choose_genotype(Call& call, const std::vector<std::int64_t>& costs,
                     const std::vector<std::int64_t>& posterior) {
  const auto best = std::min_element(posterior.begin(), posterior.end());
  std::int64_t second = INT64_MAX;
  for (auto it = posterior.begin(); it != posterior.end(); ++it) {
    if (it != best) second = std::min(second, *it);
  }
  const std::int64_t least = *std::min_element(costs.begin(), costs.end());
  for (const std::int64_t cost : costs) call.genotype_costs.push_back(phred(cost - least));
  call.quality = static_cast<std::uint32_t>(std::max<std::int64_t>(0, posterior[0] - *best));
  call.genotype_quality = std::min(99u, phred(second - *best));
}

}  // namespace

// Sums over the reads that show each base at one position.
struct Caller::Site {
  std::array<std::uint32_t, 4> forward{}, backward{};
  std::array<std::uint32_t, 4> same{}, other{}, half{};
  std::uint32_t depth = 0;

  std::uint32_t count(std::size_t base) const { return forward[base] + backward[base]; }
  // Cost of the genotype of bases a and b.
  std::int64_t cost(std::size_t a, std::size_t b) const {
    std::int64_t sum = 0;
    for (std::size_t base = 0; base < 4; ++base) {
      sum += base != a && base != b ? other[base] : a == b ? same[base] : half[base];
    }
    return sum;
  }
};

// An insertion (`inserted` not empty) or deletion after reference base `anchor`, as one read shows
// it.
struct Caller::Gap {
  std::uint32_t anchor = 0;
  std::uint32_t deleted = 0;
  std::string inserted;  // codes, not letters
  bool reversed = false;

  auto key() const { return std::tie(anchor, deleted, inserted); }
};

Caller::Keys Caller::overlapping(std::uint32_t begin, std::uint32_t end) const {
  const std::uint32_t early = begin < aligned_.longest ? 0 : begin - aligned_.longest;
  const auto& order = aligned_.order;
  const auto first = std::lower_bound(order.begin(), order.end(), std::uint64_t{early} << 32);
  const auto last = std::lower_bound(first, order.end(), std::uint64_t{end} << 32);
  return {first, last};
}

std::span<const Operation> Caller::operations_of(std::uint64_t read) const {
  const Batch& batch = aligned_.batches[read / kBatch];
  const Alignment& alignment = batch.alignments[read % kBatch];
  return {batch.operations.data() + alignment.first_operation, alignment.operations};
}

TileResult Caller::tile(std::uint32_t begin, std::uint32_t end) const {
  std::vector<Site> sites(end - begin);
  std::vector<Gap> gaps;
  for (const std::uint64_t key : overlapping(begin, end)) {
    const std::uint64_t read = key & 0xFFFFFFFFu;
    const Alignment& alignment = aligned_.alignment(read);
    if (alignment.end <= begin) continue;
    pile(read, begin, sites);
    if (alignment.operations != 0) collect_gaps(read, gaps);
  }
  TileResult result;
  result.depth_sums.assign((sites.size() + kDepthBin - 1) / kDepthBin, 0);
  for (std::uint32_t i = 0; i < sites.size(); ++i) {
    result.depth_sums[i / kDepthBin] += sites[i].depth;
    call_site(begin + i, sites[i], result.calls);
  }
  call_gaps(gaps, begin, end, result.calls);
  std::stable_sort(result.calls.begin(), result.calls.end(),
                   [](const Call& a, const Call& b) { return a.position < b.position; });
  return result;
}

void Caller::pile(std::uint64_t read, std::uint32_t begin, std::span<Site> sites) const {
  const Alignment& alignment = aligned_.alignment(read);
  if (alignment.operations == 0) {
    add_bases(read, alignment.begin, alignment.read_begin, alignment.end - alignment.begin, begin,
              sites);
    return;
  }
  std::uint32_t at = alignment.begin, from = alignment.read_begin;
  for (const Operation run : operations_of(read)) {
    const std::uint32_t count = run >> 2, kind = run & 3;
    if (kind == kAligned) add_bases(read, at, from, count, begin, sites);
    if (kind != kInserted) at += count;
    if (kind != kDeleted) from += count;
  }
}

// Adds read bases [from, from + count), aligned to reference bases from `at`, to a tile's sites.
void Caller::add_bases(std::uint64_t read, std::uint32_t at, std::uint32_t from,
                       std::uint32_t count, std::uint32_t begin, std::span<Site> sites) const {
  const Alignment& alignment = aligned_.alignment(read);
  const std::int64_t shift = std::int64_t{at} - from;  // reference position - read position
  const std::int64_t low =
      std::max({std::int64_t{from}, std::int64_t{alignment.read_begin} + kMargin,
                std::int64_t{begin} - shift});
  const std::int64_t high =
      std::min({std::int64_t{from} + count, std::int64_t{alignment.read_end} - kMargin,
                std::int64_t{begin} + static_cast<std::int64_t>(sites.size()) - shift});
  const auto bases = reads_.bases_of(read);
  const auto qualities = reads_.qualities_of(read);
  const auto last = static_cast<std::int64_t>(bases.size()) - 1;
  const std::uint8_t limit = std::min(kMaxBaseQuality, alignment.quality);
  for (std::int64_t i = low; i < high; ++i) {
    const auto source = static_cast<std::size_t>(alignment.reversed ? last - i : i);
    const std::uint8_t code = bases[source];
    const std::uint8_t quality = std::min(qualities[source], limit);
    if (code > 3 || quality < kMinBaseQuality) continue;
    const std::uint8_t base = alignment.reversed ? complement(code) : code;
    Site& site = sites[static_cast<std::size_t>(i + shift - begin)];
    if (site.depth == kMaxDepth) continue;
    ++site.depth;
    ++(alignment.reversed ? site.backward : site.forward)[base];
    site.same[base] += kCosts.same[quality];
    site.other[base] += kCosts.other[quality];
    site.half[base] += kCosts.half[quality];
  }
}

void Caller::call_site(std::uint32_t position, const Site& site, std::vector<Call>& calls) const {
  const std::uint8_t ref = reference_.bases[position];
  if (ref > 3 || site.depth - site.count(ref) < 2) return;
  // The genotype of least cost; then its alternative alleles make the line.
  std::size_t best_a = ref, best_b = ref;
  std::int64_t best = site.cost(ref, ref);
  for (std::size_t a = 0; a < 4; ++a) {
    for (std::size_t b = a; b < 4; ++b) {
      if ((options_.ploidy == 1 && a != b) || (a == ref && b == ref)) continue;
      std::int64_t cost = site.cost(a, b) + kSubstitutionPrior;
      if (options_.ploidy == 2 && a == b) cost += kHomozygous;
      if (a != b && a != ref && b != ref) cost += kSubstitutionPrior;
      if (cost < best) std::tie(best, best_a, best_b) = std::tuple(cost, a, b);
    }
  }
  if (best_a == ref && best_b == ref) return;
  std::vector<std::size_t> alleles{ref};
  for (const std::size_t allele : {best_a, best_b}) {
    if (std::find(alleles.begin(), alleles.end(), allele) == alleles.end()) {
      alleles.push_back(allele);
    }
  }
  Call call;
  call.position = position;
  call.reference = kLetters[ref];
  call.depth = site.depth;
  std::vector<std::int64_t> costs, posterior;
  for (std::size_t j = 0; j < alleles.size(); ++j) {
    if (j > 0) call.alternatives.emplace_back(1, kLetters[alleles[j]]);
    call.allele_depths.push_back(site.count(alleles[j]));
    for (std::size_t i = options_.ploidy == 1 ? j : 0; i <= j; ++i) {
      costs.push_back(site.cost(alleles[i], alleles[j]));
      std::int64_t prior = j == 0 ? 0 : kSubstitutionPrior;
      if (options_.ploidy == 2 && i == j && j > 0) prior += kHomozygous;
      if (i > 0 && i != j) prior += kSubstitutionPrior;
      posterior.push_back(costs.back() + prior);
    }
  }
  choose_genotype(call, costs, posterior);
  const auto number = [&](std::size_t base) {
    return static_cast<std::uint8_t>(std::find(alleles.begin(), alleles.end(), base) -
                                     alleles.begin());
  };
  call.genotype = {std::min(number(best_a), number(best_b)),
                   std::max(number(best_a), number(best_b))};
  if (options_.ploidy == 1) call.genotype[0] = call.genotype[1];
  std::uint32_t forward = 0, backward = 0;
  for (std::size_t j = 1; j < alleles.size(); ++j) {
    forward += site.forward[alleles[j]];
    backward += site.backward[alleles[j]];
  }
  judge(call, forward, backward);
  calls.push_back(std::move(call));
}

void Caller::judge(Call& call, std::uint32_t forward, std::uint32_t backward) const {
  if (call.quality < 100 * options_.min_quality) call.filter |= kLowQual;
  if (call.depth < options_.min_depth) call.filter |= kLowDepth;
  if (forward + backward >= 10 && std::min(forward, backward) == 0) call.filter |= kStrandBias;
}

void Caller::collect_gaps(std::uint64_t read, std::vector<Gap>& gaps) const {
  const Alignment& alignment = aligned_.alignment(read);
  const auto bases = reads_.bases_of(read);
  std::uint32_t at = alignment.begin, from = alignment.read_begin;
  for (const Operation run : operations_of(read)) {
    const std::uint32_t count = run >> 2, kind = run & 3;
    const std::uint32_t after = kind == kInserted ? from + count : from;
    const bool flanked =
        from >= alignment.read_begin + kFlank && after + kFlank <= alignment.read_end;
    if (kind != kAligned && flanked) {
      Gap gap{at - 1, kind == kDeleted ? count : 0, {}, alignment.reversed};
      for (std::uint32_t i = from; kind == kInserted && i < from + count; ++i) {
        const std::size_t source = alignment.reversed ? bases.size() - 1 - i : i;
        gap.inserted +=
            static_cast<char>(alignment.reversed ? complement(bases[source]) : bases[source]);
      }
      shift_left(gap);
      const bool known = gap.inserted.find(static_cast<char>(kUnknown)) == std::string::npos;
      if (known && gap.anchor >= alignment.begin) gaps.push_back(std::move(gap));
    }
    if (kind != kInserted) at += count;
    if (kind != kDeleted) from += count;
  }
}

void Caller::shift_left(Gap& gap) const {
  const auto& bases = reference_.bases;
  while (gap.anchor > 0 && bases[gap.anchor] < 4) {
    if (gap.deleted > 0) {
      if (bases[gap.anchor] != bases[gap.anchor + gap.deleted]) return;
    } else {
      if (bases[gap.anchor] != static_cast<std::uint8_t>(gap.inserted.back())) return;
      std::rotate(gap.inserted.begin(), gap.inserted.end() - 1, gap.inserted.end());
    }
    --gap.anchor;
  }
}

// Of the gaps at one anchor the one that most reads show is the candidate.
void Caller::call_gaps(std::vector<Gap>& gaps, std::uint32_t begin, std::uint32_t end,
                       std::vector<Call>& calls) const {
  std::sort(gaps.begin(), gaps.end(), [](const Gap& a, const Gap& b) { return a.key() < b.key(); });
  for (std::size_t i = 0; i < gaps.size();) {
    const std::uint32_t anchor = gaps[i].anchor;
    std::size_t best = i, best_count = 0;
    while (i < gaps.size() && gaps[i].anchor == anchor) {
      const std::size_t first = i;
      while (i < gaps.size() && gaps[i].key() == gaps[first].key()) ++i;
      if (i - first > best_count) std::tie(best, best_count) = std::tuple(first, i - first);
    }
    if (best_count < kMinGapReads || anchor < begin || anchor >= end) continue;
    std::uint32_t backward = 0;
    for (std::size_t j = best; j < best + best_count; ++j) backward += gaps[j].reversed;
    call_gap(gaps[best], static_cast<std::uint32_t>(best_count) - backward, backward, calls);
  }
}

bool Caller::shows_no_gap(std::uint64_t read, std::uint32_t begin, std::uint32_t end) const {
  std::uint32_t at = aligned_.alignment(read).begin;
  for (const Operation run : operations_of(read)) {
    const std::uint32_t count = run >> 2, kind = run & 3;
    if (kind != kAligned && at < end && at + (kind == kDeleted ? count : 0) >= begin) return false;
    if (kind != kInserted) at += count;
  }
  return true;
}

void Caller::call_gap(const Gap& gap, std::uint32_t forward, std::uint32_t backward,
                      std::vector<Call>& calls) const {
  const auto& bases = reference_.bases;
  const std::size_t unit = gap.deleted > 0 ? gap.deleted : gap.inserted.size();
  // How far right the same gap could be written: a read speaks on it only if it passes all of that.
  std::uint32_t reach = 0;
  for (std::uint32_t next = gap.anchor + 1;; ++reach) {
    const std::size_t ahead = next + reach + gap.deleted;
    if (ahead >= bases.size() || bases[next + reach] > 3) break;
    const std::uint8_t repeat =
        gap.deleted > 0 ? bases[ahead]
                        : static_cast<std::uint8_t>(gap.inserted[reach % gap.inserted.size()]);
    if (bases[next + reach] != repeat) break;
  }
  const std::uint32_t left = gap.anchor < kSpan ? 0 : gap.anchor - kSpan;
  const std::uint32_t right = gap.anchor + 1 + gap.deleted + reach + kSpan;
  std::uint32_t without = 0;
  for (const std::uint64_t key : overlapping(gap.anchor, gap.anchor + 1)) {
    const std::uint64_t read = key & 0xFFFFFFFFu;
    const Alignment& alignment = aligned_.alignment(read);
    if (alignment.begin > left || alignment.end < right) continue;
    without += shows_no_gap(read, left, right);
  }
  const std::uint32_t with = forward + backward;
  // A gap read by mistake is likelier the longer the repeat it sits in.
  const auto error = static_cast<std::int64_t>(
      std::clamp<std::size_t>(4300 - 300 * std::min<std::size_t>(10, reach / unit), 1500, 4000));
  Call call;
  call.position = gap.anchor;
  call.reference = kLetters[bases[gap.anchor]];
  std::string alternative = call.reference;
  for (std::uint32_t i = 1; i <= gap.deleted; ++i)
    call.reference += kLetters[bases[gap.anchor + i]];
  for (const char code : gap.inserted) alternative += kLetters[static_cast<std::uint8_t>(code)];
  call.alternatives.push_back(std::move(alternative));
  call.depth = with + without;
  call.allele_depths = {without, with};
  std::vector<std::int64_t> costs{with * error, without * error}, posterior;
  if (options_.ploidy == 2) {
    costs.insert(costs.begin() + 1, (std::int64_t{with} + without) * kOneInTwo);
    posterior = {costs[0], costs[1] + kIndelPrior, costs[2] + kIndelPrior + kHomozygous};
  } else {
    posterior = {costs[0], costs[1] + kIndelPrior};
  }
  const auto best = std::min_element(posterior.begin(), posterior.end()) - posterior.begin();
  if (best == 0) return;
  choose_genotype(call, costs, posterior);
  const bool heterozygous = options_.ploidy == 2 && best == 1;
  call.genotype = {static_cast<std::uint8_t>(heterozygous ? 0 : 1), 1};
  judge(call, forward, backward);
  calls.push_back(std::move(call));
}

void filter_beside_indels(std::vector<Call>& calls) {
  constexpr std::uint32_t kNear = 5;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!calls[i].is_indel() || calls[i].filter != kPass) continue;
    const std::uint32_t low = calls[i].position < kNear ? 0 : calls[i].position - kNear;
    const std::uint32_t high =
        calls[i].position + static_cast<std::uint32_t>(calls[i].reference.size()) + kNear;
    const auto doubt = [&](Call& call) {
      const std::uint32_t shown = call.depth - call.allele_depths[0];
      if (!call.is_indel() && 4 * shown < 3 * call.depth) call.filter |= kSnpGap;
    };
    for (std::size_t j = i; j-- > 0 && calls[j].position >= low;) doubt(calls[j]);
    for (std::size_t j = i + 1; j < calls.size() && calls[j].position < high; ++j) doubt(calls[j]);
  }
}

}  // namespace pel::apps::genome
