// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include "ledger/chain/block_executor.hpp"
#include "ledger/chain/dao_accounts.hpp"
#include "ledger/chain/requests.hpp"
#include "pel/detail/base/check.hpp"

namespace pel::ledger {
namespace {

using evm::Revision;

constexpr Address from_hex20(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Address address;
  for (std::size_t i = 0; i < 20; ++i)
    address.bytes[i] =
        static_cast<std::uint8_t>(value(digits[2 * i]) << 4 | value(digits[2 * i + 1]));
  return address;
}

constexpr Address kBeaconRoots = from_hex20("000f3df6d732807ef1319fb7b8bb8522d0beac02");
constexpr Address kBlockHashHistory = from_hex20("0000f90827f1c53a10cb7a02335b175320002935");
constexpr Address kWithdrawalQueue = from_hex20("00000961ef480eb55e80d19ad83579a64c007002");
constexpr Address kConsolidationQueue = from_hex20("0000bbddc7ce488642fb579f8b00f3a590007251");

U256 block_reward(Revision revision) {
  const U256 ether{1'000'000'000'000'000'000};
  if (revision >= Revision::kConstantinople) return ether * U256(2);
  return ether * U256(revision >= Revision::kByzantium ? 3 : 5);
}

std::string tx_place(std::uint64_t number, std::size_t index) {
  return "block " + std::to_string(number) + ", transaction " + std::to_string(index);
}

}  // namespace

void BlockExecutor::Impl::start(const Input& input) {
  const Header& header = input.block->header;
  const BlobParams blobs = input.config->blob_params(header.timestamp);
  evm::BlockContext& block = context.environment.block;
  context.environment.revision = input.revision;
  context.tracer = nullptr;
  block.number = header.number;
  block.timestamp = header.timestamp;
  block.gas_limit = header.gas_limit;
  block.coinbase = header.coinbase;
  block.difficulty_or_randao =
      input.revision >= Revision::kParis ? to_u256(header.mix_hash) : header.difficulty;
  block.base_fee = header.base_fee.value_or(U256{});
  block.blob_base_fee =
      header.excess_blob_gas ? blob_base_fee(*header.excess_blob_gas, blobs) : U256{};
  block.chain_id = U256(input.config->chain_id);
  context.limits = {header.gas_limit, blobs.max << 17, blobs};
  state.begin(*input.view, input.revision);
  journal.begin_block(input.block_hashes);
}

void BlockExecutor::Impl::move_dao_funds() {
  const Address refund = from_hex20(kDaoRefund);
  journal.begin_transaction();
  for (const std::string_view digits : kDaoAccounts) {
    const Address account = from_hex20(digits);
    const U256 balance = journal.balance(account);
    journal.subtract_balance(account, balance);
    journal.add_balance(refund, balance);
    journal.touch(account);  // before EIP-161 this creates an account that is not there
  }
  journal.end_transaction();
}

void BlockExecutor::Impl::call_if_present(const Address& contract, const Hash256& input) {
  journal.begin_transaction();
  if (journal.account(contract).code_hash != kEmptyCodeHash)
    transactions.system_call(journal, context, contract, input.bytes);
  journal.end_transaction();
}

void BlockExecutor::Impl::begin_system_calls(const Input& input) {
  const Header& header = input.block->header;
  if (header.number == input.config->dao_block) move_dao_funds();
  if (input.revision >= Revision::kCancun && header.parent_beacon_root)
    call_if_present(kBeaconRoots, *header.parent_beacon_root);
  if (input.revision >= Revision::kPrague && header.number != 0)
    call_if_present(kBlockHashHistory, header.parent_hash);
}

void BlockExecutor::Impl::execute_transactions(const Input& input, Output& output) {
  const std::size_t n = input.block->transactions.size();
  output.receipts.reserve(n);
  for (std::size_t i = 0; i < n; ++i) execute_transaction(input, i, main, output);
}

void BlockExecutor::Impl::execute_transaction(const Input& input, std::size_t index,
                                              DirectRunner& runner, Output& output) {
  const Block& block = *input.block;
  runner.context.limits = context.limits;
  runner.context.tracer = input.tracer ? input.tracer(index) : nullptr;
  TxOutcome outcome = runner.transactions.execute(runner.journal, runner.context,
                                                  block.transactions[index], input.senders[index]);
  runner.context.tracer = nullptr;
  if (!outcome.fault) {
    accept(input, index, std::move(outcome.receipt), output);
  } else if (input.skip_faulty) {
    output.rejected.push_back({index, std::move(outcome.fault)});
  } else {
    throw InvalidBlock("TransactionException." + std::string(outcome.fault.name),
                       tx_place(block.header.number, index), outcome.fault.detail);
  }
}

void BlockExecutor::Impl::time_transactions(const Input& input, Output& output,
                                            std::span<double> seconds) {
  using Clock = std::chrono::steady_clock;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const auto begin = Clock::now();
    TxOutcome outcome =
        transactions.execute(journal, context, input.block->transactions[i], input.senders[i]);
    PEL_CHECK(!outcome.fault);
    accept(input, i, std::move(outcome.receipt), output);
    seconds[i] = std::min(seconds[i], std::chrono::duration<double>(Clock::now() - begin).count());
  }
}

