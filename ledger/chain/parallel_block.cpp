// SPDX-License-Identifier: Apache-2.0
#include "ledger/chain/parallel_block.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "ledger/chain/needs.hpp"
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

// What a transaction uses before it calls anything.
constexpr std::uint64_t kTransferGas = 21000;

// A payment done by account, in gas that takes as long: some 0.4 us.
constexpr std::uint64_t kPaymentGas = 3'600;

// Gas of calls from which on it pays to wake a worker: some 0.2 ms.
constexpr std::uint64_t kWorthwhileGas = 1'200'000;

// How long a worker looks for work in vain before it leaves the end of a block to others, in
// pauses: some ten microseconds.
constexpr int kPatience = 1000;

void pause(int times) noexcept {
  for (int i = 0; i < times; ++i) pause_processor();
}

// Lets other threads run: briefly, if it is to be back soon.
void rest(bool briefly) {
  if (briefly) {
    std::this_thread::yield();
  } else {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
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
  if (a.absent_contracts != b.absent_contracts) return "absent system contracts";
  return a.diff == b.diff ? "" : "difference of states";
}

std::unique_ptr<AttemptSlot> AttemptWorker::take_slot() {
  if (free.empty()) return std::make_unique<AttemptSlot>();
  std::unique_ptr<AttemptSlot> slot = std::move(free.back());
  free.pop_back();
  return slot;
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

void ParallelBlockExecutor::Impl::make_workers(std::size_t crew) {
  while (workers.size() < crew) {
    const auto index = static_cast<std::uint32_t>(workers.size());
    workers.push_back(std::make_unique<AttemptWorker>(cache, block.state, index));
  }
}

void ParallelBlockExecutor::Impl::start_attempts() {
  make_workers(1);
  const AttemptJournal::Block attempts{&block.state, &block_hashes, &cache};
  for (const auto& worker : workers) {
    worker->journal.begin_block(attempts);
    worker->direct.journal.begin_block(block_hashes);
    worker->context = worker->direct.context = block.context;
  }
  coinbase = attempts.state->place_of(block.context.environment.block.coinbase);
}

void ParallelBlockExecutor::Impl::start(const Input& input) {
  share(*input.view, input.block_hashes);
  Input shared = input;
  shared.view = view;
  shared.block_hashes = block_hashes;
  block.start(shared);
  block.begin_system_calls(shared);
}

void ParallelBlockExecutor::Impl::start(const BlockExecutor::Single& single) {
  share(*single.view, single.block_hashes);
  BlockExecutor::Single shared = single;
  shared.view = view;
  shared.block_hashes = block_hashes;
  block.start(shared);
  start_attempts();
}

int ParallelBlockExecutor::Impl::crew_for(const Input& input) {
  const auto& txs = input.block->transactions;
  const int limit = worker_limit();
  if (input.tracer) return 1;
  plain.resize(txs.size());
  std::uint64_t gas = 0;
  std::uint64_t transfers = 0;
  for (std::size_t i = 0; i < txs.size(); ++i) {
    plain[i] = txs[i].data.empty();
    gas += std::max(txs[i].gas_limit / 2, kTransferGas);
    transfers += kTransferGas;
  }
  if (input.block->header.gas_used != 0) gas = input.block->header.gas_used;
  payments.find(input, always);
  transfers -= std::min(transfers, kPaymentGas * payments.found());
  if (always) return std::max(limit, 2);
  return limit > 1 && txs.size() > 1 && gas > transfers + kWorthwhileGas ? limit : 1;
}

bool ParallelBlockExecutor::Impl::run(AttemptWorker& worker, const Transaction& tx,
                                      const Address& sender, AttemptSlot& slot) {
  worker.journal.begin_attempt(slot.attempt);
  slot.outcome = worker.executor.execute(worker.journal, worker.context, tx, sender);
  return !slot.outcome.fault;
}

bool ParallelBlockExecutor::Impl::adopt(const Input& input, std::uint32_t index,
                                        AttemptSlot& slot) {
  BlockState& state = block.state;
  const Transaction& tx = input.block->transactions[index];
  const TxLimits& left = block.context.limits;
  if (tx.gas_limit > left.gas_left || tx.blob_gas() > left.blob_gas_left ||
      !state.holds(slot.attempt)) {
    state.retract(slot.attempt);
    return false;
  }
  state.adopt(slot.attempt);
  return true;
}

std::uint32_t ParallelBlockExecutor::Impl::commit(const Input& input, Output& output,
                                                  std::uint32_t index, std::uint32_t mark,
                                                  AttemptWorker& worker) {
  if (mark == turns.kNobody) {
    const std::uint32_t next =
        payments.pay(index, worker.index, block, worker.direct.journal, output);
    if (next != index) {
      counters.by_account += next - index;
      block.state.set_committed(next);
      return next;
    }
  }
  std::unique_ptr<AttemptSlot> slot;
  if (mark != turns.kNobody) slot = std::move(slots[turns.slot_of(index)]);
  const Transaction& tx = input.block->transactions[index];
  const bool held = mark == turns.kExecuted && adopt(input, index, *slot);
  if (mark == turns.kNobody) {
    counters.waits += plain[index] == 0 && conflicts.warn(tx);
  } else {
    conflicts.report(tx, held);
    counters.reexecutions += !held;
  }
  if (held) {
    block.accept(input, index, std::move(slot->outcome.receipt), output);
  } else {
    block.execute_transaction(input, index, worker.direct, output);
  }
  if (slot) worker.free.push_back(std::move(slot));
  block.state.set_committed(index + 1);
  return index + 1;
}

bool ParallelBlockExecutor::Impl::wanted(const Input& input, std::uint32_t index) const {
  if (payments.contains(index)) return false;
  if (always) return true;
  if (plain[index]) return false;
  const auto& txs = input.block->transactions;
  if (!conflicts.warn(txs[index])) return true;
  for (std::uint32_t i = turns.head(); i < index; ++i)
    if (txs[i].to == txs[index].to) return false;
  return true;
}

void ParallelBlockExecutor::Impl::attempt(const Input& input, std::uint32_t index,
                                          AttemptWorker& worker) {
  std::unique_ptr<AttemptSlot>& kept = slots[turns.slot_of(index)];
  kept = worker.take_slot();
  AttemptSlot& slot = *kept;
  bool counts = false;
  slot.attempt.start(index);
  try {
    counts = run(worker, input.block->transactions[index], input.senders[index], slot);
  } catch (...) {
    // By a doomed attempt; or the holder will meet it again.
  }
  if (counts) block.state.publish(slot.attempt, coinbase);
  turns.mark(index, worker.index, counts ? turns.kExecuted : turns.kFailed);
}

void ParallelBlockExecutor::Impl::work(const Input& input, Output& output, AttemptWorker& worker) {
  const auto commits = [&](std::uint32_t index, std::uint32_t mark) {
    try {
      return commit(input, output, index, mark, worker);
    } catch (...) {
      error = std::current_exception();
      stopped.store(true);
      throw;
    }
  };
  const auto wants = [&](std::uint32_t index) { return wanted(input, index); };
  std::uint32_t last = turns.kNone;
  int idle = 0;  // pauses since it last found work
  int pauses = 1;
  for (std::uint32_t round = 0; !stopped.load(std::memory_order_relaxed); ++round) {
    // For tests everything is attempted, out of order, and seldom committed.
    const std::uint32_t head = turns.head();
    const bool unclaimed = !always || payments.contains(head);
    if (unclaimed || round % 7 == 6 || idle != 0)
      turns.settle(worker.index, {unclaimed, idle != 0}, commits);
    if (turns.done()) return;
    if (payments.help(worker.index)) {
      idle = 0;
      pauses = 1;
      continue;
    }
    const bool expected = payments.expected(head);
    // The holder goes on with the transaction after the one that it is at.
    const std::uint32_t ahead = !always ? 2 : idle != 0 ? 0 : 5 * round % 8;
    const std::uint32_t index = turns.claim(worker.index, last, ahead, wants);
    if (index != turns.kNone) {
      last = index;
      attempt(input, index, worker);
      idle = 0;
      pauses = 1;
    } else if (idle > kPatience && turns.at_end() && !expected) {
      return;
    } else {
      // Whoever looks disturbs the one who works; a long transaction may be under way.
      if (idle > 50 * kPatience) rest(expected);
      pause(pauses);
      idle += pauses;
      pauses = std::min(2 * pauses, expected ? 16 : turns.at_end() ? 128 : 512);
    }
  }
}

// The others are called first: they need some time to come, in which the block is begun. Whoever of
// them runs on the calling thread, in which case there are no others, leaves all to it.
void ParallelBlockExecutor::Impl::execute_transactions(const Input& input, Output& output,
                                                       int crew) {
  make_workers(static_cast<std::size_t>(crew));
  begun.store(false);
  stopped.store(false);
  error = nullptr;
  const auto caller = std::this_thread::get_id();
  TaskGroup group;
  for (std::size_t i = 1; i < static_cast<std::size_t>(crew); ++i) {
    group.run([&, i] {
      if (!begun.load() && std::this_thread::get_id() == caller) return;
      for (int spins = 0; !begun.load(); ++spins) {
        pause(1);
        if (spins > kPatience) std::this_thread::yield();
      }
      if (!stopped.load()) payments.divide();
      try {
        work(input, output, *workers[i]);
      } catch (...) {  // kept in `error`
      }
    });
  }
  try {
    begin(input, output, crew);
  } catch (...) {
    error = std::current_exception();
    stopped.store(true);
  }
  begun.store(true);
  try {
    work(input, output, *workers[0]);
  } catch (...) {
  }
  group.wait();
  if (error) std::rethrow_exception(error);
  PEL_CHECK(turns.done());
}

void ParallelBlockExecutor::Impl::begin(const Input& input, Output& output, int crew) {
  start(input);
  output.receipts.reserve(input.block->transactions.size());
  start_attempts();
  payments.start(block.context, crew);
  const std::size_t n = input.block->transactions.size();
  turns.start(static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(n - payments.found()));
  conflicts.start();
}

ParallelBlockExecutor::ParallelBlockExecutor(evm::CodeCache& codes, bool always)
    : impl_(std::make_unique<Impl>(codes, always)) {}
ParallelBlockExecutor::~ParallelBlockExecutor() = default;
ParallelBlockExecutor::ParallelBlockExecutor(ParallelBlockExecutor&&) noexcept = default;

BlockGraph ParallelBlockExecutor::measure(const Input& input, int repeat) {
  PEL_CHECK(input.config && input.block && input.view);
  PEL_CHECK(input.senders.size() == input.block->transactions.size());
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
  impl.start_attempts();
  BlockState& state = impl.block.state;
  Needs needs(state);
  AttemptSlot slot;
  for (std::size_t i = 0; i < n; ++i) {
    slot.attempt.start(static_cast<std::uint32_t>(i));
    impl.run(*impl.workers[0], input.block->transactions[i], input.senders[i], slot);
    graph.needs[i] = needs.adopt(slot.attempt, state.place_of(input.senders[i]));
  }
  return graph;
}

ParallelBlockExecutor::Output ParallelBlockExecutor::execute(const Input& input) {
  Impl& impl = *impl_;
  impl.counters = {};
  impl.counters.transactions = input.block->transactions.size();
  Output output;
  PEL_CHECK(input.config && input.block && input.view);
  PEL_CHECK(input.senders.size() == input.block->transactions.size());
  const int crew = impl.crew_for(input);
  impl.counters.serial = crew == 1;
  if (crew == 1) {
    impl.start(input);
    impl.block.execute_transactions(input, output);
  } else {
    impl.execute_transactions(input, output, crew);
  }
  impl.block.end_of_block(input, output, crew > 1);
  return output;
}

const ParallelBlockExecutor::Counters& ParallelBlockExecutor::counters() const noexcept {
  return impl_->counters;
}

TxOutcome ParallelBlockExecutor::execute(const BlockExecutor::Single& context,
                                         const Transaction& tx, const Address& sender,
                                         StateDiff& diff) {
  Impl& impl = *impl_;
  impl.start(context);
  AttemptSlot slot;
  slot.attempt.start(0);
  BlockState& state = impl.block.state;
  if (impl.run(*impl.workers[0], tx, sender, slot) && state.holds(slot.attempt)) {
    state.adopt(slot.attempt);
  } else {
    BlockExecutor::Impl& block = impl.block;
    slot.outcome = block.transactions.execute(block.journal, block.context, tx, sender);
    if (slot.outcome.fault) return std::move(slot.outcome);
  }
  slot.outcome.receipt.cumulative_gas = slot.outcome.receipt.gas_used;
  diff = state.diff();
  return std::move(slot.outcome);
}

}  // namespace pel::ledger
