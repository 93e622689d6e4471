// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/apps_policy/racy_workload.hpp"

#include "pel/main.hpp"

int main(int argc, char** argv) {
  pel::ProgramInfo info;
  info.name = "racy";
  info.arguments = "FAULT";
  return pel::main(
      argc, argv,
      [](pel::Run& run) {
        const auto result = pel::test::racy_algorithm<pel::apps::PelLoops>(run.arguments().at(0));
        run.output(std::vector<double>{result});
      },
      info);
}
