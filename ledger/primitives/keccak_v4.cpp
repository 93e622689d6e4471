// SPDX-License-Identifier: Apache-2.0
// Keccak for x86-64-v4. AVX-512 has 32 registers, so a state with one word in each stays in them,
// and its rotations and three-operand logic are worth it for a single state too.

#include "ledger/primitives/keccak_kernels.hpp"

namespace pel::ledger::detail {
namespace {

void one(std::uint64_t* state) {
  Pair a[25];
  for (int i = 0; i < 25; ++i) a[i] = Pair{state[i], 0};
  keccak_rounds(a);
  for (int i = 0; i < 25; ++i) state[i] = a[i][0];
}

void many(std::uint64_t* states) { keccak_permute<Eight>(states); }

}  // namespace

const KeccakKernels kKeccakV4{&one, &many, 8};

}  // namespace pel::ledger::detail
