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
  logs_changes = input.revision < evm::Revision::kByzantium && input.intermediate_root;
  start_attempts();
}

void ParallelBlockExecutor::Impl::start(const BlockExecutor::Single& single) {
  share(*single.view, single.block_hashes);
  BlockExecutor::Single shared = single;
  shared.view = view;
  block.start(shared);
  start_attempts();
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

bool ParallelBlockExecutor::Impl::accept(const Input& input, std::vector<AttemptResult>& results,
                                         Output& output) {
  const std::vector<Transaction>& transactions = input.block->transactions;
  FlatMap<Address, std::uint64_t> nonces;
  TxLimits& left = block.context.limits;
  output.receipts.reserve(transactions.size());
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    const Transaction& tx = transactions[i];
    if (results[i].outcome.fault || tx.gas_limit > left.gas_left ||
        tx.blob_gas() > left.blob_gas_left)
      return false;
    const auto [at, first] = nonces.insert(input.senders[i]);
    std::uint64_t& nonce = nonces.at(at).value;
    if (first) nonce = block.journal.field({{}, input.senders[i], Field::kNonce, 0}).word.w[0];
    if (nonce++ != tx.nonce) return false;
    for (const auto& [address, written] : results[i].nonces) nonces[address] = written;
    if (logs_changes) adopt(results[i].changes);
    block.accept(input, i, std::move(results[i].outcome.receipt), output);
  }
  return true;
}

void ParallelBlockExecutor::Impl::adopt(const std::vector<FieldChange>& changes) {
  for (const FieldChange& change : changes) {
    FieldValue value = change.value;
    if (change.sum) value.word = block.journal.field(change.key).word + change.value.word;
    block.journal.adopt(change.key, value, deployed);
  }
  block.journal.finish_adoption();
}

void ParallelBlockExecutor::Impl::run(const Input& input, std::size_t index, FieldAccess& fields,
                                      AttemptResult& result) {
  AttemptWorker& on = worker(static_cast<std::size_t>(std::max(worker_index(), 0)));
  const Transaction& tx = input.block->transactions[index];
  if (!logs_changes) return on.run(fields, tx, input.senders[index], result);
  LoggedFields logged(fields, result.changes);
  on.run(logged, tx, input.senders[index], result);
}

ParallelBlockExecutor::ParallelBlockExecutor(evm::CodeCache& codes)
    : impl_(std::make_unique<Impl>(codes)) {}
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

ParallelBlockExecutor::Output ParallelBlockExecutor::Impl::in_order(const Input& input) {
  const std::size_t n = input.block->transactions.size();
  start(input);
  RecordedFields fields(block.journal);
  std::vector<AttemptResult> results(n);
  for (std::size_t i = 0; i < n; ++i) {
    fields.begin(static_cast<std::uint32_t>(i));
    run(input, i, fields, results[i]);
    fields.commit();
  }
  Output output;
  if (!accept(input, results, output)) return serial.execute(input);
  if (!logs_changes) {
    fields.for_each([&](const FieldKey& key, const FieldValue& value) {
      block.journal.adopt(key, value, deployed);
    });
    block.journal.finish_adoption();
  }
  block.end_of_block(input, output);
  return output;
}

ParallelBlockExecutor::Output ParallelBlockExecutor::execute(const Input& input) {
  return impl_->in_order(input);
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
