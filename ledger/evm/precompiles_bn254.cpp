// SPDX-License-Identifier: Apache-2.0
// Precompiles 6 to 8: EIP-196 and 197, prices of EIP-1108.

#include "ledger/evm/bn254/kernels.hpp"
#include "ledger/evm/precompiles.hpp"

namespace pel::evm::precompile {

namespace {

// A constant of the process: which instructions the CPU has.
const bn254::Kernels& kernels() noexcept {
  static const bn254::Kernels& best = bn254::has_adx() ? bn254::kKernelsAdx : bn254::kKernelsV1;
  return best;
}

constexpr std::size_t kPairBytes = 192;

}  // namespace

Gas price_bn254_add(BytesView, Revision revision) {
  return revision >= Revision::kIstanbul ? 150 : 500;
}

std::size_t run_bn254_add(BytesView input, PrecompileOutput output) {
  return kernels().add(input, output);
}

Gas price_bn254_mul(BytesView, Revision revision) {
  return revision >= Revision::kIstanbul ? 6000 : 40000;
}

std::size_t run_bn254_mul(BytesView input, PrecompileOutput output) {
  return kernels().multiply(input, output);
}

Gas price_bn254_pairing(BytesView input, Revision revision) {
  const Gas pairs = static_cast<Gas>(input.size() / kPairBytes);
  return revision >= Revision::kIstanbul ? 45000 + 34000 * pairs : 100000 + 80000 * pairs;
}

std::size_t run_bn254_pairing(BytesView input, PrecompileOutput output) {
  return kernels().pairing(input, output);
}

}  // namespace pel::evm::precompile
