// SPDX-License-Identifier: Apache-2.0
// Precompile 0x0a: a KZG proof that the polynomial of a commitment has value y at z, EIP-4844.
// Of the trusted setup it needs one point, [s] in G2, which is written here: loading the whole of
// it takes more than a second.

#include <blst.h>

#include <array>
#include <cstring>

#include "base/sha256.hpp"
#include "ledger/evm/precompiles.hpp"
#include "pel/detail/base/check.hpp"

namespace pel::evm::precompile {

namespace {

// Order of the groups: "BLS_MODULUS".
constexpr U256 kOrder{0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805,
                      0x73eda753299d7d48};

// The second point of g2_monomial in the setup of the ceremony of 2023, compressed.
constexpr std::array<std::uint8_t, 96> kSetupPoint = {
    0xb5, 0xbf, 0xd7, 0xdd, 0x8c, 0xde, 0xb1, 0x28, 0x84, 0x3b, 0xc2, 0x87, 0x23, 0x0a, 0xf3, 0x89,
    0x26, 0x18, 0x70, 0x75, 0xcb, 0xfb, 0xef, 0xa8, 0x10, 0x09, 0xa2, 0xce, 0x61, 0x5a, 0xc5, 0x3d,
    0x29, 0x14, 0xe5, 0x87, 0x0c, 0xb4, 0x52, 0xd2, 0xaf, 0xaa, 0xab, 0x24, 0xf3, 0x49, 0x9f, 0x72,
    0x18, 0x5c, 0xbf, 0xee, 0x53, 0x49, 0x27, 0x14, 0x73, 0x44, 0x29, 0xb7, 0xb3, 0x86, 0x08, 0xe2,
    0x39, 0x26, 0xc9, 0x11, 0xcc, 0xec, 0xea, 0xc9, 0xa3, 0x68, 0x51, 0x47, 0x7b, 0xa4, 0xc6, 0x0b,
    0x08, 0x70, 0x41, 0xde, 0x62, 0x10, 0x00, 0xed, 0xc9, 0x8e, 0xda, 0xda, 0x20, 0xc1, 0xde, 0xf2};

const blst_p2& setup_point() {
  static const blst_p2 point = [] {
    blst_p2_affine affine;
    PEL_CHECK(blst_p2_uncompress(&affine, kSetupPoint.data()) == BLST_SUCCESS);
    blst_p2 p;
    blst_p2_from_affine(&p, &affine);
    return p;
  }();
  return point;
}

bool read_g1(const std::uint8_t* bytes, blst_p1_affine& out) {
  return blst_p1_uncompress(&out, bytes) == BLST_SUCCESS && blst_p1_affine_in_g1(&out);
}

std::array<std::uint8_t, 32> little_endian(const U256& a) noexcept {
  std::array<std::uint8_t, 32> bytes;
  std::memcpy(bytes.data(), a.w, sizeof a.w);
  return bytes;
}

// [a - k * generator], in affine form.
blst_p1_affine minus_multiple(const blst_p1_affine& a, const U256& k) {
  blst_p1 p;
  blst_p1_mult(&p, blst_p1_generator(), little_endian(k).data(), 255);
  blst_p1_cneg(&p, true);
  blst_p1_add_or_double_affine(&p, &p, &a);
  blst_p1_affine result;
  blst_p1_to_affine(&result, &p);
  return result;
}
blst_p2_affine setup_minus_multiple(const U256& k) {
  blst_p2 p;
  blst_p2_mult(&p, blst_p2_generator(), little_endian(k).data(), 255);
  blst_p2_cneg(&p, true);
  blst_p2_add_or_double(&p, &p, &setup_point());
  blst_p2_affine result;
  blst_p2_to_affine(&result, &p);
  return result;
}

// e(commitment - [y], [1]) = e(proof, [s - z]).
bool verify(const blst_p1_affine& commitment, const U256& z, const U256& y,
            const blst_p1_affine& proof) {
  const blst_p1_affine left = minus_multiple(commitment, y);
  const blst_p2_affine right = setup_minus_multiple(z);
  blst_fp12 a;
  blst_fp12 b;
  blst_miller_loop(&a, blst_p2_affine_generator(), &left);
  blst_miller_loop(&b, &right, &proof);
  return blst_fp12_finalverify(&a, &b);
}

}  // namespace

Gas price_kzg_point_evaluation(BytesView, Revision) { return 50000; }

// Input: versioned hash, z, y (32 bytes each), commitment, proof (48 each).
std::size_t run_kzg_point_evaluation(BytesView input, PrecompileOutput output) {
  if (input.size() != 192) return kFailed;
  const std::uint8_t* const in = input.data();
  auto hash = base::sha256(input.subspan(96, 48));
  hash[0] = 0x01;  // VERSIONED_HASH_VERSION_KZG
  if (std::memcmp(hash.data(), in, 32) != 0) return kFailed;
  const U256 z = ledger::load_be(in + 32);
  const U256 y = ledger::load_be(in + 64);
  blst_p1_affine commitment;
  blst_p1_affine proof;
  if (z >= kOrder || y >= kOrder || !read_g1(in + 96, commitment) || !read_g1(in + 144, proof) ||
      !verify(commitment, z, y, proof)) {
    return kFailed;
  }
  ledger::store_be(U256{4096}, output.data);  // FIELD_ELEMENTS_PER_BLOB
  ledger::store_be(kOrder, output.data + 32);
  return 64;
}

}  // namespace pel::evm::precompile
