// SPDX-License-Identifier: Apache-2.0
// Keccak for any x86-64: one state.

#include "ledger/primitives/keccak_kernels.hpp"

namespace pel::ledger::detail {
namespace {

void one(std::uint64_t* state) { keccak_permute<std::uint64_t>(state); }

}  // namespace

const KeccakKernels kKeccakV1{&one, nullptr, 1};

}  // namespace pel::ledger::detail
