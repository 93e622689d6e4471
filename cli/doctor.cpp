// SPDX-License-Identifier: Apache-2.0
// `pel doctor`: what this machine gives to a program.
#include <cstdio>

#include "cli/command.hpp"
#include "pel/main.hpp"
#include "pel/resources.hpp"

namespace pel::cli {
namespace {

int doctor(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel doctor";
  info.summary = "what this machine gives: cores, quota, memory, pressure, energy counters";
  info.hidden = {"--workers", "--serial", "--verify",  "--seed",
                 "--out",     "--trace",  "--metrics", "--deadline"};
  info.examples = {"pel doctor", "pel doctor --json"};
  return pel::main(
      argc, argv,
      [](Run& run) {
        const Resources resources = read_resources();
        if (run.json()) {
          run.print_json(doctor_json(resources));
        } else {
          std::fputs(doctor_text(resources).c_str(), stdout);
        }
      },
      info);
}

const bool registered = register_command(
    {"doctor", "what this machine gives: cores, quota, memory, pressure", 40, doctor});

}  // namespace
}  // namespace pel::cli
