// SPDX-License-Identifier: Apache-2.0
#include "bench/evm/evm_blocks.hpp"

#include <algorithm>
#include <chrono>

#include "bench/evm/evm_peers.hpp"
#include "cli/ledger/fixture_files.hpp"
#include "cli/ledger/values.hpp"
#include "pel/error.hpp"

namespace pel::bench {

namespace {

using cli::Json;
using namespace ledger;

// What the executor reads of a payload as engine_newPayload gives it.
Block read_payload(const Json& parameters) {
  std::vector<Json> list;
  for (const Json& item : parameters.items()) list.push_back(item);
  if (list.empty()) parameters.fail("no payload");
  const Json& payload = list[0];
  Block block;
  Header& header = block.header;
  header.parent_hash = cli::read_hash(payload["parentHash"]);
  header.coinbase = cli::read_address(payload["feeRecipient"]);
  header.number = payload["blockNumber"].u64();
  header.gas_limit = payload["gasLimit"].u64();
  header.gas_used = payload["gasUsed"].u64();
  header.timestamp = payload["timestamp"].u64();
  header.mix_hash = cli::read_hash(payload["prevRandao"]);
  header.base_fee = cli::read_u256(payload["baseFeePerGas"]);
  if (const auto gas = payload.find("excessBlobGas")) header.excess_blob_gas = gas->u64();
  if (list.size() > 2) header.parent_beacon_root = cli::read_hash(list[2]);
  if (const auto list_of = payload.find("withdrawals")) {
    block.withdrawals = cli::read_withdrawals(*list_of);
  }
  for (const Json& tx : payload["transactions"].items()) {
    block.transactions.push_back(decode_transaction(tx.bytes()));
  }
  return block;
}

std::vector<Block> read_blocks(const Json& test) {
  std::vector<Block> blocks;
  if (const auto list = test.find("blocks")) {
    for (const Json& block : list->items()) blocks.push_back(decode_block(block["rlp"].bytes()));
  } else {
    for (const Json& payload : test["engineNewPayloads"].items()) {
      blocks.push_back(read_payload(payload["params"]));
    }
  }
  return blocks;
}

std::vector<Address> senders_of(const Block& block, evm::Revision revision) {
  std::vector<Address> senders;
  for (const Transaction& tx : block.transactions) {
    const auto sender = recover_sender(tx, revision);
    if (!sender) throw Error("block " + std::to_string(block.header.number), "no sender");
    senders.push_back(*sender);
  }
  return senders;
}

class FileBench {
 public:
  FileBench(const EvmBlockOptions& options, evm::CodeCache& codes)
      : options_(options), codes_(codes), executor_(codes) {}

  EvmBlockRow run(const cli::FixtureFile& file) {
    EvmBlockRow row;
    const std::filesystem::path path(file.name);
    row.file = (path.parent_path().filename() / path.stem()).string();
    if (file.name.find("_engine/") != std::string::npos) row.file += " (payloads)";
    row.precompile = file.name.find("/precompile/") != std::string::npos;
    const base::JsonDocument document(file.text, file.name);
    document.root().members([&](std::string_view name, const Json& json) {
      run_case(json.at(file.name + ": " + std::string(name)), row);
    });
    return row;
  }

 private:
  void run_case(const Json& test, EvmBlockRow& row) {
    const auto config = ChainConfig::from_network(test["network"].text());
    if (!config) test["network"].fail("unknown network");
    const std::vector<Block> blocks = read_blocks(test);
    for (const Block& block : blocks) {
      if (block.header.gas_used > static_cast<std::uint64_t>(options_.max_mgas) * 1'000'000) return;
    }
    MemoryState state = cli::read_alloc(test["pre"], codes_);
    for (const Block& block : blocks) time(*config, block, state, row);
    ++row.cases;
  }

  void time(const ChainConfig& config, const Block& block, MemoryState& state, EvmBlockRow& row) {
    BlockExecutor::Input input;
    input.config = &config;
    input.revision = config.revision(block.header, true);
    input.block = &block;
    const std::vector<Address> senders = senders_of(block, input.revision);
    input.senders = senders;
    input.view = &state;
    std::vector<double> times;
    StateDiff diff;
    for (int i = 0; i < std::max(options_.repeat, 1); ++i) {
      const auto start = std::chrono::steady_clock::now();
      BlockExecutor::Output output = executor_.execute(input);
      times.push_back(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      if (output.gas_used != block.header.gas_used) {
        throw Error(row.file, "gas used is " + std::to_string(output.gas_used) + ", expected " +
                                  std::to_string(block.header.gas_used));
      }
      diff = std::move(output.diff);
    }
    state.apply(diff);
    std::sort(times.begin(), times.end());
    row.gas += block.header.gas_used;
    row.seconds_min += times.front();
    row.seconds_median += times[times.size() / 2];
  }

  EvmBlockOptions options_;
  evm::CodeCache& codes_;
  BlockExecutor executor_;
};

void add_revm(const cli::FixtureFile& file, const EvmBlockOptions& options, EvmBlockRow& row) {
  const EvmTimes times =
      run_block_driver(options.revm, file.text, {options.repeat, options.max_mgas});
  if (times.gas != static_cast<double>(row.gas))
    throw Error(options.revm, "ran other blocks of " + file.name + " than we did");
  row.revm_seconds_min = times.ns_min / 1e9;
  row.revm_seconds_median = times.ns_median / 1e9;
}

}  // namespace

void run_evm_blocks(const std::filesystem::path& source, const EvmBlockOptions& options,
                    const std::function<void(const EvmBlockRow&)>& take) {
  evm::CodeCache codes(std::size_t{64} << 20);
  FileBench bench(options, codes);
  cli::read_fixture_files({source}, [&](cli::FixtureFile&& file) {
    EvmBlockRow row = bench.run(file);
    if (row.cases == 0) return;
    if (!options.revm.empty()) add_revm(file, options, row);
    take(row);
  });
}

}  // namespace pel::bench
