// SPDX-License-Identifier: Apache-2.0
#include "ledger/evm/bn254/contracts.hpp"

namespace pel::evm::bn254 {

const Kernels kKernelsV1{&run_add, &run_multiply, &run_pairing};

}  // namespace pel::evm::bn254
