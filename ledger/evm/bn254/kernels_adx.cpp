// SPDX-License-Identifier: Apache-2.0
#include "ledger/evm/bn254/contracts.hpp"

namespace pel::evm::bn254 {

const Kernels kKernelsAdx{&run_add, &run_multiply, &run_pairing};

}  // namespace pel::evm::bn254
