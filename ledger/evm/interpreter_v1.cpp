// SPDX-License-Identifier: Apache-2.0
// The interpreter for any x86-64.
#define PEL_EVM_LEVEL v1
#define PEL_EVM_INTERPRETER kInterpreterV1
#include "ledger/evm/interpreter.inl"
