// SPDX-License-Identifier: Apache-2.0
// `pel tour`: every workload on its input, plain and on pel; the bytes compared with each other,
// with something that is not pel, and with the published digests.
#include "cli/tour.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <span>

#include "base/sha256.hpp"
#include "cli/command.hpp"
#include "cli/digests.hpp"
#include "cli/tour_act.hpp"
#include "cli/tour_table.hpp"
#include "pel/error.hpp"
#include "pel/main.hpp"
#include "pel/observe.hpp"
#include "pel/workload.hpp"

namespace pel::cli {
namespace {

constexpr int kTourPairs = 3;
constexpr const char* kSumName = "float-sum";

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string text_of(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

// Pairs of a pel run and a plain run; every run must give the first one's bytes.
WorkloadResult measure(Run& run, Workload& workload, TourRow& row) {
  std::vector<double> pel_s, plain_s;
  WorkloadResult first;
  row.equal = true;
  for (int i = 0; i < row.runs; ++i) {
    run.progress().reset();
    const auto pel_start = Clock::now();
    WorkloadResult result = workload.run(run.progress());
    pel_s.push_back(seconds_since(pel_start));
    run.progress().finish();
    const auto plain_start = Clock::now();
    const WorkloadResult plain = workload.run_plain();
    plain_s.push_back(seconds_since(plain_start));
    if (i == 0) first = std::move(result);
    row.equal = row.equal && plain.bytes == first.bytes && (i == 0 || result.bytes == first.bytes);
  }
  row.pel_s = median(pel_s);
  row.plain_s = median(plain_s);
  return first;
}

TourRow visit(Run& run, const WorkloadInfo& info, bool full) {
  TourRow row;
  row.name = info.name;
  row.summary = info.summary;
  row.size = full ? info.full_size : info.tour_size;
  row.runs = full ? 1 : kTourPairs;
  const std::unique_ptr<Workload> workload = info.make();
  WorkloadConfig config;
  config.tour = !full;
  config.seed = row.seed;
  workload->load(config);
  row.input = workload->input();
  const WorkloadResult result = measure(run, *workload, row);
  const WorkloadCheck check = workload->check(result);
  row.against = check.against;
  row.check_passed = check.passed;
  row.check_detail = check.detail;
  row.digest = base::sha256_hex(result.bytes);
  row.published_as = info.name;
  if (!workload->stand_in().empty()) row.published_as += "-" + workload->stand_in();
  row.published = published_digest(row.published_as, row.size, row.seed);
  row.result = result.summary;
  row.html = workload->html(result);
  row.own_file = "pel run " + info.name + " your-file --out result." + info.extension;
  return row;
}

std::string published_word(const TourRow& row) {
  if (!row.published) return "not published";
  return row.reproduced() ? "yes" : "NO";
}

TextTable table() {
  return TextTable({{"input", 38, false},
                    {"checked against", 30, false},
                    {"plain C++ s", 11, true},
                    {"pel s", 7, true},
                    {"speed-up", 8, true},
                    {"digest", 8, false},
                    {"equals published", 16, false}});
}

std::vector<std::string> cells_of(const TourRow& row) {
  return {row.name + ": " + row.input,
          (row.check_passed ? "" : "FAILED: ") + row.against,
          text_of("%.3f", row.plain_s),
          text_of("%.3f", row.pel_s),
          text_of("%.2fx", row.plain_s / row.pel_s),
          row.digest.substr(0, 8),
          row.equal ? published_word(row) : "NO: plain differs"};
}

Row json_of(const Run& run, const TourRow& row) {
  Row json;
  json.text("name", row.name).text("input", row.input).integer("size", row.size);
  json.integer("seed", row.seed).integer("workers", run.workers()).text("level", "build");
  json.number("seconds", row.pel_s).number("serial_seconds", row.plain_s);
  json.number("speedup", row.plain_s / row.pel_s).text("digest", row.digest);
  json.boolean("equal", row.equal).text("check", row.against);
  json.boolean("check_passed", row.check_passed);
  if (row.published) {
    json.text("published", *row.published).boolean("equals_published", row.reproduced());
  } else {
    json.null("published").boolean("equals_published", false);
  }
  return json;
}

void judge(Run& run, const TourRow& row) {
  if (!row.equal) run.fail(row.name + ": plain loops and pel gave different bytes");
  if (!row.check_passed) {
    run.fail(row.name + ": check against " + row.against + " failed: " + row.check_detail);
  }
  if (!row.published) {
    run.fail(row.name + ": docs/digests.txt has no digest of size " + std::to_string(row.size));
  } else if (!row.reproduced()) {
    run.fail(row.name + ": the digest differs from the published one " + *row.published);
  }
}

// The sums as a row of the table: pel's own is the result, the exact sum checks it.
TourRow row_of(const SumRow& sums) {
  TourRow row;
  row.name = kSumName;
  row.published_as = kSumName;
  row.summary = "the same numbers summed fifteen times";
  row.input = sums.input;
  row.against = sums.peer + ": " + std::to_string(distinct(sums.theirs)) + " different sums in " +
                std::to_string(SumRow::kRuns) + ", pel: " + std::to_string(distinct(sums.ours));
  row.check_passed = std::abs(sums.ours.front() / sums.exact - 1) < 1e-12;
  row.check_detail = "a compensated sum (Neumaier) agrees to 12 digits";
  row.size = sums.count;
  row.plain_s = sums.plain_s;
  row.pel_s = sums.pel_s;
  row.runs = SumRow::kRuns;
  row.equal = distinct(sums.ours) == 1;
  const auto bytes = std::bit_cast<std::array<std::uint8_t, 8>>(sums.ours.front());
  row.digest = base::sha256_hex(bytes);
  row.published = published_digest(row.name, row.size, row.seed);
  return row;
}

void show(Run& run, const TextTable& table, const TourRow& row) {
  if (run.json()) {
    run.print(json_of(run, row));
  } else {
    std::string text = table.row(cells_of(row));
    text.pop_back();
    run.say(text);
  }
  judge(run, row);
}

void print_closing(Run& run, const TourPage& page) {
  const bool passed = std::all_of(page.rows.begin(), page.rows.end(),
                                  [](const TourRow& row) { return row.passed(); });
  run.say(passed ? "\nSame bits: plain C++, pel and the published digests agree in every row."
                 : "\nNOT the same bits: see the rows above.");
  run.say("Your own file:");
  for (const WorkloadInfo& info : workloads()) {
    run.say("  pel run " + info.name + " FILE --out result." + info.extension + "    (" +
            info.reads + " in, " + info.writes + " out)");
  }
  run.say("Your own program: pel/main.hpp and examples/template, then --verify.");
}

void tour(Run& run) {
  TourPage page;
  page.full = run.has("--full");
  page.workers = run.workers();
  const auto start = Clock::now();
  const TextTable text = table();
  run.say("pel tour: write it in order, run it in parallel, get the same bits (" +
          std::to_string(run.workers()) + (run.workers() == 1 ? " worker)" : " workers)"));
  run.say("\nAct one: same bits\n");
  if (!run.json()) run.say(text.head().erase(text.head().size() - 1));
  for (const WorkloadInfo& info : workloads()) {
    page.rows.push_back(visit(run, info, page.full));
    show(run, text, page.rows.back());
  }
  page.sums = run_sums(run.workers());
  page.rows.push_back(row_of(page.sums));
  show(run, text, page.rows.back());
  for (const TourAct& act : tour_acts()) {
    run.say("\nAct " + number_word(act.number) + ": " + act.title + "\n");
    if (!run.json()) run.say(text.head().erase(text.head().size() - 1));
    act.play(run, page.full, [&](TourRow&& row) {
      row.act = act.number;
      show(run, text, row);
      page.rows.push_back(std::move(row));
    });
  }
  page.seconds = seconds_since(start);
  print_closing(run, page);
  run.output(tour_html(page));
}

// Recomputes docs/digests.txt: the tour's sizes and the full ones.
void print_digests(Run& run) {
  std::printf(
      "# SHA-256 of what `pel run NAME --size SIZE --seed SEED --out FILE` writes, on any x86-64.\n"
      "# Of block-KIND: of the hash of the block that `pel make-blocks --kind KIND --txs SIZE` "
      "makes.\n"
      "# Written by `pel tour --digests`; checked by every `pel tour`.\n"
      "# NAME SIZE SEED SHA256\n");
  const auto print = [](const TourRow& row) {
    std::printf("%s %llu %llu %s\n", row.published_as.c_str(),
                static_cast<unsigned long long>(row.size),
                static_cast<unsigned long long>(row.seed), row.digest.c_str());
    std::fflush(stdout);
  };
  for (const WorkloadInfo& info : workloads()) {
    for (const bool full : {false, true}) {
      const TourRow row = visit(run, info, full);
      if (!row.equal) run.fail(row.name + ": plain loops and pel gave different bytes");
      if (!row.check_passed) run.fail(row.name + ": its check failed: " + row.check_detail);
      print(row);
    }
  }
  print(row_of(run_sums(run.workers())));
  for (const TourAct& act : tour_acts()) {
    for (const bool full : {false, true}) {
      act.play(run, full, [&](TourRow&& row) {
        if (!row.equal) run.fail(row.name + ": serial and parallel execution differ");
        if (!row.check_passed) run.fail(row.name + ": its check failed: " + row.check_detail);
        if (row.publishes) print(row);
      });
    }
  }
}

int run_command(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel tour";
  info.summary = "every workload, plain and on pel, checked and compared bit by bit";
  info.description =
      "Runs each workload on its input as plain serial C++ and on pel, in turn. A row passes if "
      "all\n"
      "runs gave the same bytes, if something that is not pel confirms the result, and if its\n"
      "SHA-256 equals the one in docs/digests.txt. float-sum sums the same numbers fifteen times.\n"
      "The last act executes blocks of Ethereum serially and in parallel, against their headers.\n"
      "--out takes a page with the table, pictures and plots.";
  info.options = {{"--full", "", "the full sizes, one pair of runs each: minutes"},
                  {"--digests", "", "recompute docs/digests.txt, on stdout; no page"}};
  info.hidden = {"--verify", "--seed"};
  info.default_out = "pel-tour.html";
  info.out_is_report = true;
  info.examples = {"pel tour", "pel tour --full --workers 8 --out tour.html"};
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--digests") info.default_out.clear();
  }
  return pel::main(
      argc, argv, [](Run& run) { run.has("--digests") ? print_digests(run) : tour(run); }, info);
}

const bool registered = register_command(
    {"tour", "every workload, plain and on pel, checked and compared bit by bit", 10, run_command});

}  // namespace

}  // namespace pel::cli
