// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "ledger/evm/gas.hpp"
#include "pel/ledger/evm.hpp"

namespace pel::evm {

// Where a precompile writes its output, which is bounded by what the gas paid for; what does not
// fit fails (gigabytes, by gas that only a call outside a block can have).
struct PrecompileOutput {
  std::uint8_t* data;
  std::size_t capacity;
};

struct PrecompileOutcome {
  Status status = Status::kSuccess;
  Gas gas_left = 0;
  std::size_t output_size = 0;
};

// `address` must hold a precompile in this revision. Thread-safe.
PrecompileOutcome call_precompile(Revision revision, const Address& address, BytesView input,
                                  Gas gas, PrecompileOutput output);

// What each contract consists of: a price (negative: the input is refused whatever the gas) and an
// algorithm that gives the size of its output, or kFailed.
inline constexpr std::size_t kFailed = ~std::size_t{0};
using PriceFunction = Gas (*)(BytesView input, Revision revision);
using RunFunction = std::size_t (*)(BytesView input, PrecompileOutput output);

namespace precompile {

Gas price_ec_recover(BytesView, Revision);
std::size_t run_ec_recover(BytesView, PrecompileOutput);
Gas price_sha256(BytesView, Revision);
std::size_t run_sha256(BytesView, PrecompileOutput);
Gas price_ripemd160(BytesView, Revision);
std::size_t run_ripemd160(BytesView, PrecompileOutput);
Gas price_identity(BytesView, Revision);
std::size_t run_identity(BytesView, PrecompileOutput);
// EIP-198, 2565, 7823, 7883
Gas price_modexp(BytesView, Revision);
std::size_t run_modexp(BytesView, PrecompileOutput);
std::size_t modexp_output_size(BytesView) noexcept;  // for an input whose price can be paid
// EIP-196, 197, 1108
Gas price_bn254_add(BytesView, Revision);
std::size_t run_bn254_add(BytesView, PrecompileOutput);
Gas price_bn254_mul(BytesView, Revision);
std::size_t run_bn254_mul(BytesView, PrecompileOutput);
Gas price_bn254_pairing(BytesView, Revision);
std::size_t run_bn254_pairing(BytesView, PrecompileOutput);
// EIP-152
Gas price_blake2f(BytesView, Revision);
std::size_t run_blake2f(BytesView, PrecompileOutput);
// EIP-4844
Gas price_kzg_point_evaluation(BytesView, Revision);
std::size_t run_kzg_point_evaluation(BytesView, PrecompileOutput);
// EIP-2537
Gas price_bls_g1_add(BytesView, Revision);
std::size_t run_bls_g1_add(BytesView, PrecompileOutput);
Gas price_bls_g1_msm(BytesView, Revision);
std::size_t run_bls_g1_msm(BytesView, PrecompileOutput);
Gas price_bls_g2_add(BytesView, Revision);
std::size_t run_bls_g2_add(BytesView, PrecompileOutput);
Gas price_bls_g2_msm(BytesView, Revision);
std::size_t run_bls_g2_msm(BytesView, PrecompileOutput);
Gas price_bls_pairing(BytesView, Revision);
std::size_t run_bls_pairing(BytesView, PrecompileOutput);
Gas price_bls_map_fp_to_g1(BytesView, Revision);
std::size_t run_bls_map_fp_to_g1(BytesView, PrecompileOutput);
Gas price_bls_map_fp2_to_g2(BytesView, Revision);
std::size_t run_bls_map_fp2_to_g2(BytesView, PrecompileOutput);
// EIP-7951
Gas price_p256_verify(BytesView, Revision);
std::size_t run_p256_verify(BytesView, PrecompileOutput);

}  // namespace precompile
}  // namespace pel::evm
