// SPDX-License-Identifier: Apache-2.0
#pragma once

// What changed from revision to revision, as one table: a row per revision, built at compile time.

#include <array>
#include <cstdint>

#include "pel/ledger/evm.hpp"

namespace pel::evm {

using Gas = std::int64_t;

inline constexpr Gas kStackGas = 3;  // PUSHn, DUPn, SWAPn
inline constexpr Gas kCopyWordGas = 3;
inline constexpr Gas kKeccakWordGas = 6;
inline constexpr Gas kLogGas = 375;
inline constexpr Gas kLogTopicGas = 375;
inline constexpr Gas kLogByteGas = 8;
inline constexpr Gas kCodeDepositByteGas = 200;
inline constexpr Gas kCallValueGas = 9000;
inline constexpr Gas kCallStipend = 2300;
inline constexpr Gas kNewAccountGas = 25000;
inline constexpr Gas kWarmGas = 100;          // EIP-2929
inline constexpr Gas kColdAccountGas = 2600;  // EIP-2929
inline constexpr Gas kColdStorageGas = 2100;  // EIP-2929
inline constexpr int kMaxDepth = 1024;
inline constexpr std::size_t kMaxCodeSize = 24576;                 // EIP-170
inline constexpr std::size_t kMaxInitCodeSize = 2 * kMaxCodeSize;  // EIP-3860

struct Rules {
  Revision revision = Revision::kFrontier;
  // Access to accounts and storage; from Berlin on the warm price, and `cold` adds the difference.
  Gas balance = 20;
  Gas ext_code = 20;  // EXTCODESIZE, EXTCODECOPY
  Gas ext_code_hash = 400;
  Gas call = 40;
  Gas sload = 50;
  bool cold_access = false;  // EIP-2929
  // SSTORE. With net metering: `sstore_noop` for what changes nothing or is dirty already.
  bool net_metering = false;
  Gas sstore_noop = 5000;
  Gas sstore_set = 20000;
  Gas sstore_reset = 5000;
  Gas sstore_clear_refund = 15000;
  bool sstore_stipend_check = false;  // EIP-2200
  Gas exp_byte = 10;
  Gas selfdestruct = 0;
  Gas selfdestruct_refund = 24000;
  bool selfdestruct_new_account = false;  // EIP-150
  bool keep_64th = false;                 // EIP-150
  bool clear_empty = false;               // EIP-158/161
  bool limit_code_size = false;           // EIP-170
  bool deposit_must_be_paid = false;      // EIP-2
  bool refuse_ef = false;                 // EIP-3541
  bool limit_init_code = false;           // EIP-3860
  bool delegations = false;               // EIP-7702
};

constexpr Rules make_rules(Revision revision) noexcept {
  Rules r;
  r.revision = revision;
  const auto from = [revision](Revision since) { return revision >= since; };
  if (from(Revision::kHomestead)) r.deposit_must_be_paid = true;
  if (from(Revision::kTangerineWhistle)) {  // EIP-150
    r.balance = 400;
    r.ext_code = 700;
    r.call = 700;
    r.sload = 200;
    r.selfdestruct = 5000;
    r.selfdestruct_new_account = true;
    r.keep_64th = true;
  }
  if (from(Revision::kSpuriousDragon)) {  // EIP-160, 161, 170
    r.exp_byte = 50;
    r.clear_empty = true;
    r.limit_code_size = true;
  }
  if (revision == Revision::kConstantinople) {  // EIP-1283, withdrawn in Petersburg
    r.net_metering = true;
    r.sstore_noop = 200;
  }
  if (from(Revision::kIstanbul)) {  // EIP-1884, 2200
    r.balance = 700;
    r.ext_code_hash = 700;
    r.sload = 800;
    r.net_metering = true;
    r.sstore_noop = 800;
    r.sstore_stipend_check = true;
  }
  if (from(Revision::kBerlin)) {  // EIP-2929
    r.cold_access = true;
    r.balance = r.ext_code = r.ext_code_hash = r.call = r.sload = kWarmGas;
    r.sstore_noop = kWarmGas;
    r.sstore_reset = 5000 - kColdStorageGas;
  }
  if (from(Revision::kLondon)) {  // EIP-3529, 3541
    r.sstore_clear_refund = 4800;
    r.selfdestruct_refund = 0;
    r.refuse_ef = true;
  }
  if (from(Revision::kShanghai)) r.limit_init_code = true;
  if (from(Revision::kPrague)) r.delegations = true;
  return r;
}

inline constexpr std::array<Rules, kRevisions> kRules = [] {
  std::array<Rules, kRevisions> all{};
  for (int i = 0; i < kRevisions; ++i) {
    all[static_cast<std::size_t>(i)] = make_rules(static_cast<Revision>(i));
  }
  return all;
}();

// 32-byte words that `size` bytes begin.
constexpr std::uint64_t words_of(std::uint64_t size) noexcept { return (size + 31) / 32; }
constexpr Gas memory_gas(std::uint64_t words) noexcept {
  return static_cast<Gas>(3 * words + words * words / 512);
}

}  // namespace pel::evm
