// SPDX-License-Identifier: Apache-2.0
// The interpreter for x86-64-v3: MULX and the flagless shifts of BMI2 carry 256-bit arithmetic.
#define PEL_EVM_LEVEL v3
#define PEL_EVM_INTERPRETER kInterpreterV3
#include "ledger/evm/interpreter.inl"
