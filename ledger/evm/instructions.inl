// SPDX-License-Identifier: Apache-2.0
// The body of the interpreter loop: one label per instruction. See interpreter.inl for the macros
// and the registers; EIPs are named where an instruction came or changed with one.

  Frame& frame = *where;
  const Code& code = frame.code;
  const std::uint8_t* const begin = kTraced ? code.original() : code.fused();
  const std::uint8_t* pc = begin;
  U256* sp = frame.stack - 1;
  Gas gas = frame.gas;
  const BlockContext& block = frame.machine.environment->block;
  const TxContext& tx = frame.machine.environment->tx;
  PEL_NEXT();

traced:
  __attribute__((unused));
  if constexpr (kTraced) {
    call_tracer(frame, pc, sp, gas, false);
    goto* labels[*pc];
  }

// -- arithmetic and comparison
op_ADD:
  PEL_BINARY(ADD, sp[0] + sp[-1]);
op_MUL:
  PEL_BEGIN(MUL);
  sp[-1] = sp[0] * sp[-1];
  PEL_END(MUL);
op_SUB:
  PEL_BINARY(SUB, sp[0] - sp[-1]);
op_DIV:
  PEL_BEGIN(DIV);
  op_div(sp);
  PEL_END(DIV);
op_SDIV:
  PEL_BEGIN(SDIV);
  op_sdiv(sp);
  PEL_END(SDIV);
op_MOD:
  PEL_BEGIN(MOD);
  op_mod(sp);
  PEL_END(MOD);
op_SMOD:
  PEL_BEGIN(SMOD);
  op_smod(sp);
  PEL_END(SMOD);
op_ADDMOD:
  PEL_BEGIN(ADDMOD);
  op_addmod(sp);
  PEL_END(ADDMOD);
op_MULMOD:
  PEL_BEGIN(MULMOD);
  op_mulmod(sp, frame.machine.modulus);
  PEL_END(MULMOD);
op_EXP:  // EIP-160: dearer exponents
  PEL_BEGIN(EXP);
  gas = op_exp(*frame.machine.rules, sp, gas);
  if (gas < 0) goto out_of_gas;
  PEL_END(EXP);
op_SIGNEXTEND:
  PEL_BEGIN(SIGNEXTEND);
  sign_extend(sp[0], sp[-1]);
  PEL_END(SIGNEXTEND);
op_LT:
  PEL_BINARY(LT, sp[0] < sp[-1]);
op_GT:
  PEL_BINARY(GT, sp[-1] < sp[0]);
op_SLT:
  PEL_BINARY(SLT, signed_less(sp[0], sp[-1]));
op_SGT:
  PEL_BINARY(SGT, signed_less(sp[-1], sp[0]));
op_EQ:
  PEL_BINARY(EQ, sp[0] == sp[-1]);
op_ISZERO:
  PEL_BEGIN(ISZERO);
  sp[0] = U256{sp[0].is_zero()};
  PEL_END(ISZERO);
op_AND:
  PEL_BINARY(AND, sp[0] & sp[-1]);
op_OR:
  PEL_BINARY(OR, sp[0] | sp[-1]);
op_XOR:
  PEL_BINARY(XOR, sp[0] ^ sp[-1]);
op_NOT:
  PEL_BEGIN(NOT);
  sp[0] = ~sp[0];
  PEL_END(NOT);
op_BYTE:
  PEL_BINARY(BYTE, byte_of(sp[0], sp[-1]));
op_SHL:  // EIP-145
  PEL_BINARY(SHL, sp[-1] << low_or_max(sp[0]));
op_SHR:  // EIP-145
  PEL_BINARY(SHR, sp[-1] >> low_or_max(sp[0]));
op_SAR:  // EIP-145
  PEL_BINARY(SAR, shift_right_signed(sp[-1], sp[0]));
op_CLZ:  // EIP-7939
  PEL_BEGIN(CLZ);
  sp[0] = U256{count_leading_zeros(sp[0])};
  PEL_END(CLZ);
op_KECCAK256:
  PEL_BEGIN(KECCAK256);
  PEL_OUT(op_keccak(frame, sp, gas));
  PEL_END(KECCAK256);

// -- the message, the transaction and the block
op_ADDRESS:
  PEL_PUSH(ADDRESS, load_push<20>(frame.message.recipient.bytes.data()));
op_BALANCE:
  PEL_BEGIN(BALANCE);
  PEL_OUT(op_balance(frame, sp, gas));
  PEL_END(BALANCE);
op_ORIGIN:
  PEL_PUSH(ORIGIN, load_push<20>(tx.origin.bytes.data()));
op_CALLER:
  PEL_PUSH(CALLER, load_push<20>(frame.message.sender.bytes.data()));
op_CALLVALUE:
  PEL_PUSH(CALLVALUE, frame.message.value);
op_CALLDATALOAD:
  PEL_BEGIN(CALLDATALOAD);
  if (const std::size_t size = frame.message.input.size();
      sp->fits_u64() && size >= 32 && sp->w[0] <= size - 32) {
    *sp = load_be(frame.message.input.data() + sp->w[0]);
  } else {
    op_call_data_load(sp, frame.message.input);
  }
  PEL_END(CALLDATALOAD);
