// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ledger/evm/precompiles.hpp"

namespace pel::evm::bn254 {

// The three contracts of EIP-196 and 197, compiled for one CPU level: any x86-64, or one with the
// instructions MULX, ADCX and ADOX.
struct Kernels {
  RunFunction add;
  RunFunction multiply;
  RunFunction pairing;
};
extern const Kernels kKernelsV1;
extern const Kernels kKernelsAdx;
bool has_adx() noexcept;

// The inverse modulo the field's prime; zero gives zero.
U256 inverse_of(const U256& number) noexcept;

}  // namespace pel::evm::bn254
