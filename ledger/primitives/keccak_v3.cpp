// SPDX-License-Identifier: Apache-2.0
// Keccak for x86-64-v3: one state with BMI, four with AVX2.

#include "ledger/primitives/keccak_kernels.hpp"

namespace pel::ledger::detail {
namespace {

void one(std::uint64_t* state) { keccak_permute<std::uint64_t>(state); }

using Vector [[gnu::vector_size(32)]] = std::uint64_t;
void many(std::uint64_t* states) { keccak_permute<Vector>(states); }

}  // namespace

const KeccakKernels kKeccakV3{&one, &many, 4};

}  // namespace pel::ledger::detail
