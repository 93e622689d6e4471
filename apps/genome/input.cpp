// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/input.hpp"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <unordered_set>
#include <utility>

#include "apps/packaged_data.hpp"
#include "pel/error.hpp"
#include "pel/random.hpp"

namespace pel::apps::genome {
namespace {

constexpr std::size_t kMaxText = std::size_t{16} << 30;

// Lines of a text, numbered from 1; a line may end in CRLF.
class Lines {
 public:
  Lines(std::string_view text, const std::string& place) : text_(text), place_(place) {}

  bool done() const { return text_.empty(); }
  std::string_view next() {
    ++number_;
    const std::size_t end = text_.find('\n');
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  Error bad(std::string reason, std::string advice = {}) const {
    return Error(place_ + ":" + std::to_string(number_), std::move(reason), std::move(advice));
  }

 private:
  std::string_view text_;
  const std::string& place_;
  std::size_t number_ = 0;
};

bool is_base_letter(char c) {
  constexpr std::string_view kIupac = "ACGTUNRYSWKMBDHVacgtunryswkmbdhv";
  return kCodes[static_cast<unsigned char>(c)] < 4 || kIupac.find(c) != std::string_view::npos;
}

// Appends the codes of a line of bases.
void append_bases(const Lines& lines, std::string_view line, std::vector<std::uint8_t>& codes) {
  for (const char c : line) {
    if (!is_base_letter(c)) {
      const auto byte = static_cast<unsigned char>(c);
      throw lines.bad(byte < 32 || byte > 126
                          ? "byte " + std::to_string(byte) + " where a base should be"
                          : std::string("'") + c + "' where a base should be");
    }
    codes.push_back(kCodes[static_cast<unsigned char>(c)]);
  }
}

}  // namespace

std::string read_maybe_gzip(const std::filesystem::path& path) {
  const std::string place = path.string();
  if (std::filesystem::is_directory(path)) throw Error(place, "is a folder, not a file");
  const auto close = [](gzFile file) { gzclose(file); };
  const std::unique_ptr<gzFile_s, decltype(close)> file(gzopen(place.c_str(), "rb"), close);
  if (!file) throw Error(place, "cannot be opened", "check the path and its permissions");
  gzbuffer(file.get(), 1 << 18);
  std::string text;
  for (constexpr std::size_t kStep = 1 << 22;;) {
    const std::size_t had = text.size();
    if (had > kMaxText) throw Error(place, "unpacks to more than 16 GiB");
    text.resize(had + kStep);
    const int got = gzread(file.get(), text.data() + had, static_cast<unsigned>(kStep));
    int code = Z_OK;
    const std::string reason = gzerror(file.get(), &code);
    if (got < 0 || code != Z_OK) {
      throw Error(place, code == Z_BUF_ERROR ? "the gzip data is cut" : "damaged: " + reason);
    }
    text.resize(had + static_cast<std::size_t>(got));
    if (static_cast<std::size_t>(got) < kStep) return text;
  }
}

Reference parse_fasta(std::string_view text, const std::string& place) {
  Lines lines(text, place);
  if (!text.starts_with('>')) {
    lines.next();
    throw lines.bad(text.empty() ? "the file is empty" : "not FASTA: the first line lacks '>'");
  }
  Reference reference;
  std::unordered_set<std::string> names;
  std::vector<std::uint8_t> codes;
  std::string name;
  const auto finish = [&] {
    if (codes.empty()) throw lines.bad("contig " + name + " has no bases");
    if (reference.bases.size() + codes.size() > kMaxReferenceLength) {
      throw lines.bad("the reference is longer than 2^31 bases");
    }
    reference.add(name, codes);
    codes.clear();
  };
  while (!lines.done()) {
    const std::string_view line = lines.next();
    if (!line.starts_with('>')) {
      append_bases(lines, line, codes);
      continue;
    }
    if (!name.empty()) finish();
    name = line.substr(1, line.find_first_of(" \t") - 1);
    if (name.empty()) throw lines.bad("a contig without a name");
    if (!names.insert(name).second) throw lines.bad("contig " + name + " comes twice");
  }
  finish();
  return reference;
}

void parse_fastq(std::string_view text, const std::string& place, Reads& reads) {
  Lines lines(text, place);
  if (text.empty()) {
    lines.next();
    throw lines.bad("the file is empty");
  }
  while (!lines.done()) {
    const std::string_view name = lines.next();
    if (!name.starts_with('@')) {
      if (name.empty() && lines.done()) break;  // a blank last line
      throw lines.bad("not FASTQ: a record should begin with '@' here");
    }
    const auto need = [&](const char* what) {
      if (lines.done()) throw lines.bad(std::string("the file is cut: ") + what + " missing");
      return lines.next();
    };
    const std::string_view bases = need("bases");
    if (bases.empty()) throw lines.bad("a read without bases");
    if (bases.size() > kMaxReadLength) {
      throw lines.bad("a read of " + std::to_string(bases.size()) + " bases",
                      "reads are at most " + std::to_string(kMaxReadLength) + " bases long");
    }
    append_bases(lines, bases, reads.bases);
    if (!need("'+' line").starts_with('+')) throw lines.bad("a '+' line should be here");
    const std::string_view qualities = need("qualities");
    if (qualities.size() != bases.size()) {
      throw lines.bad(std::to_string(qualities.size()) + " qualities for " +
                      std::to_string(bases.size()) + " bases");
    }
    for (const char c : qualities) {
      if (c < '!' || c > '~') throw lines.bad("a quality outside '!' to '~'");
      reads.qualities.push_back(static_cast<std::uint8_t>(c - '!'));
    }
    reads.offsets.push_back(reads.bases.size());
  }
}

void sample_reads(Reads& reads, std::uint64_t count, std::uint64_t seed) {
  if (count >= reads.size()) return;
  constexpr std::uint64_t kSampleStream = 16;
  const Philox random(seed, kSampleStream);
  std::vector<std::pair<std::uint64_t, std::size_t>> keys(reads.size());
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = {random.bits(i), i};
  std::sort(keys.begin(), keys.end());
  std::vector<std::size_t> chosen(count);
  for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = keys[i].second;
  std::sort(chosen.begin(), chosen.end());
  Reads kept;
  for (const std::size_t i : chosen) {
    const auto bases = reads.bases_of(i), qualities = reads.qualities_of(i);
    kept.bases.insert(kept.bases.end(), bases.begin(), bases.end());
    kept.qualities.insert(kept.qualities.end(), qualities.begin(), qualities.end());
    kept.offsets.push_back(kept.bases.size());
  }
  reads = std::move(kept);
}

std::optional<std::filesystem::path> find_phage_data() {
  return find_packaged_data("PEL_GENOME_DATA", "genome",
                            {"lambda_virus.fa.gz", "reads_1.fq.gz", "reads_2.fq.gz"});
}

}  // namespace pel::apps::genome
