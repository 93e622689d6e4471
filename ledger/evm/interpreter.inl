// SPDX-License-Identifier: Apache-2.0
// The interpreter loop, compiled once per CPU level. Nothing here may have external linkage but
// the table at the end: a function of one level must not be linked into another.

#include <algorithm>
#include <cstring>

#include "ledger/evm/fusion.hpp"
#include "ledger/evm/gas.hpp"
#include "ledger/evm/machine.hpp"
#include "ledger/evm/opcodes.hpp"

namespace pel::evm {
namespace PEL_EVM_LEVEL {
namespace {

using namespace pel::ledger;

// Heavy arithmetic stays out of the loop, so that the loop keeps its registers. Operands as on the
// stack: a = sp[0] on top; the result goes to the deepest.
[[gnu::noinline]] void op_div(U256* sp) { sp[-1] = divide(sp[0], sp[-1]).quotient; }
[[gnu::noinline]] void op_mod(U256* sp) { sp[-1] = divide(sp[0], sp[-1]).remainder; }
[[gnu::noinline]] void op_sdiv(U256* sp) { sp[-1] = signed_divide(sp[0], sp[-1]).quotient; }
[[gnu::noinline]] void op_smod(U256* sp) { sp[-1] = signed_divide(sp[0], sp[-1]).remainder; }
[[gnu::noinline]] void op_addmod(U256* sp) { sp[-2] = add_mod(sp[0], sp[-1], sp[-2]); }
[[gnu::noinline]] void op_mulmod(U256* sp, ModulusCache& cache) {
  if (sp[-2].is_zero()) return;
  if (cache.modulus != sp[-2]) {
    cache.modulus = sp[-2];
    cache.divisor = ledger::detail::Divisor(sp[-2]);
    cache.barrett_ready = false;
  } else if (cache.barrett_ready) {
    sp[-2] = multiply_mod(sp[0], sp[-1], cache.barrett);
    return;
  } else if (cache.divisor.words == 4) {
    cache.barrett = ledger::detail::Barrett(cache.modulus, cache.divisor);
    cache.barrett_ready = true;
  }
  sp[-2] = multiply_mod(sp[0], sp[-1], cache.divisor);
}
[[gnu::noinline]] Gas op_exp(const Rules& rules, U256* sp, Gas gas) {
  gas -= rules.exp_byte * significant_bytes(sp[-1]);
  if (gas >= 0) sp[-1] = power(sp[0], sp[-1]);
  return gas;
}
[[gnu::noinline]] void op_call_data_load(U256* sp, BytesView data) {
  std::uint8_t word[32] = {};
  if (sp->fits_u64() && sp->w[0] < data.size()) {
    std::memcpy(word, data.data() + sp->w[0], std::min<std::size_t>(32, data.size() - sp->w[0]));
  }
  *sp = load_be(word);
}
[[gnu::noinline]] void op_blob_hash(const Frame& frame, U256* sp) {
  const auto hashes = frame.machine.environment->tx.blob_hashes;
  if (sp->fits_u64() && sp->w[0] < hashes.size()) {
    *sp = to_u256(hashes[sp->w[0]]);
  } else {
    for (std::uint64_t& part : sp->w) part = 0;
  }
}
[[gnu::noinline]] void op_self_balance(const Frame& frame, U256* sp) {
  *sp = frame.machine.host->balance(frame.message.recipient);
}

// n big-endian bytes; n is a constant.
template <unsigned n>
PEL_INLINE U256 load_push(const std::uint8_t* p) noexcept {
  U256 r;
  for (unsigned word = 0; word < (n + 7) / 8; ++word) {
    const unsigned end = n - 8 * word;
    if (end >= 8) {
      r.w[word] = load_be64(p + end - 8);
    } else {
      std::uint64_t part = 0;
      for (unsigned i = 0; i < end; ++i) part = (part << 8) | p[i];
      r.w[word] = part;
    }
  }
  return r;
}
// Words move in 64-bit parts: a wide load of what was just stored in parts waits for the cache.
PEL_INLINE void copy_word(U256& to, const U256& from) noexcept {
  for (int i = 0; i < 4; ++i) to.w[i] = from.w[i];
}
PEL_INLINE void swap_words(U256& a, U256& b) noexcept {
  for (int i = 0; i < 4; ++i) std::swap(a.w[i], b.w[i]);
}
PEL_INLINE U256 byte_of(const U256& index, const U256& a) noexcept {
  if (!index.fits_u64() || index.w[0] > 31) return {};
  const unsigned i = 31 - static_cast<unsigned>(index.w[0]);
  return (a.w[i / 8] >> (8 * (i % 8))) & 0xff;
}
PEL_INLINE std::uint32_t load_u32(const std::uint8_t* p) noexcept {
  std::uint32_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}
PEL_INLINE std::uint64_t low_or_max(const U256& a) noexcept {
  return a.fits_u64() ? a.w[0] : ~std::uint64_t{0};
}

void call_tracer(const Frame& frame, const std::uint8_t* pc, const U256* sp, Gas gas, bool fault) {
  TraceStep step;
  step.pc = static_cast<std::uint64_t>(pc - frame.code.original());
  step.opcode = *pc;
  step.gas = gas;
  step.refund = frame.machine.refund;
  step.depth = frame.message.depth;
  step.stack = {frame.stack, static_cast<std::size_t>(sp + 1 - frame.stack)};
  step.memory = BytesView(frame.memory, frame.memory_size);
  step.return_data = BytesView(frame.machine.return_region.begin(), frame.return_data_size);
  step.address = &frame.message.recipient;
  if (fault) {
    frame.machine.tracer->fault(step, frame.status);
  } else {
    frame.machine.tracer->step(step);
  }
}

// Registers of the loop: pc (into the fused code, or the original one when traced), sp (the top
// item; one below the stack when empty), gas and labels.
#define PEL_NEXT()                                       \
  do {                                                   \
    if constexpr (kTraced) goto traced;                  \
    goto* labels[*pc];                                   \
  } while (0)
#define PEL_TAKE(cost) \
  if ((gas -= (cost)) < 0) [[unlikely]] goto out_of_gas
// At least n items; room for one more.
#define PEL_NEED(n) \
  if (sp < frame.stack + ((n)-1)) [[unlikely]] goto underflow
#define PEL_ROOM() \
  if (sp == frame.stack + 1023) [[unlikely]] goto overflow
// What the table says of an instruction: its items, its gas and the room for its result are there.
#define PEL_OF(name) kOpcodes[OP_##name]
#define PEL_BEGIN(name)                                               \
  if constexpr (PEL_OF(name).taken > 0) PEL_NEED(PEL_OF(name).taken); \
  if constexpr (PEL_OF(name).gas > 0) PEL_TAKE(PEL_OF(name).gas);     \
  if constexpr (PEL_OF(name).pushed > PEL_OF(name).taken) PEL_ROOM()
// On to the next one, n items lower.
#define PEL_DROP(n) \
  sp -= (n);        \
  ++pc;             \
  PEL_NEXT()
#define PEL_END(name) PEL_DROP(PEL_OF(name).taken - PEL_OF(name).pushed)
// An instruction of world.cpp, memory.cpp or calls.cpp.
#define PEL_OUT(call)                                  \
  if ((gas = (call)) < 0) [[unlikely]] goto failed
#define PEL_BINARY(name, expression) \
  PEL_BEGIN(name);                   \
  sp[-1] = (expression);             \
  PEL_END(name)
// Memory of a constant size at a stack word, or at a small number, is there.
#define PEL_MEMORY(offset, size)                                                   \
  if (!(offset).fits_u64() || (offset).w[0] >> 32 != 0) [[unlikely]] goto out_of_gas; \
  PEL_MEMORY_AT((offset).w[0], size)
#define PEL_MEMORY_AT(offset, size)                                  \
  if (std::uint64_t{offset} + (size) > frame.memory_size) [[unlikely]] {          \
    PEL_OUT(grow_memory(frame, (offset), (size), gas));              \
  }
#define PEL_PUSH(name, value) \
  PEL_BEGIN(name);            \
  sp[1] = (value);            \
  PEL_END(name)

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wdangling-pointer"  // label addresses are not local variables
#endif

template <bool kTraced>
void run(Frame* where, const void* const* labels, Revision fill_for, const void** fill) {
  if (fill != nullptr) {
    const auto put = [fill](std::uint8_t op, const void* label) { fill[op] = label; };
    for (unsigned op = 0; op < 256; ++op) fill[op] = &&op_undefined;
#define PEL_X(byte, name, revision, gas, taken, pushed) \
  if (is_defined(byte, fill_for)) put(byte, &&op_##name);
    PEL_EVM_OPCODES(PEL_X)
#undef PEL_X
#define PEL_X(n) put(OP_PUSH1 - 1 + n, &&op_PUSH##n);
    PEL_EVM_1_TO_32(PEL_X)
#undef PEL_X
#define PEL_X(n) put(OP_DUP1 - 1 + n, &&op_DUP##n), put(OP_SWAP1 - 1 + n, &&op_SWAP##n);
    PEL_EVM_1_TO_16(PEL_X)
#undef PEL_X
#define PEL_X(n) put(OP_LOG0 + n, &&op_LOG##n);
    PEL_EVM_0_TO_4(PEL_X)
#undef PEL_X
#define PEL_X(byte, name, revision)                                                   \
  put(byte, kTraced ? &&op_undefined : fused_defined(byte, fill_for) ? &&fused_##name : &&unfuse);
    PEL_EVM_FUSED(PEL_X)
#undef PEL_X
    return;
  }
#include "ledger/evm/instructions.inl"
}

void run_plain(Frame& frame, const void* const* labels) {
  run<false>(&frame, labels, Revision::kFrontier, nullptr);
}
void run_traced(Frame& frame, const void* const* labels) {
  run<true>(&frame, labels, Revision::kFrontier, nullptr);
}
void fill_labels(Revision revision, const void** plain, const void** traced) {
  run<false>(nullptr, nullptr, revision, plain);
  run<true>(nullptr, nullptr, revision, traced);
}
}  // namespace
}  // namespace PEL_EVM_LEVEL

const Interpreter PEL_EVM_INTERPRETER{&PEL_EVM_LEVEL::run_plain, &PEL_EVM_LEVEL::run_traced,
                                      &PEL_EVM_LEVEL::fill_labels};

}  // namespace pel::evm