op_CALLDATASIZE:
  PEL_PUSH(CALLDATASIZE, frame.message.input.size());
op_CALLDATACOPY:
  PEL_BEGIN(CALLDATACOPY);
  PEL_OUT(op_copy(frame, sp, gas, frame.message.input));
  PEL_END(CALLDATACOPY);
op_CODESIZE:
  PEL_PUSH(CODESIZE, code.size());
op_CODECOPY:
  PEL_BEGIN(CODECOPY);
  PEL_OUT(op_copy(frame, sp, gas, code.bytes()));
  PEL_END(CODECOPY);
op_GASPRICE:
  PEL_PUSH(GASPRICE, tx.gas_price);
op_EXTCODESIZE:
  PEL_BEGIN(EXTCODESIZE);
  PEL_OUT(op_ext_code_size(frame, sp, gas));
  PEL_END(EXTCODESIZE);
op_EXTCODECOPY:
  PEL_BEGIN(EXTCODECOPY);
  PEL_OUT(op_ext_code_copy(frame, sp, gas));
  PEL_END(EXTCODECOPY);
op_RETURNDATASIZE:  // EIP-211
  PEL_PUSH(RETURNDATASIZE, frame.return_data_size);
op_RETURNDATACOPY:  // EIP-211
  PEL_BEGIN(RETURNDATACOPY);
  PEL_OUT(op_return_data_copy(frame, sp, gas));
  PEL_END(RETURNDATACOPY);
op_EXTCODEHASH:  // EIP-1052
  PEL_BEGIN(EXTCODEHASH);
  PEL_OUT(op_ext_code_hash(frame, sp, gas));
  PEL_END(EXTCODEHASH);
op_BLOCKHASH:
  PEL_BEGIN(BLOCKHASH);
  PEL_OUT(op_block_hash(frame, sp, gas));
  PEL_END(BLOCKHASH);
op_COINBASE:
  PEL_PUSH(COINBASE, load_push<20>(block.coinbase.bytes.data()));
op_TIMESTAMP:
  PEL_PUSH(TIMESTAMP, block.timestamp);
op_NUMBER:
  PEL_PUSH(NUMBER, block.number);
op_PREVRANDAO:  // EIP-4399; DIFFICULTY before Paris
  PEL_PUSH(PREVRANDAO, block.difficulty_or_randao);
op_GASLIMIT:
  PEL_PUSH(GASLIMIT, block.gas_limit);
op_CHAINID:  // EIP-1344
  PEL_PUSH(CHAINID, block.chain_id);
op_SELFBALANCE:  // EIP-1884
  PEL_BEGIN(SELFBALANCE);
  op_self_balance(frame, sp + 1);
  PEL_END(SELFBALANCE);
op_BASEFEE:  // EIP-3198
  PEL_PUSH(BASEFEE, block.base_fee);
op_BLOBHASH:  // EIP-4844
  PEL_BEGIN(BLOBHASH);
  op_blob_hash(frame, sp);
  PEL_END(BLOBHASH);
op_BLOBBASEFEE:  // EIP-7516
  PEL_PUSH(BLOBBASEFEE, block.blob_base_fee);

// -- stack, memory, storage
op_POP:
  PEL_BEGIN(POP);
  PEL_END(POP);
op_MLOAD:
  PEL_BEGIN(MLOAD);
  PEL_MEMORY(sp[0], 32);
  sp[0] = load_be(frame.memory + sp[0].w[0]);
  PEL_END(MLOAD);
op_MSTORE:
  PEL_BEGIN(MSTORE);
  PEL_MEMORY(sp[0], 32);
  store_be(sp[-1], frame.memory + sp[0].w[0]);
  PEL_END(MSTORE);
op_MSTORE8:
  PEL_BEGIN(MSTORE8);
  PEL_MEMORY(sp[0], 1);
  frame.memory[sp[0].w[0]] = static_cast<std::uint8_t>(sp[-1].w[0]);
  PEL_END(MSTORE8);
op_SLOAD:
  PEL_BEGIN(SLOAD);
  PEL_OUT(op_sload(frame, sp, gas));
  PEL_END(SLOAD);
op_SSTORE:
  PEL_BEGIN(SSTORE);
  PEL_OUT(op_sstore(frame, sp, gas));
  PEL_END(SSTORE);
op_PC:
  PEL_PUSH(PC, static_cast<std::uint64_t>(pc - begin));
op_MSIZE:
  PEL_PUSH(MSIZE, frame.memory_size);
op_GAS:
  PEL_PUSH(GAS, static_cast<std::uint64_t>(gas));
op_TLOAD:  // EIP-1153
  PEL_BEGIN(TLOAD);
  PEL_OUT(op_tload(frame, sp, gas));
  PEL_END(TLOAD);
op_TSTORE:  // EIP-1153
  PEL_BEGIN(TSTORE);
  PEL_OUT(op_tstore(frame, sp, gas));
  PEL_END(TSTORE);
