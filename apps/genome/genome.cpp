// SPDX-License-Identifier: Apache-2.0
#include "apps/genome/genome.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/genome/input.hpp"
#include "apps/genome/page.hpp"
#include "apps/genome/peer.hpp"
#include "apps/genome/simulate.hpp"
#include "apps/genome/vcf.hpp"
#include "apps/named_settings.hpp"
#include "apps/plain_loops.hpp"
#include "pel/error.hpp"
#include "pel/observe.hpp"
#include "pel/workload.hpp"

namespace pel::apps::genome {
namespace {

constexpr std::uint64_t kTourSize = 18'000;
constexpr std::uint64_t kFullSize = 1'000'000;
constexpr std::uint64_t kMaxSize = 100'000'000;  // 150 bases each: 40 GB of reads and alignments

std::string share(const Accuracy& accuracy) {
  return std::to_string(accuracy.matched) + " of " + std::to_string(accuracy.expected) + ", " +
         std::to_string(accuracy.called - accuracy.matched) + " others";
}

class Genome final : public Workload {
 public:
  void load(const WorkloadConfig& config) override {
    const Operands operands = split_operands(config.files);
    for (const auto& [name, value] : operands.settings) {
      if (name != "ploidy") throw Error(name, "genome has no such setting", "it knows ploidy=1|2");
      if (value != "1" && value != "2") throw Error(name + "=" + value, "ploidy is 1 or 2");
      options_.ploidy = value[0] - '0';
    }
    const std::uint64_t size =
        config.size != 0 ? config.size : (config.tour ? kTourSize : kFullSize);
    if (!operands.files.empty()) {
      load_files(operands.files);
      if (config.size != 0) sample_reads(reads_, config.size, config.seed);
      return;
    }
    if (options_.ploidy == 1 && load_phage(size, config.seed)) return;
    simulate_experiment(size, config.seed);
  }

  std::string stand_in() const override { return stand_in_; }

  std::string input() const override {
    return origin_ + ", " + std::to_string(reference_.length()) + " bases, " +
           std::to_string(reads_.size()) + " reads" +
           (options_.ploidy == 2 ? ", diploid" : ", haploid");
  }

  WorkloadResult run(Progress& progress) override {
    progress.set_total(steps(reference_, reads_));
    return result_of(call_variants<PelLoops>(reference_, reads_, options_,
                                             [&](std::uint64_t n) { progress.add(n); }));
  }
  WorkloadResult run_plain() override {
    return result_of(call_variants<PlainLoops>(reference_, reads_, options_, [](std::uint64_t) {}));
  }

  WorkloadCheck check(const WorkloadResult& result) override {
    const std::string text(result.bytes.begin(), result.bytes.end());
    const std::vector<Variant> called = parse_vcf(text, reference_, "result");
    if (!truth_) {
      const bool fits = spelled_as_reference(reference_, called);
      return {"letters of the FASTA", fits,
              fits ? "every REF is what the reference reads there"
                   : "a REF column differs from the reference"};
    }
    const Accuracy substitutions = compare(*truth_, called, false);
    const Accuracy indels = compare(*truth_, called, true);
    const bool passed = within(substitutions, tolerance_) && within(indels, tolerance_);
    return {against_, passed,
            "substitutions " + share(substitutions) + "; indels " + share(indels) + "; at least " +
                std::to_string(100 - tolerance_) + " % found and right"};
  }

  std::string html(const WorkloadResult& result) const override {
    const std::string text(result.bytes.begin(), result.bytes.end());
    return coverage_page(reference_, depth_sums_, parse_vcf(text, reference_, "result"));
  }

