// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include "ledger/primitives/keccak.hpp"
#include "pel/detail/base/check.hpp"
#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

using evm::Revision;

struct Entry {
  Header header;
  std::vector<Header> uncles;
  U256 total_difficulty;
  bool merged = false;
  Revision revision = Revision::kFrontier;
  std::shared_ptr<const MemoryState> state;
};

}  // namespace

struct Chain::Impl {
  Impl(const ChainConfig& chain, evm::CodeCache& codes) : config(chain), executor(codes) {}

  const Entry& entry(const Hash256& hash) const { return blocks.at(hash); }
  Hash256 ancestor_hash(const Header& header, std::uint64_t number) const;
  std::vector<Ancestor> ancestors(const Header& header) const;
  std::vector<Address> senders(const Block& block, Revision revision) const;
  Entry execute(const Block& block, const Entry& parent, const HeaderRules& rules);
  void add(const Hash256& hash, Entry&& added);

  ChainConfig config;
  BlockExecutor executor;
  Chain::Execute other;  // in its place
  std::unordered_map<Hash256, Entry> blocks;
  Hash256 head;
};

Hash256 Chain::Impl::ancestor_hash(const Header& header, std::uint64_t number) const {
  Hash256 hash = header.parent_hash;
  for (auto at = blocks.find(hash); at != blocks.end(); at = blocks.find(hash)) {
    if (at->second.header.number == number) return hash;
    if (at->second.header.number < number) break;
    hash = at->second.header.parent_hash;
  }
  return {};
}

std::vector<Ancestor> Chain::Impl::ancestors(const Header& header) const {
  std::vector<Ancestor> found;
  for (auto at = blocks.find(header.parent_hash); at != blocks.end() && found.size() < 7;
       at = blocks.find(at->second.header.parent_hash))
    found.push_back({&at->second.header, at->second.uncles});
  return found;
}

std::vector<Address> Chain::Impl::senders(const Block& block, Revision revision) const {
  std::vector<Address> found;
  found.reserve(block.transactions.size());
  for (const Transaction& tx : block.transactions) {
    const auto sender = recover_sender(tx, revision);
    if (!sender)
      throw InvalidBlock("TransactionException.INVALID_SIGNATURE_VRS",
                         "block " + std::to_string(block.header.number) + ", transaction " +
                             std::to_string(found.size()),
                         "the signature gives no sender");
    found.push_back(*sender);
  }
  return found;
}

Entry Chain::Impl::execute(const Block& block, const Entry& parent, const HeaderRules& rules) {
  const std::vector<Address> from = senders(block, rules.revision);
  BlockExecutor::Input input;
  input.config = &config;
  input.revision = rules.revision;
  input.block = &block;
  input.senders = from;
  input.view = parent.state.get();
  input.block_hashes = [&](std::uint64_t number) { return ancestor_hash(block.header, number); };
  input.intermediate_root = [&](const StateDiff& diff) {
    MemoryState state = *parent.state;
    state.apply(diff);
    return state.root();
  };
  BlockExecutor::Output output = other ? other(input) : executor.execute(input);
  const Bloom bloom = fill_blooms(output.receipts);
  check_results(block.header, output, bloom, rules);
  auto state = std::make_shared<MemoryState>(*parent.state);
  state->apply(output.diff);
  if (const Hash256 root = state->root(); root != block.header.state_root)
    throw InvalidBlock("BlockException.INVALID_STATE_ROOT",
                       "block " + std::to_string(block.header.number),
                       "field \"stateRoot\" is " + to_string(block.header.state_root) +
                           ", expected " + to_string(root));
  Entry added;
  added.header = block.header;
  added.uncles = block.uncles;
  added.revision = rules.revision;
  added.state = std::move(state);
  return added;
}

void Chain::Impl::add(const Hash256& hash, Entry&& added) {
  const Entry& best = entry(head);
  const bool better =
      added.merged || (!best.merged && added.total_difficulty > best.total_difficulty);
  blocks.emplace(hash, std::move(added));
  if (better) head = hash;
}

Chain::Chain(const ChainConfig& config, const Header& genesis, MemoryState state,
             evm::CodeCache& codes)
    : impl_(std::make_unique<Impl>(config, codes)) {
  Entry entry;
  entry.header = genesis;
  entry.total_difficulty = genesis.difficulty;
  entry.merged = config.terminal_difficulty && genesis.difficulty >= *config.terminal_difficulty;
  entry.revision = config.revision(genesis, entry.merged);
  entry.state = std::make_shared<MemoryState>(std::move(state));
  impl_->head = header_hash(genesis);
  impl_->blocks.emplace(impl_->head, std::move(entry));
}

Chain::~Chain() = default;

Hash256 Chain::import(BytesView rlp, std::string_view place) {
  const Block block = decode_block(rlp, place);
  const Hash256 hash = header_hash(block.header);
  if (impl_->blocks.contains(hash)) return hash;
  const auto found = impl_->blocks.find(block.header.parent_hash);
  if (found == impl_->blocks.end())
    throw InvalidBlock("BlockException.UNKNOWN_PARENT", std::string(place),
                       "the parent " + to_string(block.header.parent_hash) + " is not known");
  const Entry& parent = found->second;
  HeaderRules rules;
  rules.config = &impl_->config;
  const auto& terminal = impl_->config.terminal_difficulty;
  const bool merged = parent.merged || (terminal && parent.total_difficulty >= *terminal);
  rules.revision = impl_->config.revision(block.header, merged);
  rules.parent_revision = parent.revision;
  check_header(block.header, parent.header, rules);
  check_body(block, rules, rlp.size());
  if (!merged) check_uncles(block, impl_->ancestors(block.header), rules);
  Entry added = impl_->execute(block, parent, rules);
  added.merged = merged;
  added.total_difficulty = parent.total_difficulty + block.header.difficulty;
  impl_->add(hash, std::move(added));
  return hash;
}

void Chain::set_execute(Execute execute) { impl_->other = std::move(execute); }

const Hash256& Chain::head() const noexcept { return impl_->head; }
const Header& Chain::head_header() const { return impl_->entry(impl_->head).header; }
const MemoryState& Chain::head_state() const { return *impl_->entry(impl_->head).state; }

}  // namespace pel::ledger
