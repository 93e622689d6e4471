// SPDX-License-Identifier: Apache-2.0
// Keccak for x86-64-v4: one state with BMI, eight with AVX-512.

#include "ledger/primitives/keccak_kernels.hpp"

namespace pel::ledger::detail {
namespace {

void one(std::uint64_t* state) { keccak_permute<std::uint64_t>(state); }

using Vector [[gnu::vector_size(64)]] = std::uint64_t;
void many(std::uint64_t* states) { keccak_permute<Vector>(states); }

}  // namespace

const KeccakKernels kKeccakV4{&one, &many, 8};

}  // namespace pel::ledger::detail