 private:
  void load_files(const std::vector<std::filesystem::path>& files) {
    origin_.clear();
    for (const std::filesystem::path& file : files) {
      const std::string place = file.string();
      const std::string text = read_maybe_gzip(file);
      if (text.starts_with('>')) {
        if (!reference_.contigs.empty()) throw Error(place, "a second FASTA file");
        reference_ = parse_fasta(text, place);
        origin_ = file.filename().string() + origin_;
      } else if (text.starts_with("##fileformat=VCF")) {
        truth_file_ = {place, text};
      } else if (text.starts_with('@')) {
        parse_fastq(text, place, reads_);
        origin_ += " + " + file.filename().string();
      } else {
        throw Error(place + ":1", text.empty() ? "the file is empty"
                                               : "neither FASTA ('>') nor FASTQ ('@') nor VCF");
      }
    }
    if (reference_.contigs.empty() || reads_.size() == 0) {
      throw Error(files[0].string(),
                  reference_.contigs.empty() ? "no reference given" : "no reads given",
                  "give a FASTA and at least one FASTQ, plain or .gz; a VCF is taken as the truth");
    }
    if (truth_file_.second.empty()) return;
    truth_ = parse_vcf(truth_file_.second, reference_, truth_file_.first);
    against_ = "truth in " + std::filesystem::path(truth_file_.first).filename().string();
    tolerance_ = 10;
  }

  bool load_phage(std::uint64_t size, std::uint64_t seed) {
    const auto folder = find_phage_data();
    if (!folder) return false;
    Reference reference =
        parse_fasta(read_maybe_gzip(*folder / "lambda_virus.fa.gz"), "lambda_virus.fa.gz");
    Reads reads;
    for (const char* name : {"reads_1.fq.gz", "reads_2.fq.gz"}) {
      parse_fastq(read_maybe_gzip(*folder / name), name, reads);
    }
    if (size > reads.size()) return false;
    reference_ = std::move(reference);
    reads_ = std::move(reads);
    sample_reads(reads_, size, seed);
    origin_ = "phage lambda (Debian's bowtie2-examples)";
    // Below half of the reads the peer, who had all of them, knows what these cannot show.
    if (2 * size < 20'000) return true;
    truth_ = lambda_peer_variants();
    against_ = "bowtie2 + bcftools on all the reads";
    tolerance_ = 8;
    return true;
  }

  void simulate_experiment(std::uint64_t size, std::uint64_t seed) {
    SimulationOptions options;
    options.reads = size;
    options.seed = seed;
    options.ploidy = options_.ploidy;
    Simulation simulation = simulate<PelLoops>(options);
    reference_ = std::move(simulation.reference);
    reads_ = std::move(simulation.reads);
    truth_ = std::move(simulation.truth);
    origin_ = "simulated genome";
    if (size <= kTourSize) {
      origin_ += " (phage reads not found)";
      stand_in_ = "simulated";
    }
    against_ = "variants planted by the simulator";
    tolerance_ = options_.ploidy == 1 ? 2 : 4;
  }

  // At most `percent` of either side unmatched; two are always allowed, so that a tiny input can
  // lose one at an end.
  static bool within(const Accuracy& accuracy, std::size_t percent) {
    const auto allowed = [&](std::size_t n) { return std::max<std::size_t>(2, n * percent / 100); };
    return accuracy.expected <= accuracy.matched + allowed(accuracy.expected) &&
           accuracy.called <= accuracy.matched + allowed(accuracy.called);
  }

  WorkloadResult result_of(Outcome outcome) {
    const std::string text = format_vcf(reference_, outcome.calls, options_);
    depth_sums_ = std::move(outcome.depth_sums);
    std::size_t passed = 0;
    for (const Call& call : outcome.calls) passed += call.filter == kPass;
    return {{text.begin(), text.end()},
            std::to_string(passed) + " variants from " + std::to_string(outcome.used_reads) +
                " placed reads"};
  }

  CallOptions options_;
  Reference reference_;
  Reads reads_;
  std::optional<std::vector<Variant>> truth_;
  std::pair<std::string, std::string> truth_file_;  // place, text
  std::string stand_in_;
  std::string origin_, against_;
  std::size_t tolerance_ = 0;
  std::vector<std::uint32_t> depth_sums_;
};

const bool registered = register_workload({.name = "genome",
                                           .summary = "short reads to variants",
                                           .reads = "FASTA + FASTQ",
                                           .writes = "VCF",
                                           .extension = "vcf",
                                           .size_unit = "reads",
                                           .tour_size = kTourSize,
                                           .full_size = kFullSize,
                                           .max_size = kMaxSize,
                                           .make = [] { return std::make_unique<Genome>(); }});

}  // namespace
}  // namespace pel::apps::genome
