// SPDX-License-Identifier: Apache-2.0
#include "ledger/chain/parallel_block.hpp"

#include <algorithm>

#include "ledger/chain/recorded_fields.hpp"
#include "pel/detail/base/check.hpp"
#include "pel/executor.hpp"

namespace pel::ledger {
namespace {

// Transactions that were refused compare by name and words.
bool same(const BlockExecutor::Rejected& a, const BlockExecutor::Rejected& b) {
  return a.index == b.index && a.fault.name == b.fault.name && a.fault.detail == b.fault.detail;
}

bool same(const Receipt& a, const Receipt& b) {
  return a.type == b.type && a.success == b.success && a.state_root == b.state_root &&
         a.cumulative_gas == b.cumulative_gas && a.gas_used == b.gas_used && a.logs == b.logs &&
         a.status == b.status && a.gas_price == b.gas_price && a.contract == b.contract;
}

// Fields as an attempt sees them.
class SpeculatedFields final : public FieldAccess {
 public:
  using View = SpeculationView<FieldKey, FieldValue>;
  explicit SpeculatedFields(View& view) : view_(view) {}

  FieldValue read(const FieldKey& key) override { return view_.read(key); }
  bool at_least(const FieldKey& key, const U256& threshold) override {
    return view_.test(key,
                      [threshold](const FieldValue& value) { return value.word >= threshold; });
  }
  void write(const FieldKey& key, const FieldValue& value) override { view_.write(key, value); }
  void add(const FieldKey& key, const U256& amount) override { view_.add(key, {amount, 0}); }

