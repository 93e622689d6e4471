// SPDX-License-Identifier: Apache-2.0
#include "bench/evm/evm_programs.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "pel/error.hpp"
#include "pel/ledger/evm.hpp"
#include "tests/unit/evm/simple_host.hpp"

namespace pel::bench {

namespace {

using nlohmann::json;
using namespace pel::evm;

struct Transaction {
  Environment environment;
  Message message;
  Bytes data;
  std::int64_t intrinsic = 21000;
};

U256 number(const json& j) { return ledger::parse_number(j.get<std::string>()); }
Address address(const json& j) { return ledger::parse_address(j.get<std::string>()); }

test::SimpleHost read_world(const json& pre) {
  test::SimpleHost host;
  for (const auto& [key, account] : pre.items()) {
    const Address at = ledger::parse_address(key);
    host.set(at, ledger::parse_bytes(account["code"].get<std::string>()),
             number(account["balance"]));
    for (const auto& [slot, value] : account["storage"].items()) {
      host.accounts[at].storage[ledger::parse_u256(slot)] = number(value);
    }
  }
  return host;
}

Transaction read_transaction(const json& test, std::size_t input) {
  const json& tx = test["transaction"];
  const json& env = test["env"];
  Transaction t;
  t.environment.revision = Revision::kLondon;
  t.environment.block.number = number(env["currentNumber"]).w[0];
  t.environment.block.timestamp = number(env["currentTimestamp"]).w[0];
  t.environment.block.gas_limit = number(env["currentGasLimit"]).w[0];
  t.environment.block.coinbase = address(env["currentCoinbase"]);
  t.environment.block.difficulty_or_randao = number(env["currentDifficulty"]);
  t.environment.block.base_fee = number(env["currentBaseFee"]);
  t.environment.tx.origin = address(tx["sender"]);
  t.environment.tx.gas_price = number(tx["gasPrice"]);
  t.data = ledger::parse_bytes(tx["data"][input].get<std::string>());
  for (const std::uint8_t byte : t.data) t.intrinsic += byte == 0 ? 4 : 16;
  t.message.sender = t.environment.tx.origin;
  t.message.recipient = t.message.code_address = address(tx["to"]);
  t.message.gas = static_cast<std::int64_t>(number(tx["gasLimit"][0]).w[0]) - t.intrinsic;
  t.message.input = t.data;
  return t;
}

EvmProgramRow measure(Vm& vm, const test::SimpleHost& world, const Transaction& t,
                      const EvmProgramOptions& options) {
  using Clock = std::chrono::steady_clock;
  EvmProgramRow row;
  std::vector<double> times;
  const auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  while (static_cast<int>(times.size()) < options.repeat || elapsed() < options.seconds) {
    test::SimpleHost host = world;  // storage as it was
    const auto before = Clock::now();
    host.access_account(t.message.sender);
    host.access_account(t.message.recipient);
    const Result result = vm.execute(host, t.environment, t.message);
    times.push_back(std::chrono::duration<double, std::nano>(Clock::now() - before).count());
    const std::int64_t used = t.intrinsic + t.message.gas - result.gas_left;
    row.gas = used - std::min(result.gas_refund, used / 5);
    row.status = to_string(result.status);
  }
  std::sort(times.begin(), times.end());
  row.ns_min = times.front();
  row.ns_median = times[times.size() / 2];
  row.runs = static_cast<int>(times.size());
  return row;
}

}  // namespace

std::vector<EvmProgramRow> run_evm_programs(const std::filesystem::path& file,
                                            const EvmProgramOptions& options) {
  std::vector<EvmProgramRow> rows;
  Vm vm = options.level == "v1"   ? Vm(CpuLevel::kV1)
          : options.level == "v3" ? Vm(CpuLevel::kV3)
                                  : Vm();
  try {
    const json all = json::parse(base::read_text(file));
    for (const auto& [name, test] : all.items()) {
      const test::SimpleHost world = read_world(test.at("pre"));
      const json labels = test["_info"].value("labels", json::object());
      for (std::size_t i = 0; i < test.at("transaction").at("data").size(); ++i) {
        EvmProgramRow row = measure(vm, world, read_transaction(test, i), options);
        row.program = name;
        row.input = labels.value(std::to_string(i), std::to_string(i));
        rows.push_back(std::move(row));
      }
    }
  } catch (const json::exception& e) {
    throw Error(file.string(), std::string("not a state test: ") + e.what());
  }
  return rows;
}

}  // namespace pel::bench