void BlockExecutor::Impl::accept(const Input& input, std::size_t index, Receipt&& receipt,
                                 Output& output) {
  const std::uint64_t blob_gas = input.block->transactions[index].blob_gas();
  context.limits.gas_left -= receipt.gas_used;
  context.limits.blob_gas_left -= blob_gas;
  output.gas_used += receipt.gas_used;
  output.blob_gas_used += blob_gas;
  receipt.cumulative_gas = output.gas_used;
  if (input.revision < Revision::kByzantium && input.intermediate_root)
    receipt.state_root = input.intermediate_root(state.diff());
  output.receipts.push_back(std::move(receipt));
}

void BlockExecutor::Impl::withdraw(const std::vector<Withdrawal>& withdrawals) {
  journal.begin_transaction();
  for (const Withdrawal& withdrawal : withdrawals)
    journal.add_balance(withdrawal.address, U256(withdrawal.amount_gwei) * U256(1'000'000'000));
  journal.end_transaction();
}

void BlockExecutor::Impl::pay_rewards(const Input& input) {
  const Header& header = input.block->header;
  const U256 reward = input.reward.value_or(block_reward(input.revision));
  U256 miner = reward;
  journal.begin_transaction();
  for (const Header& uncle : input.block->uncles) {
    const U256 share = reward * U256(8 + uncle.number - header.number) / U256(8);
    journal.add_balance(uncle.coinbase, share);
    miner += reward / U256(32);
  }
  journal.add_balance(header.coinbase, miner);
  journal.end_transaction();
}

void BlockExecutor::Impl::queue_requests(const Input& input, std::uint8_t type, Output& output) {
  const Address& contract = type == 1 ? kWithdrawalQueue : kConsolidationQueue;
  const std::string place = "system contract " + to_string(contract);
  journal.begin_transaction();
  const bool absent = journal.account(contract).code_hash == kEmptyCodeHash;
  if (absent && input.skip_faulty) {
    output.absent_contracts.push_back(contract);
    return journal.end_transaction();
  }
  if (absent) throw InvalidBlock("BlockException.SYSTEM_CONTRACT_EMPTY", place, "has no code");
  const evm::Result result = transactions.system_call(journal, context, contract, {});
  if (result.status != evm::Status::kSuccess)
    throw InvalidBlock("BlockException.SYSTEM_CONTRACT_CALL_FAILED", place,
                       std::string(evm::to_string(result.status)));
  if (!result.output.empty()) {
    Bytes request = {type};
    request.insert(request.end(), result.output.begin(), result.output.end());
    output.requests.push_back(std::move(request));
  }
  journal.end_transaction();
}

void BlockExecutor::Impl::collect_requests(const Input& input, Output& output) {
  Bytes deposits = deposit_requests(input.config->deposit_contract, output.receipts);
  if (deposits.size() > 1) output.requests.push_back(std::move(deposits));
  queue_requests(input, 1, output);
  queue_requests(input, 2, output);
}

void BlockExecutor::Impl::end_of_block(const Input& input, Output& output, bool divided) {
  if (input.block->withdrawals) withdraw(*input.block->withdrawals);
  if (input.revision >= Revision::kPrague) collect_requests(input, output);
  const bool rewarded = input.revision < Revision::kParis || input.reward.has_value();
  if (rewarded && input.pay_rewards) pay_rewards(input);
  output.diff = state.diff(divided);
}

BlockExecutor::BlockExecutor(evm::CodeCache& codes) : impl_(std::make_unique<Impl>(codes)) {}
BlockExecutor::~BlockExecutor() = default;
BlockExecutor::BlockExecutor(BlockExecutor&&) noexcept = default;

BlockExecutor::Output BlockExecutor::execute(const Input& input) {
  PEL_CHECK(input.config && input.block && input.view);
  PEL_CHECK(input.senders.size() == input.block->transactions.size());
  Output output;
  impl_->start(input);
  impl_->begin_system_calls(input);
  impl_->execute_transactions(input, output);
  impl_->end_of_block(input, output);
  return output;
}

void BlockExecutor::Impl::start(const Single& single) {
  context.environment.revision = single.revision;
  context.environment.block = single.block;
  context.limits = single.limits;
  context.tracer = single.tracer;
  state.begin(*single.view, single.revision);
  journal.begin_block(single.block_hashes);
}

TxOutcome BlockExecutor::execute(const Single& single, const Transaction& tx, const Address& sender,
                                 StateDiff& diff) {
  Impl& impl = *impl_;
  impl.start(single);
  TxOutcome outcome = impl.transactions.execute(impl.journal, impl.context, tx, sender);
  if (!outcome.fault) {
    outcome.receipt.cumulative_gas = outcome.receipt.gas_used;
    diff = impl.state.diff();
  }
  return outcome;
}

evm::Result BlockExecutor::call(const Single& single, const evm::Message& message,
                                StateDiff& diff) {
  Impl& impl = *impl_;
  impl.start(single);
  impl.journal.begin_transaction();
  const evm::Result result = impl.transactions.call(impl.journal, impl.context, message);
  impl.journal.end_transaction();
  diff = impl.state.diff();
  return result;
}

}  // namespace pel::ledger
