// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "ledger/evm/fusion.hpp"
#include "ledger/primitives/keccak.hpp"
#include "pel/ledger/evm.hpp"

namespace pel::evm {

namespace {

constexpr std::size_t kPadding = 33;  // a PUSH32 at the very end, and a STOP behind it

std::optional<Address> read_delegation(BytesView code) {
  if (code.size() != 23 || code[0] != 0xef || code[1] != 0x01 || code[2] != 0x00) return {};
  Address target;
  std::memcpy(target.bytes.data(), code.data() + 3, 20);
  return target;
}

void find_jumps(const std::uint8_t* code, std::size_t size, std::uint64_t* jumps) noexcept {
  for (std::size_t pc = 0; pc < size; ++pc) {
    const std::uint8_t op = code[pc];
    if (static_cast<std::int8_t>(op) >= OP_PUSH1) {  // one comparison: 0x60 to 0x7f
      pc += op - OP_PUSH1 + 1u;
    } else if (op == OP_JUMPDEST) {
      jumps[pc / 64] |= std::uint64_t{1} << (pc % 64);
    }
  }
}

}  // namespace

Code::Code(BytesView code)
    : size_(code.size()), padded_(code.size() + kPadding), delegation_(read_delegation(code)) {
  storage_ = std::make_unique_for_overwrite<std::uint8_t[]>(2 * padded_);
  jumps_ = std::make_unique<std::uint64_t[]>(size_ / 64 + 1);
  if (size_ != 0) std::memcpy(storage_.get(), code.data(), size_);
  std::memset(storage_.get() + size_, 0, kPadding);
  find_jumps(storage_.get(), size_, jumps_.get());
  fuse(storage_.get(), size_, jumps_.get(), storage_.get() + padded_);
}

Code::Code(BytesView code, const Hash256& hash) : Code(code) { hash_ = hash; }

Hash256 Code::hash() const { return hash_ ? *hash_ : ledger::keccak256(bytes()); }

const Code* Code::empty() noexcept {
  static const Code none(BytesView{}, ledger::kEmptyCodeHash);
  return &none;
}

struct CodeCache::Shard {
  mutable std::mutex mutex;
  std::unordered_map<Hash256, std::shared_ptr<const Code>> codes;
  std::size_t bytes = 0;
};

CodeCache::CodeCache(std::size_t limit_bytes)
    : shard_limit_(limit_bytes / kShards), shards_(std::make_unique<Shard[]>(kShards)) {}
CodeCache::~CodeCache() = default;

std::shared_ptr<const Code> CodeCache::find(const Hash256& hash) const {
  const Shard& shard = shards_[hash.bytes[0] % kShards];
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.codes.find(hash);
  return found == shard.codes.end() ? nullptr : found->second;
}

std::shared_ptr<const Code> CodeCache::get(const Hash256& hash, BytesView code) {
  if (auto known = find(hash)) return known;
  auto made = std::make_shared<const Code>(code, hash);
  Shard& shard = shards_[hash.bytes[0] % kShards];
  const std::scoped_lock lock(shard.mutex);
  if (shard.bytes > shard_limit_) {
    shard.codes.clear();
    shard.bytes = 0;
  }
  const auto [entry, added] = shard.codes.emplace(hash, made);
  if (added) shard.bytes += 2 * code.size() + code.size() / 8;
  return entry->second;
}

}  // namespace pel::evm
