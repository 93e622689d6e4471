// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include "pel/ledger/state.hpp"

namespace pel::ledger {

// Lets several threads read a view that allows one: one at a time.
class LockedView final : public StateView {
 public:
  explicit LockedView(const StateView& view) : view_(view) {}

  std::optional<Account> account(const Address& address) const override {
    const std::lock_guard lock(mutex_);
    return view_.account(address);
  }
  U256 storage(const Address& address, const U256& key) const override {
    const std::lock_guard lock(mutex_);
    return view_.storage(address, key);
  }
  bool has_storage(const Address& address) const override {
    const std::lock_guard lock(mutex_);
    return view_.has_storage(address);
  }
  std::shared_ptr<const evm::Code> code(const Hash256& hash) const override {
    const std::lock_guard lock(mutex_);
    return view_.code(hash);
  }
  bool concurrent_reads() const noexcept override { return true; }

 private:
  const StateView& view_;
  mutable std::mutex mutex_;
};

}  // namespace pel::ledger
