// SPDX-License-Identifier: Apache-2.0
// `pel version`: what was built, and how far its bits can be trusted to travel.
#include <cstdio>

#include "cli/command.hpp"
#include "pel/main.hpp"
#include "pel/version.hpp"

namespace pel::cli {
namespace {

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "g++ " __VERSION__;
#endif

// Built for any CPU of its kind, results are equal on all of them; built for one (-march=native)
// only runs of this binary on like CPUs are.
#if defined(__x86_64__) && !defined(__FMA__)
constexpr const char* kLevel = "build";
#else
constexpr const char* kLevel = "run";
#endif

int show_version(int argc, char** argv) {
  ProgramInfo info;
  info.name = "pel version";
  info.summary = "what was built: version, compiler and level of determinism";
  info.hidden = {"--workers", "--serial", "--verify",  "--seed",
                 "--out",     "--trace",  "--metrics", "--deadline"};
  return pel::main(
      argc, argv,
      [](Run& run) {
        if (run.json()) {
          run.print(
              Row{}.text("version", version()).text("compiler", kCompiler).text("level", kLevel));
        } else {
          std::printf("pel %s\ncompiler %s\nlevel %s\n", version(), kCompiler, kLevel);
        }
      },
      info);
}

const bool registered = register_command(
    {"version", "what was built: version, compiler, level of determinism", 90, show_version});

}  // namespace
}  // namespace pel::cli
