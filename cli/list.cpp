// SPDX-License-Identifier: Apache-2.0
// `pel list`: what `pel run` can run.
#include <cstdio>

#include "cli/command.hpp"
#include "pel/main.hpp"
#include "pel/workload.hpp"

namespace pel::cli {
namespace {

void print_words(const WorkloadInfo& workload) {
  std::printf("%-12s %s\n", workload.name.c_str(), workload.summary.c_str());
  std::printf("%-12s %s in, %s out; size in %s: %llu (tour %llu)\n", "", workload.reads.c_str(),
              workload.writes.c_str(), workload.size_unit.c_str(),
              static_cast<unsigned long long>(workload.full_size),
              static_cast<unsigned long long>(workload.tour_size));
}

Row row_of(const WorkloadInfo& workload) {
  Row row;
  row.text("name", workload.name).text("summary", workload.summary);
  row.text("reads", workload.reads).text("writes", workload.writes);
  row.text("extension", workload.extension).text("size_unit", workload.size_unit);
  row.integer("tour_size", workload.tour_size).integer("full_size", workload.full_size);
  row.integer("max_size", workload.max_size);
  return row;
}

int list(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel list";
  info.summary = "the workloads that `pel run` runs";
  info.hidden = {"--workers", "--serial", "--verify",  "--seed",
                 "--out",     "--trace",  "--metrics", "--deadline"};
  info.examples = {"pel list", "pel list --json"};
  return pel::main(
      argc, argv,
      [](Run& run) {
        for (const WorkloadInfo& workload : workloads()) {
          if (run.json()) {
            run.print(row_of(workload));
          } else {
            print_words(workload);
          }
        }
      },
      info);
}

const bool registered = register_command({"list", "the workloads that `pel run` runs", 30, list});

}  // namespace
}  // namespace pel::cli
