// SPDX-License-Identifier: Apache-2.0
#include "bench/evm/evm_programs.hpp"

#include <algorithm>
#include <chrono>

#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/statetest.hpp"
#include "pel/error.hpp"

namespace pel::bench {

namespace {

using namespace ledger;

EvmProgramRow measure(BlockExecutor& executor, const BlockExecutor::Single& single,
                      const Transaction& tx, const Address& sender,
                      const EvmProgramOptions& options) {
  using Clock = std::chrono::steady_clock;
  EvmProgramRow row;
  std::vector<double> times;
  const auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  while (static_cast<int>(times.size()) < options.repeat || elapsed() < options.seconds) {
    StateDiff diff;
    const auto before = Clock::now();
    const TxOutcome outcome = executor.execute(single, tx, sender, diff);
    times.push_back(std::chrono::duration<double, std::nano>(Clock::now() - before).count());
    row.gas = outcome.receipt.gas_used;
    row.status = to_string(outcome.receipt.status);
  }
  std::sort(times.begin(), times.end());
  row.ns_min = times.front();
  row.ns_median = times[times.size() / 2];
  row.runs = static_cast<int>(times.size());
  return row;
}

// "FILE: PROGRAM[INPUT]".
void set_names(const std::string& case_name, EvmProgramRow& row) {
  const std::size_t name = case_name.rfind(": ") + 2;
  const std::size_t index = case_name.rfind('[');
  row.program = case_name.substr(name, index - name);
  row.input = case_name.substr(index + 1, case_name.size() - index - 2);
}

}  // namespace

std::vector<EvmProgramRow> run_evm_programs(const std::filesystem::path& file,
                                            const EvmProgramOptions& options) {
  std::vector<EvmProgramRow> rows;
  evm::CodeCache codes(std::size_t{64} << 20);
  BlockExecutor executor(codes);
  cli::StateTestOptions test;
  test.codes = &codes;
  test.fork = evm::Revision::kLondon;
  test.observe = [&](const BlockExecutor::Single& single, const Transaction& tx,
                     const Address& sender, const TxOutcome&, const StateDiff&) {
    rows.push_back(measure(executor, single, tx, sender, options));
  };
  const cli::FixtureFile fixture{file.string(), cli::read_packed_file(file)};
  const cli::FileResult result = cli::run_state_tests(fixture, test);
  if (!result.unreadable.empty()) throw Error(file.string(), result.unreadable);
  for (std::size_t i = 0; i < result.cases.size(); ++i) {
    const cli::CaseResult& item = result.cases[i];
    if (item.outcome != cli::CaseResult::Outcome::kPassed) throw Error(item.name, item.reason);
    set_names(item.name, rows[i]);
  }
  return rows;
}

}  // namespace pel::bench