 private:
  View& view_;
};

}  // namespace

std::string difference(const BlockExecutor::Output& a, const BlockExecutor::Output& b) {
  if (a.receipts.size() != b.receipts.size()) return "number of receipts";
  for (std::size_t i = 0; i < a.receipts.size(); ++i)
    if (!same(a.receipts[i], b.receipts[i])) return "receipt " + std::to_string(i);
  if (a.gas_used != b.gas_used) return "gas";
  if (a.blob_gas_used != b.blob_gas_used) return "blob gas";
  if (a.requests != b.requests) return "requests";
  if (!std::equal(a.rejected.begin(), a.rejected.end(), b.rejected.begin(), b.rejected.end(),
                  [](const auto& x, const auto& y) { return same(x, y); }))
    return "rejected transactions";
  if (a.absent_contracts != b.absent_contracts) return "absent system contracts";
  return a.diff == b.diff ? "" : "difference of states";
}

void AttemptWorker::run(FieldAccess& fields, const Transaction& tx, const Address& sender,
                        AttemptResult& result) {
  journal.begin_attempt(fields);
  result.outcome = executor.execute(journal, context, tx, sender);
  result.nonces.clear();
  for (const auto& written : journal.nonces())
    if (written.first != sender || written.second != tx.nonce + 1) result.nonces.push_back(written);
}

void ParallelBlockExecutor::Impl::share(const StateView& from,
                                        const std::function<Hash256(std::uint64_t)>& hashes) {
  locked.reset();
  view = from.concurrent_reads() ? &from : &locked.emplace(from);
  block_hashes = nullptr;
  if (hashes) {
    block_hashes = [this, &hashes](std::uint64_t number) {
      const std::lock_guard lock(hashes_mutex);
      return hashes(number);
    };
  }
}

void ParallelBlockExecutor::Impl::start_attempts() {
  deployed.clear();
  attempts = {view, block.context.environment.revision, &block_hashes, &cache, &deployed};
  workers.resize(std::max(workers.size(), static_cast<std::size_t>(worker_limit())));
  for (const auto& worker : workers) {
    if (!worker) continue;
    worker->journal.begin_block(attempts);
    worker->context = block.context;
  }
}

void ParallelBlockExecutor::Impl::start(const Input& input) {
  PEL_CHECK(input.config && input.block && input.view);
  PEL_CHECK(input.senders.size() == input.block->transactions.size());
  share(*input.view, input.block_hashes);
  Input shared = input;
  shared.view = view;
  block.start(shared);
  block.begin_system_calls(shared);
  start_attempts();
}

void ParallelBlockExecutor::Impl::start(const BlockExecutor::Single& single) {
  share(*single.view, single.block_hashes);
  BlockExecutor::Single shared = single;
  shared.view = view;
  block.start(shared);
  start_attempts();
}

// Waking a worker costs as much as a few transactions.
bool ParallelBlockExecutor::Impl::pays(const Input& input) const {
  return worker_limit() > 1 && input.block->transactions.size() > 4;
}

AttemptWorker& ParallelBlockExecutor::Impl::worker(std::size_t index) {
  auto& worker = workers[index];
  if (!worker) {
    worker = std::make_unique<AttemptWorker>();
    worker->journal.begin_block(attempts);
    worker->context = block.context;
  }
  return *worker;
}

void ParallelBlockExecutor::Impl::run(const Input& input, std::size_t index, FieldAccess& fields,
                                      AttemptResult& result) {
  worker(static_cast<std::size_t>(std::max(worker_index(), 0)))
      .run(fields, input.block->transactions[index], input.senders[index], result);
}

bool ParallelBlockExecutor::Impl::accept(const Input& input, std::size_t index,
                                         const AttemptResult& result) {
  const Transaction& tx = input.block->transactions[index];
  TxLimits& left = block.context.limits;
  if (result.outcome.fault || tx.gas_limit > left.gas_left || tx.blob_gas() > left.blob_gas_left)
    return false;
  const auto [at, first] = nonces.insert(input.senders[index]);
  std::uint64_t& nonce = nonces.at(at).value;
  if (first) nonce = block.journal.field({{}, input.senders[index], Field::kNonce, 0}).word.w[0];
  if (nonce++ != tx.nonce) return false;
  for (const auto& [address, written] : result.nonces) nonces[address] = written;
  return true;
}

void ParallelBlockExecutor::Impl::adopt(const std::vector<Change>& changes) {
  for (const auto& [key, value] : changes) block.journal.adopt(key, value, deployed);
  block.journal.finish_adoption();
}

bool ParallelBlockExecutor::Impl::speculate(const Input& input, Output& output) {
  const std::size_t n = input.block->transactions.size();
  // A receipt that holds a state root has to wait until nobody reads the journal any more.
  const bool rooted = input.revision < evm::Revision::kByzantium && input.intermediate_root;
  std::vector<std::pair<Receipt, std::vector<Change>>> waiting;
  nonces.clear();
  output.receipts.reserve(n);
  const auto base = [&](const FieldKey& key) { return block.journal.field(key); };
  const auto attempt = [&](std::size_t i, auto& view) {
    SpeculatedFields fields(view);
    AttemptResult result;
    run(input, i, fields, result);
    return result;
  };
  const auto commit = [&](std::size_t i, AttemptResult&& result, const auto& writes) {
    if (!accept(input, i, result)) return false;
    if (!rooted) {
      block.accept(input, i, std::move(result.outcome.receipt), output);
      return true;
    }
    std::vector<Change> changes;
    writes.for_each(
        [&](const FieldKey& key, const FieldValue& value) { changes.emplace_back(key, value); });
    block.spend(input.block->transactions[i], result.outcome.receipt);
    waiting.emplace_back(std::move(result.outcome.receipt), std::move(changes));
    return true;
  };
  try {
    if (speculator.run(n, base, attempt, commit) != n) return false;
  } catch (const Cancelled&) {
    throw;
  } catch (const Error&) {
    return false;  // serial execution says it in its own words
  } catch (const MissingNode&) {
    return false;
  }
  const SpeculationCounters& did = speculator.counters();
  counters.reexecutions = did.incarnations - did.attempts;
  counters.waits = did.waits;
  if (rooted) {
    for (std::size_t i = 0; i < n; ++i) {
      adopt(waiting[i].second);
      block.append(input, i, std::move(waiting[i].first), output);
    }
    return true;
  }
  speculator.for_each_write([&](const FieldKey& key, const FieldValue& value) {
    block.journal.adopt(key, value, deployed);
  });
  block.journal.finish_adoption();
  return true;
}

ParallelBlockExecutor::ParallelBlockExecutor(evm::CodeCache& codes, bool always)
    : impl_(std::make_unique<Impl>(codes, always)) {}
ParallelBlockExecutor::~ParallelBlockExecutor() = default;
ParallelBlockExecutor::ParallelBlockExecutor(ParallelBlockExecutor&&) noexcept = default;

BlockGraph ParallelBlockExecutor::measure(const Input& input, int repeat) {
  Impl& impl = *impl_;
  const std::size_t n = input.block->transactions.size();
  BlockGraph graph;
  graph.seconds.assign(n, 1e300);
  graph.needs.resize(n);
  for (int round = 0; round < std::max(repeat, 1); ++round) {
    Output output;
    impl.block.start(input);
    impl.block.begin_system_calls(input);
    impl.block.time_transactions(input, output, graph.seconds);
  }
  impl.start(input);
  RecordedFields fields(impl.block.journal);
  AttemptResult result;
  for (std::size_t i = 0; i < n; ++i) {
    fields.begin(static_cast<std::uint32_t>(i));
    impl.run(input, i, fields, result);
    graph.needs[i] = fields.commit();
  }
  return graph;
}

ParallelBlockExecutor::Output ParallelBlockExecutor::execute(const Input& input) {
  Impl& impl = *impl_;
  impl.counters = {};
  impl.counters.transactions = input.block->transactions.size();
  if (!input.tracer && (impl.always || impl.pays(input))) {
    Output output;
    impl.start(input);
    if (impl.speculate(input, output)) {
      impl.block.end_of_block(input, output);
      return output;
    }
  }
  impl.counters.serial = true;
  return impl.serial.execute(input);
}

const ParallelBlockExecutor::Counters& ParallelBlockExecutor::counters() const noexcept {
  return impl_->counters;
}

TxOutcome ParallelBlockExecutor::execute(const BlockExecutor::Single& context,
                                         const Transaction& tx, const Address& sender,
                                         StateDiff& diff) {
  Impl& impl = *impl_;
  impl.start(context);
  RecordedFields fields(impl.block.journal);
  AttemptResult result;
  fields.begin(0);
  impl.worker(0).run(fields, tx, sender, result);
  fields.commit();
  const FieldKey nonce{{}, sender, Field::kNonce, 0};
  if (result.outcome.fault || impl.block.journal.field(nonce).word != U256(tx.nonce))
    return impl.serial.execute(context, tx, sender, diff);
  fields.for_each([&](const FieldKey& key, const FieldValue& value) {
    impl.block.journal.adopt(key, value, impl.deployed);
  });
  impl.block.journal.finish_adoption();
  result.outcome.receipt.cumulative_gas = result.outcome.receipt.gas_used;
  diff = impl.block.journal.diff();
  return std::move(result.outcome);
}

}  // namespace pel::ledger
