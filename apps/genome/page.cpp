// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/page.hpp"

#include <algorithm>
#include <utility>

#include "apps/genome/call.hpp"

namespace pel::apps::genome {
namespace {

constexpr std::uint64_t kWidth = 720, kHeight = 150;  // of the depth plot, in SVG units
constexpr std::size_t kMaxColumns = 240, kMaxTicks = 2000;

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  }
  return out;
}

// Mean depth in tenths, one entry a column.
std::vector<std::uint64_t> columns_of(const std::vector<std::uint32_t>& sums) {
  const std::size_t bins = std::max<std::size_t>(1, (sums.size() + kMaxColumns - 1) / kMaxColumns);
  std::vector<std::uint64_t> columns;
  for (std::size_t i = 0; i < sums.size(); i += bins) {
    const std::size_t end = std::min(sums.size(), i + bins);
    std::uint64_t sum = 0;
    for (std::size_t j = i; j < end; ++j) sum += sums[j];
    columns.push_back(10 * sum / (kDepthBin * (end - i)));
  }
  return columns;
}

void append_ticks(std::string& out, const Reference& reference,
                  const std::vector<Variant>& variants, bool indels) {
  const std::size_t every = std::max<std::size_t>(1, variants.size() / kMaxTicks);
  out += indels ? "<path stroke=\"#c2410c\" d=\"" : "<path stroke=\"#1d4ed8\" d=\"";
  for (std::size_t i = 0; i < variants.size(); i += every) {
    if (variants[i].is_indel() != indels) continue;
    const std::uint64_t x = variants[i].position * kWidth / reference.bases.size();
    out += 'M';
    out += std::to_string(x);
    out += indels ? " 176v14" : " 158v14";
  }
  out += "\"/>";
}

}  // namespace

std::string coverage_page(const Reference& reference, const std::vector<std::uint32_t>& depth_sums,
                          const std::vector<Variant>& variants) {
  const auto columns = columns_of(depth_sums);
  std::uint64_t top = 10;
  for (const std::uint64_t depth : columns) top = std::max(top, depth);
  std::string out =
      "<svg viewBox=\"0 0 720 216\" width=\"100%\" role=\"img\" font-family=\"sans-serif\" "
      "font-size=\"12\"><title>Depth of the reads and variants along the genome</title>"
      "<path fill=\"#93c5fd\" d=\"M0 150";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::uint64_t y = kHeight - columns[i] * (kHeight - 20) / top;
    for (const auto& [letter, at] : {std::pair{'L', i * kWidth / columns.size()}, std::pair{' ', y},
                                     std::pair{'H', (i + 1) * kWidth / columns.size()}}) {
      out += letter;
      out += std::to_string(at);
    }
  }
  out += "V150Z\"/>";
  append_ticks(out, reference, variants, false);
  append_ticks(out, reference, variants, true);
  const auto indels =
      std::ranges::count_if(variants, [](const Variant& v) { return v.is_indel(); });
  const auto all = static_cast<std::ptrdiff_t>(variants.size());
  out += "<text x=\"4\" y=\"14\">depth up to " + std::to_string(top / 10) +
         "</text><text x=\"4\" "
         "y=\"208\"><tspan fill=\"#1d4ed8\">" +
         std::to_string(all - indels) + " substitutions</tspan>, <tspan fill=\"#c2410c\">" +
         std::to_string(indels) + " indels</tspan> in " + std::to_string(reference.length()) +
         " bases, contig " + escaped(reference.contigs[0].name) +
         (reference.contigs.size() > 1 ? " and others" : "") + "</text></svg>";
  return out;
}

}  // namespace pel::apps::genome