op_MCOPY:  // EIP-5656
  PEL_BEGIN(MCOPY);
  PEL_OUT(op_mcopy(frame, sp, gas));
  PEL_END(MCOPY);
op_PUSH0:  // EIP-3855
  PEL_PUSH(PUSH0, U256{});

// -- jumps. Untraced, a taken jump also pays for its JUMPDEST and steps over it.
op_JUMP:
  PEL_NEED(PEL_OF(JUMP).taken);
  PEL_TAKE(PEL_OF(JUMP).gas + (kTraced ? 0 : PEL_OF(JUMPDEST).gas));
  if (!sp->fits_u64() || !code.is_jump_destination(sp->w[0])) goto bad_jump;
  pc = begin + sp->w[0] + (kTraced ? 0 : 1);
  --sp;
  PEL_NEXT();
op_JUMPI:
  PEL_BEGIN(JUMPI);
  sp -= 2;
  if (sp[1].is_zero()) {
    ++pc;
    PEL_NEXT();
  }
  if (!sp[2].fits_u64() || !code.is_jump_destination(sp[2].w[0])) goto bad_jump;
  pc = begin + sp[2].w[0];
  PEL_NEXT();
op_JUMPDEST:
  PEL_BEGIN(JUMPDEST);
  PEL_END(JUMPDEST);

// -- the families
#define PEL_X(n)                    \
  op_PUSH##n : PEL_TAKE(kStackGas); \
  PEL_ROOM();                       \
  *++sp = load_push<n>(pc + 1);     \
  pc += n + 1;                      \
  PEL_NEXT();
  PEL_EVM_1_TO_32(PEL_X)
#undef PEL_X
#define PEL_X(n)                    \
  op_DUP##n : PEL_NEED(n);          \
  PEL_TAKE(kStackGas);                      \
  PEL_ROOM();                       \
  copy_word(sp[1], sp[1 - n]);      \
  ++sp;                             \
  PEL_DROP(0);                       \
  op_SWAP##n : PEL_NEED(n + 1);     \
  PEL_TAKE(kStackGas);                      \
  swap_words(sp[0], sp[-n]);        \
  PEL_DROP(0);
  PEL_EVM_1_TO_16(PEL_X)
#undef PEL_X
#define PEL_X(n)                                \
  op_LOG##n : PEL_NEED(n + 2);                  \
  PEL_TAKE(kLogGas);                            \
  PEL_OUT(op_log(frame, sp, gas, n));           \
  PEL_DROP(n + 2);
  PEL_EVM_0_TO_4(PEL_X)
#undef PEL_X

// -- other frames
op_CREATE:
  PEL_BEGIN(CREATE);
  PEL_OUT(op_create(frame, sp, gas, false));
  PEL_END(CREATE);
op_CREATE2:  // EIP-1014
  PEL_BEGIN(CREATE2);
  PEL_OUT(op_create(frame, sp, gas, true));
  PEL_END(CREATE2);
op_CALL:
  PEL_BEGIN(CALL);
  PEL_OUT(op_call(frame, sp, gas, OP_CALL));
  PEL_END(CALL);
op_CALLCODE:
  PEL_BEGIN(CALLCODE);
  PEL_OUT(op_call(frame, sp, gas, OP_CALLCODE));
  PEL_END(CALLCODE);
op_DELEGATECALL:  // EIP-7
  PEL_BEGIN(DELEGATECALL);
  PEL_OUT(op_call(frame, sp, gas, OP_DELEGATECALL));
  PEL_END(DELEGATECALL);
op_STATICCALL:  // EIP-214
  PEL_BEGIN(STATICCALL);
  PEL_OUT(op_call(frame, sp, gas, OP_STATICCALL));
  PEL_END(STATICCALL);
op_RETURN:
  PEL_BEGIN(RETURN);
  PEL_OUT(op_return(frame, sp, gas));
  goto done;
op_REVERT:  // EIP-140
  PEL_BEGIN(REVERT);
  PEL_OUT(op_return(frame, sp, gas));
  frame.status = Status::kRevert;
  goto done;
op_SELFDESTRUCT:
  PEL_BEGIN(SELFDESTRUCT);
  PEL_OUT(op_selfdestruct(frame, sp, gas));
  goto done;
op_STOP:
  goto done;

#include "ledger/evm/instructions_fused.inl"

op_INVALID:  // EIP-141
  frame.status = Status::kInvalidInstruction;
  goto failed;
op_undefined:
  frame.status = Status::kUndefinedInstruction;
  goto failed;
out_of_gas:
  frame.status = Status::kOutOfGas;
  goto failed;
underflow:
  frame.status = Status::kStackUnderflow;
  goto failed;
overflow:
  frame.status = Status::kStackOverflow;
  goto failed;
bad_jump:
  frame.status = Status::kBadJumpDestination;
failed:
  if constexpr (kTraced) call_tracer(frame, pc, sp, gas, true);
  frame.gas = 0;
  frame.output_size = 0;
  return;
done:
  frame.gas = gas;
  return;
