// SPDX-License-Identifier: Apache-2.0
// Sequences run as one instruction (fusion.hpp). A part that could fail by the stack fails the
// whole; gas is the sum.

// Parts that this revision lacks: run the first one alone, as the original code has it.
unfuse:
  if constexpr (!kTraced) goto* labels[code.original()[pc - begin]];

fused_PUSH1_JUMP:
  PEL_ROOM();
  PEL_TAKE(kStackGas + PEL_OF(JUMP).gas + PEL_OF(JUMPDEST).gas);
  pc = begin + pc[1] + 1;
  PEL_NEXT();
fused_PUSH2_JUMP:
  PEL_ROOM();
  PEL_TAKE(kStackGas + PEL_OF(JUMP).gas + PEL_OF(JUMPDEST).gas);
  pc = begin + (pc[1] << 8 | pc[2]) + 1;
  PEL_NEXT();
fused_PUSH1_JUMPI:
  PEL_NEED(1);
  PEL_ROOM();
  PEL_TAKE(kStackGas + PEL_OF(JUMPI).gas);
  pc = sp->is_zero() ? pc + 3 : begin + pc[1];
  --sp;
  PEL_NEXT();
fused_PUSH2_JUMPI:
  PEL_NEED(1);
  PEL_ROOM();
  PEL_TAKE(kStackGas + PEL_OF(JUMPI).gas);
  pc = sp->is_zero() ? pc + 4 : begin + (pc[1] << 8 | pc[2]);
  --sp;
  PEL_NEXT();
fused_ISZERO_PUSH1_JUMPI:
  PEL_NEED(1);
  PEL_ROOM();
  PEL_TAKE(PEL_OF(ISZERO).gas + kStackGas + PEL_OF(JUMPI).gas);
  pc = sp->is_zero() ? begin + pc[2] : pc + 4;
  --sp;
  PEL_NEXT();
fused_ISZERO_PUSH2_JUMPI:
  PEL_NEED(1);
  PEL_ROOM();
  PEL_TAKE(PEL_OF(ISZERO).gas + kStackGas + PEL_OF(JUMPI).gas);
  pc = sp->is_zero() ? begin + (pc[2] << 8 | pc[3]) : pc + 5;
  --sp;
  PEL_NEXT();
fused_JUMPDEST_4:
  PEL_TAKE(4 * PEL_OF(JUMPDEST).gas);
  pc += 4;
  PEL_NEXT();
fused_JUMPDEST_16:
  PEL_TAKE(16 * PEL_OF(JUMPDEST).gas);
  pc += 16;
  PEL_NEXT();
fused_PUSH1_ADD:
  PEL_NEED(1);
  PEL_ROOM();
  PEL_TAKE(kStackGas + PEL_OF(ADD).gas);
  *sp = *sp + U256{pc[1]};
  pc += 3;
  PEL_NEXT();
fused_PUSH1_SHL:
  PEL_NEED(1);
  PEL_ROOM();
  PEL_TAKE(kStackGas + PEL_OF(SHL).gas);
  *sp = shift_left(*sp, pc[1]);
  pc += 3;
  PEL_NEXT();
fused_PUSH1_SHR:
  PEL_NEED(1);
  PEL_ROOM();
  PEL_TAKE(kStackGas + PEL_OF(SHR).gas);
  *sp = shift_right(*sp, pc[1]);
  pc += 3;
  PEL_NEXT();
fused_PUSH1_AND:
  PEL_NEED(1);
  PEL_ROOM();
  PEL_TAKE(kStackGas + PEL_OF(AND).gas);
  *sp = U256{sp->w[0] & pc[1]};
  pc += 3;
  PEL_NEXT();
fused_PUSH1_MLOAD:
  PEL_ROOM();
  PEL_TAKE(kStackGas + PEL_OF(MLOAD).gas);
  PEL_MEMORY_AT(pc[1], 32);
  *++sp = load_be(frame.memory + pc[1]);
  pc += 3;
  PEL_NEXT();
fused_PUSH1_MSTORE:
  PEL_NEED(1);
  PEL_ROOM();
  PEL_TAKE(kStackGas + PEL_OF(MSTORE).gas);
  PEL_MEMORY_AT(pc[1], 32);
  store_be(*sp, frame.memory + pc[1]);
  --sp;
  pc += 3;
  PEL_NEXT();
fused_SWAP1_POP:
  PEL_NEED(2);
  PEL_TAKE(kStackGas + PEL_OF(POP).gas);
  copy_word(sp[-1], sp[0]);
  --sp;
  pc += 2;
  PEL_NEXT();
fused_SWAP2_POP:
  PEL_NEED(3);
  PEL_TAKE(kStackGas + PEL_OF(POP).gas);
  copy_word(sp[-2], sp[0]);
  --sp;
  pc += 2;
  PEL_NEXT();
fused_POP_POP:
  PEL_NEED(2);
  PEL_TAKE(2 * PEL_OF(POP).gas);
  sp -= 2;
  pc += 2;
  PEL_NEXT();
fused_SWAP1_SUB:
  PEL_NEED(2);
  PEL_TAKE(kStackGas + PEL_OF(SUB).gas);
  sp[-1] = sp[-1] - sp[0];
  --sp;
  pc += 2;
  PEL_NEXT();
fused_DUP1_PUSH4_EQ_PUSH2_JUMPI:
  PEL_NEED(1);
  if (sp + 1 >= frame.stack + 1023) [[unlikely]] goto overflow;
  PEL_TAKE(3 * kStackGas + PEL_OF(EQ).gas + PEL_OF(JUMPI).gas);
  pc = sp->fits_u64() && sp->w[0] == __builtin_bswap32(load_u32(pc + 2))
           ? begin + (pc[8] << 8 | pc[9])
           : pc + 11;
  PEL_NEXT();
