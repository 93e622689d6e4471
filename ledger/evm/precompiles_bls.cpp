// SPDX-License-Identifier: Apache-2.0
// Precompiles 0x0b to 0x11: BLS12-381, EIP-2537. Curve arithmetic by blst.

#include <blst.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "ledger/evm/bls_discounts.hpp"
#include "ledger/evm/precompiles.hpp"

namespace pel::evm::precompile {

namespace {

constexpr std::size_t kFpBytes = 64;  // 16 zeros and 48 big-endian bytes
constexpr std::size_t kG1Bytes = 2 * kFpBytes;
constexpr std::size_t kG2Bytes = 4 * kFpBytes;
constexpr std::size_t kScalarBytes = 32;

constexpr std::array<std::uint8_t, 48> kPrime = {
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab};

bool read(const std::uint8_t* bytes, blst_fp& out) noexcept {
  for (std::size_t i = 0; i < 16; ++i) {
    if (bytes[i] != 0) return false;
  }
  if (std::memcmp(bytes + 16, kPrime.data(), kPrime.size()) >= 0) return false;
  blst_fp_from_bendian(&out, bytes + 16);
  return true;
}
bool read(const std::uint8_t* bytes, blst_fp2& out) noexcept {
  return read(bytes, out.fp[0]) && read(bytes + kFpBytes, out.fp[1]);
}
void write(const blst_fp& a, std::uint8_t* bytes) noexcept {
  std::memset(bytes, 0, 16);
  blst_bendian_from_fp(bytes + 16, &a);
}
void write(const blst_fp2& a, std::uint8_t* bytes) noexcept {
  write(a.fp[0], bytes);
  write(a.fp[1], bytes + kFpBytes);
}

// One set of names for both groups.
struct G1 {
  using Point = blst_p1;
  using Affine = blst_p1_affine;
  static constexpr std::size_t kBytes = kG1Bytes;
  static constexpr auto on_curve = blst_p1_affine_on_curve;
  static constexpr auto in_group = blst_p1_affine_in_g1;
  static constexpr auto is_infinite = blst_p1_affine_is_inf;
  static constexpr auto from_affine = blst_p1_from_affine;
  static constexpr auto to_affine = blst_p1_to_affine;
  static constexpr auto add = blst_p1_add_or_double_affine;
  static constexpr auto multiply = blst_p1_mult;
  static constexpr auto scratch_size = blst_p1s_mult_pippenger_scratch_sizeof;
  static constexpr auto multiply_all = blst_p1s_mult_pippenger;
};
struct G2 {
  using Point = blst_p2;
  using Affine = blst_p2_affine;
  static constexpr std::size_t kBytes = kG2Bytes;
  static constexpr auto on_curve = blst_p2_affine_on_curve;
  static constexpr auto in_group = blst_p2_affine_in_g2;
  static constexpr auto is_infinite = blst_p2_affine_is_inf;
  static constexpr auto from_affine = blst_p2_from_affine;
  static constexpr auto to_affine = blst_p2_to_affine;
  static constexpr auto add = blst_p2_add_or_double_affine;
  static constexpr auto multiply = blst_p2_mult;
  static constexpr auto scratch_size = blst_p2s_mult_pippenger_scratch_sizeof;
  static constexpr auto multiply_all = blst_p2s_mult_pippenger;
};

// A point on the curve; coordinates that are all zero stand for infinity, as in blst.
template <class Group>
std::optional<typename Group::Affine> read_point(const std::uint8_t* bytes, bool in_group) {
  typename Group::Affine p;
  if (!read(bytes, p.x) || !read(bytes + Group::kBytes / 2, p.y)) return std::nullopt;
  if (Group::is_infinite(&p)) return p;
  if (!Group::on_curve(&p) || (in_group && !Group::in_group(&p))) return std::nullopt;
  return p;
}

template <class Group>
std::size_t write_point(const typename Group::Point& point, PrecompileOutput output) {
  typename Group::Affine p;
  Group::to_affine(&p, &point);
  write(p.x, output.data);
  write(p.y, output.data + Group::kBytes / 2);
  return Group::kBytes;
}

template <class Group>
std::size_t run_add(BytesView input, PrecompileOutput output) {
  if (input.size() != 2 * Group::kBytes) return kFailed;
  const auto p = read_point<Group>(input.data(), false);
  const auto q = read_point<Group>(input.data() + Group::kBytes, false);
  if (!p || !q) return kFailed;
  typename Group::Point sum;
  Group::from_affine(&sum, &*p);
  Group::add(&sum, &sum, &*q);
  return write_point<Group>(sum, output);
}

// Scalars are any 256-bit numbers; blst wants their lowest byte first.
std::array<std::uint8_t, kScalarBytes> read_scalar(const std::uint8_t* bytes) noexcept {
  std::array<std::uint8_t, kScalarBytes> scalar;
  std::reverse_copy(bytes, bytes + kScalarBytes, scalar.begin());
  return scalar;
}

template <class Group>
std::size_t run_msm(BytesView input, PrecompileOutput output) {
  constexpr std::size_t kItem = Group::kBytes + kScalarBytes;
  if (input.empty() || input.size() % kItem != 0) return kFailed;
  std::vector<typename Group::Affine> points;
  std::vector<std::array<std::uint8_t, kScalarBytes>> scalars;
  for (std::size_t at = 0; at < input.size(); at += kItem) {
    const auto p = read_point<Group>(input.data() + at, true);
    if (!p) return kFailed;
    if (Group::is_infinite(&*p)) continue;
    points.push_back(*p);
    scalars.push_back(read_scalar(input.data() + at + Group::kBytes));
  }
  typename Group::Point sum{};
  if (points.size() == 1) {
    Group::from_affine(&sum, points.data());
    Group::multiply(&sum, &sum, scalars[0].data(), 256);
  } else if (points.size() > 1) {
    const typename Group::Affine* const point_list[2] = {points.data(), nullptr};
    const std::uint8_t* const scalar_list[2] = {scalars[0].data(), nullptr};
    std::vector<limb_t> scratch(Group::scratch_size(points.size()) / sizeof(limb_t));
    Group::multiply_all(&sum, point_list, points.size(), scalar_list, 256, scratch.data());
  }
  return write_point<Group>(sum, output);
}

Gas msm_price(std::size_t items, Gas one, const std::array<std::uint16_t, 128>& discounts) {
  if (items == 0) return 0;
  const std::size_t index = std::min(items, discounts.size()) - 1;
  return static_cast<Gas>(items) * one * discounts[index] / 1000;
}

}  // namespace

Gas price_bls_g1_add(BytesView, Revision) { return 375; }
std::size_t run_bls_g1_add(BytesView input, PrecompileOutput output) {
  return run_add<G1>(input, output);
}

Gas price_bls_g1_msm(BytesView input, Revision) {
  return msm_price(input.size() / (kG1Bytes + kScalarBytes), 12000, kG1Discounts);
}
std::size_t run_bls_g1_msm(BytesView input, PrecompileOutput output) {
  return run_msm<G1>(input, output);
}

Gas price_bls_g2_add(BytesView, Revision) { return 600; }
std::size_t run_bls_g2_add(BytesView input, PrecompileOutput output) {
  return run_add<G2>(input, output);
}

Gas price_bls_g2_msm(BytesView input, Revision) {
  return msm_price(input.size() / (kG2Bytes + kScalarBytes), 22500, kG2Discounts);
}
std::size_t run_bls_g2_msm(BytesView input, PrecompileOutput output) {
  return run_msm<G2>(input, output);
}

Gas price_bls_pairing(BytesView input, Revision) {
  return 37700 + 32600 * static_cast<Gas>(input.size() / (kG1Bytes + kG2Bytes));
}

std::size_t run_bls_pairing(BytesView input, PrecompileOutput output) {
  constexpr std::size_t kItem = kG1Bytes + kG2Bytes;
  if (input.empty() || input.size() % kItem != 0) return kFailed;
  std::vector<blst_p1_affine> ps;
  std::vector<blst_p2_affine> qs;
  for (std::size_t at = 0; at < input.size(); at += kItem) {
    const auto p = read_point<G1>(input.data() + at, true);
    if (!p) return kFailed;
    const auto q = read_point<G2>(input.data() + at + kG1Bytes, true);
    if (!q) return kFailed;
    if (G1::is_infinite(&*p) || G2::is_infinite(&*q)) continue;  // contributes one
    ps.push_back(*p);
    qs.push_back(*q);
  }
  bool is_one = true;
  if (!ps.empty()) {
    const blst_p1_affine* const p_list[2] = {ps.data(), nullptr};
    const blst_p2_affine* const q_list[2] = {qs.data(), nullptr};
    blst_fp12 product;
    blst_miller_loop_n(&product, q_list, p_list, ps.size());
    blst_final_exp(&product, &product);
    is_one = blst_fp12_is_one(&product);
  }
  std::memset(output.data, 0, 32);
  output.data[31] = is_one ? 1 : 0;
  return 32;
}

Gas price_bls_map_fp_to_g1(BytesView, Revision) { return 5500; }
std::size_t run_bls_map_fp_to_g1(BytesView input, PrecompileOutput output) {
  blst_fp u;
  if (input.size() != kFpBytes || !read(input.data(), u)) return kFailed;
  blst_p1 point;
  blst_map_to_g1(&point, &u, nullptr);
  return write_point<G1>(point, output);
}

Gas price_bls_map_fp2_to_g2(BytesView, Revision) { return 23800; }
std::size_t run_bls_map_fp2_to_g2(BytesView input, PrecompileOutput output) {
  blst_fp2 u;
  if (input.size() != 2 * kFpBytes || !read(input.data(), u)) return kFailed;
  blst_p2 point;
  blst_map_to_g2(&point, &u, nullptr);
  return write_point<G2>(point, output);
}

}  // namespace pel::evm::precompile
