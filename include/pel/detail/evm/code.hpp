// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "pel/ledger/types.hpp"

namespace pel::evm {

// Code ready to run: the bytes, a copy in which frequent sequences are one instruction, and the
// set of jump destinations. Immutable, so one object serves all threads and transactions; keep it
// by code hash (CodeCache), for the analysis costs as much as a third of executing real blocks.
class Code {
 public:
  // Analyses; the hash may be given if known, else it is computed when asked for. O(size).
  explicit Code(ledger::BytesView code);
  Code(ledger::BytesView code, const ledger::Hash256& hash);

  static const Code* empty() noexcept;

  ledger::BytesView bytes() const noexcept { return {storage_.get(), size_}; }
  std::size_t size() const noexcept { return size_; }
  ledger::Hash256 hash() const;

  // EIP-7702: 0xef0100 and an address is a delegation to that address.
  const std::optional<ledger::Address>& delegation() const noexcept { return delegation_; }

  bool is_jump_destination(std::uint64_t pc) const noexcept {
    return pc < size_ && ((jumps()[pc / 64] >> (pc % 64)) & 1) != 0;
  }

  // For the interpreter: both views are followed by at least 33 zero bytes (STOP).
  const std::uint8_t* original() const noexcept { return storage_.get(); }
  const std::uint8_t* fused() const noexcept { return storage_.get() + padded_; }
  const std::uint64_t* jumps() const noexcept { return jumps_.get(); }

 private:
  std::size_t size_ = 0;
  std::size_t padded_ = 0;
  std::unique_ptr<std::uint8_t[]> storage_;  // original, then fused, each `padded_` bytes
  std::unique_ptr<std::uint64_t[]> jumps_;
  std::optional<ledger::Address> delegation_;
  std::optional<ledger::Hash256> hash_;
};

// Analysed codes by hash, shared by threads. Bounded: beyond `limit_bytes` of analysed code, the
// entries of one shard at a time are dropped; whoever still holds a pointer keeps its code alive.
class CodeCache {
 public:
  explicit CodeCache(std::size_t limit_bytes = std::size_t{256} << 20);
  ~CodeCache();
  CodeCache(const CodeCache&) = delete;
  CodeCache& operator=(const CodeCache&) = delete;

  // The code with this hash: analysed now if it is not known. `code` must hash to `hash`.
  std::shared_ptr<const Code> get(const ledger::Hash256& hash, ledger::BytesView code);
  // Null if it is not known.
  std::shared_ptr<const Code> find(const ledger::Hash256& hash) const;

 private:
  struct Shard;
  static constexpr std::size_t kShards = 16;
  std::size_t shard_limit_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace pel::evm
