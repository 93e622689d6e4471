// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/replay.hpp"

#include <algorithm>
#include <chrono>

#include "pel/error.hpp"
#include "pel/executor.hpp"

namespace pel::cli {
namespace {

using ledger::BlockExecutor;
using ledger::fill_blooms;
using ledger::Hash256;
using ledger::receipts_root;
using ledger::recover_senders;
using ledger::transactions_root;
using Clock = std::chrono::steady_clock;
using Verdict = ReplayCheck::Verdict;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Replayer {
 public:
  Replayer(ReplayInput& input, evm::CodeCache& codes, ReplayResult& result)
      : input_(input), executor_(codes), parallel_(codes), result_(result) {
    rules_.config = input.chain;
    rules_.revision = input.chain->revision(header(), is_merged(header()));
    if (input.parent)
      rules_.parent_revision =
          input.chain->revision(*input.parent, input.parent->difficulty.is_zero());
  }

  void run(int repeat) {
    check_body();
    if (!recover()) return;
    if (input_.witness) base_ = *input_.witness;
    const BlockExecutor::Input in = make_input();
    for (int i = 0; i < repeat; ++i) {
      if (!execute(in) || !execute_parallel(in)) return;
    }
    compare();
    measure_limit(in, repeat);
    measure_blocks(in, repeat);
  }

 private:
  const ledger::Header& header() const { return input_.block.header; }

  void add(const char* name, bool passed, const std::string& reason) {
    result_.checks.push_back(
        {name, passed ? Verdict::kPass : Verdict::kFail, passed ? "" : reason});
  }
  void not_given(const char* name, const char* reason) {
    result_.checks.push_back({name, Verdict::kNotGiven, reason});
  }
  void compare(const char* name, const Hash256& got, const Hash256& want) {
    add(name, got == want, "is " + to_string(got) + ", the header has " + to_string(want));
  }

  void check_body() {
    const auto start = Clock::now();
    compare("block_hash", ledger::header_hash(header()), input_.hash);
    compare("transactions_root", ledger::transactions_root(input_.block.transactions),
            header().transactions_root);
    if (input_.block.withdrawals)
      compare("withdrawals_root", ledger::withdrawals_root(*input_.block.withdrawals),
              header().withdrawals_root.value_or(Hash256{}));
    if (input_.uncles_given()) {
      compare("uncles_hash", ledger::uncles_hash(input_.block.uncles), header().uncles_hash);
    } else {
      not_given("uncles_hash", "the input has no uncle headers");
    }
    result_.roots_seconds += seconds_since(start);
    if (!input_.parent) return not_given("header_rules", "the format has no parent header");
    try {
      ledger::check_header(header(), *input_.parent, rules_);
      add("header_rules", true, {});
    } catch (const ledger::InvalidBlock& error) {
      add("header_rules", false, error.what());
    }
  }

  // What is wrong with the sender of a transaction; nothing if it is recovered and the input
  // agrees.
  std::string sender_fault(std::size_t index, const std::optional<ledger::Address>& found) const {
    const auto& given = input_.from[index];
    const std::string place = "transaction " + std::to_string(index);
    if (!found) return place + ": the signature gives no sender";
    if (!given || *given == *found) return {};
    return place + ": is " + to_string(*found) + ", the input has " + to_string(*given);
  }

  // False if nobody knows the sender of a transaction, so that the block cannot be executed.
  bool recover() {
    const auto& txs = input_.block.transactions;
    const auto start = Clock::now();
    const auto found = recover_senders(txs, rules_.revision);
    result_.recover_seconds = seconds_since(start);
    std::string first;
    std::size_t faults = 0;
    bool all_known = true;
    for (std::size_t i = 0; i < txs.size(); ++i) {
      const std::string fault = sender_fault(i, found[i]);
      if (!fault.empty() && ++faults == 1) first = fault;
      if (!found[i] && !input_.from[i]) all_known = false;
      senders_.push_back(found[i].value_or(input_.from[i].value_or(ledger::Address{})));
    }
    if (faults > 1) first += ", and " + std::to_string(faults - 1) + " others";
    add("senders", faults == 0, first);
    return all_known;
  }

  BlockExecutor::Input make_input() {
    BlockExecutor::Input in;
    in.config = rules_.config;
    in.revision = rules_.revision;
    in.block = &input_.block;
    in.senders = senders_;
    in.view = &input_.view();
    in.block_hashes = [&](std::uint64_t number) {
      const auto found = input_.block_hashes.find(number);
      if (found != input_.block_hashes.end()) return found->second;
      throw Error("block " + std::to_string(header().number),
                  "the hash of block " + std::to_string(number) + " is not given");
    };
    if (input_.witness && rules_.revision < evm::Revision::kByzantium) {
      in.intermediate_root = [&](const ledger::StateDiff& diff) {
        ledger::TrieState state = *base_;
        return state.apply(diff);
      };
    }
    return in;
  }

  bool execute(const BlockExecutor::Input& in) {
    try {
      const auto start = Clock::now();
      output_ = executor_.execute(in);
      result_.serial_seconds.push_back(seconds_since(start));
      return true;
    } catch (const ledger::InvalidBlock& error) {
      add("valid", false, error.what());
      return false;
    } catch (const Cancelled&) {
      throw;
    } catch (const ledger::MissingNode& error) {
      throw Error(where(in), error.what());
    } catch (const Error& error) {
      throw Error(where(in), error.what());
    }
  }

  // Which transaction it is that cannot be executed.
  std::string where(BlockExecutor::Input in) {
    std::string place = "before its transactions";
    in.tracer = [&](std::size_t index) {
      place = "transaction " + std::to_string(index);
      return nullptr;
    };
    try {
      executor_.execute(in);
    } catch (const std::exception&) {
      return place;
    }
    return place;
  }

  // What it gives must be what serial execution gave, which the header then judges.
  bool execute_parallel(const BlockExecutor::Input& in) {
    std::string differs;
    try {
      const auto start = Clock::now();
      const BlockExecutor::Output output = parallel_.execute(in);
      result_.parallel_seconds.push_back(seconds_since(start));
      differs = ledger::difference(output_, output);
    } catch (const ledger::InvalidBlock& error) {
      differs = error.what();
    }
    const auto& did = parallel_.counters();
    const bool first = result_.parallel_seconds.size() <= 1;
    result_.reexecutions =
        first ? did.reexecutions : std::min(result_.reexecutions, did.reexecutions);
    result_.waits = first ? did.waits : std::min(result_.waits, did.waits);
    if (differs.empty() && !first) return true;
    add("parallel", differs.empty(), "serial and parallel execution differ: " + differs);
    return differs.empty();
  }

  // How fast the block could be: its graph, scheduled on as many workers without overhead.
  void measure_limit(const BlockExecutor::Input& in, int repeat) {
    result_.workers = worker_limit();
    const ledger::BlockGraph graph = parallel_.measure(in, std::min(repeat, 7));
    if (graph.seconds.empty()) return;
    const double serial = graph.serial_seconds();
    result_.critical_path_speedup = serial / graph.critical_path_seconds();
    result_.oracle_speedup = serial / graph.schedule_seconds(result_.workers);
  }

  void measure_blocks(const BlockExecutor::Input& in, int repeat) {
    Executor alone({.workers = 0});
    for (int i = 0; i < std::min(repeat, 3); ++i) {
      const double serial = alone.run([&] { return whole([&] { return executor_.execute(in); }); });
      const double parallel = whole([&] { return parallel_.execute(in); });
      result_.block_seconds = i == 0 ? serial : std::min(result_.block_seconds, serial);
      result_.parallel_block_seconds =
          i == 0 ? parallel : std::min(result_.parallel_block_seconds, parallel);
    }
  }

  // Seconds from the decoded block to its roots, on the current executor.
  template <class Execute>
  double whole(const Execute& execute_block) {
    std::optional<ledger::TrieState> state = base_;
    const auto start = Clock::now();
    const auto body = [&] { transactions_root(input_.block.transactions); };
    const auto execution = [&] {
      recover_senders(input_.block.transactions, rules_.revision);
      BlockExecutor::Output output = execute_block();
      const auto receipts = [&] {
        fill_blooms(output.receipts);
        receipts_root(output.receipts);
      };
      const auto root = [&] {
        if (state) state->apply(output.diff);
      };
      invoke(root, receipts);
    };
    invoke(execution, body);
    return seconds_since(start);
  }

  void compare() {
    result_.gas = output_.gas_used;
    add("gas_used", output_.gas_used == header().gas_used,
        "is " + std::to_string(output_.gas_used) + ", the header has " +
            std::to_string(header().gas_used));
    auto start = Clock::now();
    const ledger::Bloom bloom = ledger::fill_blooms(output_.receipts);
    result_.bloom_seconds = seconds_since(start);
    add("logs_bloom", bloom == header().bloom, "differs from the header's");
    start = Clock::now();
    if (rules_.revision >= evm::Revision::kByzantium || input_.witness) {
      compare("receipts_root", ledger::receipts_root(output_.receipts), header().receipts_root);
    } else {
      not_given("receipts_root", "receipts before Byzantium hold state roots");
    }
    if (header().blob_gas_used)
      add("blob_gas_used", output_.blob_gas_used == *header().blob_gas_used, "differs");
    if (header().requests_hash)
      compare("requests_hash", ledger::requests_hash(output_.requests), *header().requests_hash);
    compare_state();
    result_.roots_seconds += seconds_since(start);
  }

  // A pre-state is the whole state where its root is the parent's; a real block's is not.
  bool whole_state() const {
    return input_.parent && input_.state.root() == input_.parent->state_root;
  }

  void compare_state() {
    if (!input_.witness && !whole_state())
      return not_given("state_root", "the format has no trie nodes");
    if (!input_.uncles_given())
      return not_given("state_root", "the rewards of the uncles are not in the input");
    if (!input_.witness) {
      ledger::MemoryState after = input_.state;
      after.apply(output_.diff);
      return compare("state_root", after.root(), header().state_root);
    }
    ledger::TrieState state = *base_;
    try {
      compare("state_root", state.apply(output_.diff), header().state_root);
    } catch (const ledger::MissingNode& error) {
      if (!input_.partial_witness) throw Error("the state root", error.what());
      not_given("state_root", "a deletion needs a node that no proof has");
    }
  }

  ReplayInput& input_;
  BlockExecutor executor_;
  ledger::ParallelBlockExecutor parallel_;
  ReplayResult& result_;
  ledger::HeaderRules rules_;
  std::vector<ledger::Address> senders_;
  std::optional<ledger::TrieState> base_;
  BlockExecutor::Output output_;
};

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double least(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::min_element(values.begin(), values.end());
}

bool ReplayResult::ok() const {
  return std::none_of(checks.begin(), checks.end(),
                      [](const ReplayCheck& c) { return c.verdict == Verdict::kFail; });
}

ReplayResult replay(ReplayInput& input, evm::CodeCache& codes, int repeat) {
  ReplayResult result;
  result.block = input.block.header.number;
  result.txs = input.block.transactions.size();
  result.source = input.source;
  result.source_note = input.source_note;
  result.decode_seconds = input.decode_seconds;
  result.analyse_seconds = input.analyse_seconds;
  Replayer(input, codes, result).run(repeat);
  return result;
}

}  // namespace pel::cli
