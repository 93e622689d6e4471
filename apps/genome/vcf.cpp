// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/vcf.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "pel/error.hpp"

namespace pel::apps::genome {
namespace {

constexpr std::string_view kHeader =
    "##FILTER=<ID=PASS,Description=\"All filters passed\">\n"
    "##FILTER=<ID=LowQual,Description=\"QUAL below 20\">\n"
    "##FILTER=<ID=LowDepth,Description=\"Fewer than 4 reads speak on the site\">\n"
    "##FILTER=<ID=StrandBias,Description=\"10 or more reads show the allele, all on one strand\">\n"
    "##FILTER=<ID=SnpGap,Description=\"Substitution within 5 bases of an indel, in fewer than 3 of "
    "4 "
    "reads\">\n"
    "##INFO=<ID=DP,Number=1,Type=Integer,Description=\"Reads that speak on the site\">\n"
    "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
    "##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"Phred of the genotype being wrong, at "
    "most "
    "99\">\n"
    "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Reads that speak on the site\">\n"
    "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Reads that show each allele\">\n"
    "##FORMAT=<ID=PL,Number=G,Type=Integer,Description=\"Phred-scaled genotype likelihoods\">\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tsample\n";

constexpr std::array<std::string_view, 4> kFilterNames = {"LowQual", "LowDepth", "StrandBias",
                                                          "SnpGap"};

void append_list(std::string& out, const std::vector<std::uint32_t>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    out += std::to_string(values[i]);
  }
}

void append_filter(std::string& out, std::uint8_t filter) {
  if (filter == kPass) {
    out += "PASS";
    return;
  }
  bool first = true;
  for (std::size_t bit = 0; bit < kFilterNames.size(); ++bit) {
    if ((filter >> bit & 1) == 0) continue;
    if (!first) out += ';';
    out += kFilterNames[bit];
    first = false;
  }
}

void append_call(std::string& out, const Reference& reference, const Call& call, int ploidy) {
  const Contig& contig = reference.contigs[reference.contig_of(call.position)];
  out += contig.name;
  out += '\t';
  out += std::to_string(call.position - contig.begin + 1);
  out += "\t.\t";
  out += call.reference;
  for (std::size_t i = 0; i < call.alternatives.size(); ++i) {
    out += i == 0 ? '\t' : ',';
    out += call.alternatives[i];
  }
  out += '\t';
  out += std::to_string(call.quality / 100);
  out += '.';
  out += std::to_string(call.quality / 10 % 10);
  out += '\t';
  append_filter(out, call.filter);
  const std::string depth = std::to_string(call.depth);
  out += "\tDP=";
  out += depth;
  out += "\tGT:GQ:DP:AD:PL\t";
  out += std::to_string(call.genotype[0]);
  if (ploidy == 2) {
    out += '/';
    out += std::to_string(call.genotype[1]);
  }
  out += ':';
  out += std::to_string(call.genotype_quality);
  out += ':';
  out += depth;
  out += ':';
  append_list(out, call.allele_depths);
  out += ':';
  append_list(out, call.genotype_costs);
  out += '\n';
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool is_bases(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kLetters.find(c) != std::string_view::npos;
  });
}

}  // namespace

Variant normalized(const Reference& reference, Variant variant) {
  auto& a = variant.reference;
  auto& b = variant.alternative;
  for (bool moved = true; moved;) {
    moved = false;
    if (!a.empty() && !b.empty() && a.back() == b.back() && a != b) {
      a.pop_back();
      b.pop_back();
      moved = true;
    }
    if ((a.empty() || b.empty()) && variant.position > 0) {
      --variant.position;
      const char before = kLetters[reference.bases[variant.position]];
      a.insert(a.begin(), before);
      b.insert(b.begin(), before);
      moved = true;
    }
  }
  while (a.size() > 1 && b.size() > 1 && a.front() == b.front()) {
    a.erase(a.begin());
    b.erase(b.begin());
    ++variant.position;
  }
  return variant;
}

std::string format_vcf(const Reference& reference, const std::vector<Call>& calls,
                       const CallOptions& options) {
  std::string out = "##fileformat=VCFv4.2\n##source=pel genome\n";
  for (const Contig& contig : reference.contigs) {
    out += "##contig=<ID=" + contig.name + ",length=" + std::to_string(contig.length) + ">\n";
  }
  out += kHeader;
  for (const Call& call : calls) append_call(out, reference, call, options.ploidy);
  return out;
}

std::vector<Variant> parse_vcf(std::string_view text, const Reference& reference,
                               const std::string& place) {
  std::vector<Variant> variants;
  std::size_t number = 0;
  const auto bad = [&](const std::string& reason) {
    return Error(place + ":" + std::to_string(number), reason);
  };
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) throw bad("the last line is cut");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (number == 1 && !line.starts_with("##fileformat=VCFv4")) throw bad("not a VCF file");
    if (line.starts_with('#')) continue;
    const auto fields = split(line, '\t');
    if (fields.size() < 8) throw bad("fewer than 8 columns");
    if (fields[6] != "PASS" && fields[6] != ".") continue;
    const auto contig = std::find_if(reference.contigs.begin(), reference.contigs.end(),
                                     [&](const Contig& c) { return c.name == fields[0]; });
    if (contig == reference.contigs.end()) throw bad("unknown contig");
    std::uint32_t position = 0;
    const auto [stop, error] =
        std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), position);
    if (error != std::errc() || stop != fields[1].data() + fields[1].size() || position == 0 ||
        position > contig->length) {
      throw bad("POS is not a position of the contig");
    }
    for (const std::string_view alternative : split(fields[4], ',')) {
      if (!is_bases(fields[3]) || !is_bases(alternative)) throw bad("REF or ALT is not bases");
      variants.push_back(normalized(reference, {contig->begin + position - 1,
                                                std::string(fields[3]), std::string(alternative)}));
    }
  }
  if (number == 0) throw bad("the file is empty");
  std::sort(variants.begin(), variants.end());
  return variants;
}

bool spelled_as_reference(const Reference& reference, const std::vector<Variant>& variants) {
  for (const Variant& variant : variants) {
    if (variant.reference.size() > reference.bases.size() - variant.position) return false;
    for (std::size_t i = 0; i < variant.reference.size(); ++i) {
      if (kLetters[reference.bases[variant.position + i]] != variant.reference[i]) return false;
    }
  }
  return true;
}

Accuracy compare(const std::vector<Variant>& expected, const std::vector<Variant>& called,
                 bool indels) {
  Accuracy accuracy;
  const auto pick = [&](const Variant& v) { return v.is_indel() == indels; };
  accuracy.expected = static_cast<std::size_t>(std::ranges::count_if(expected, pick));
  for (const Variant& variant : called) {
    if (!pick(variant)) continue;
    ++accuracy.called;
    accuracy.matched += std::binary_search(expected.begin(), expected.end(), variant);
  }
  return accuracy;
}

}  // namespace pel::apps::genome
