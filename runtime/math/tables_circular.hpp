// SPDX-License-Identifier: Apache-2.0
// Written by generate_tables.py.
#pragma once

#include <cstdint>

// Circular functions, hyperbolic ones near zero.
namespace pel::math::detail {

// pi / 2 in three parts of 33 bits and a rest: k times a part is exact for |k| < 2^20.
inline constexpr double kHalfPi1 = 0x1.921fb54400000p+0;
inline constexpr double kHalfPi2 = 0x1.0b4611a600000p-34;
inline constexpr double kHalfPi3 = 0x1.3198a2e000000p-69;
inline constexpr double kHalfPi4 = 0x1.b839a252049c1p-104;
inline constexpr double kHalfPi3Full = 0x1.3198a2e037073p-69;  // the third part and the rest in one
inline constexpr double kHalfPiHi = 0x1.921fb54442d18p+0;
inline constexpr double kHalfPiLo = 0x1.1a62633145c07p-54;
inline constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
// 2 / pi as a binary fraction after a word of zeros, most significant word first.
inline constexpr std::uint64_t kTwoOverPiBits[] = {
    0x0000000000000000, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041,
    0xfe5163abdebbc561, 0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e,
    0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b,
    0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab,
    0xf0cfbc209af4361d,
};
// (sin(x) / x - 1) / x^2 and (cos(x) - 1 + x^2 / 2) / x^4 in x^2, |x| <= pi / 4.
inline constexpr double kSinPoly[] = {
    -0x1.5555555555555p-3,  0x1.1111111111110p-7,  -0x1.a01a01a019936p-13, 0x1.71de3a54605eep-19,
    -0x1.ae64541266378p-26, 0x1.61217ec01749dp-33, -0x1.ab17a79237a19p-41,
};
inline constexpr double kCosPoly[] = {
    0x1.5555555555555p-5,  -0x1.6c16c16c16c16p-10, 0x1.a01a01a019d0ap-16, -0x1.27e4fb7712bdfp-22,
    0x1.1eed8deb6d561p-29, -0x1.9394b9c9c20a4p-37, 0x1.ab783376962cfp-45,
};
// atan(i / 16), both parts; (atan(t) / t - 1) / t^2 in t^2, |t| <= 1 / 31.
inline constexpr double kAtanTable[][2] = {
    {0.0, 0.0},
    {0x1.ff55bb72cfdeap-5, -0x1.c934d86d23f1dp-60},
    {0x1.fd5ba9aac2f6ep-4, -0x1.cd37686760c17p-59},
    {0x1.7b97b4bce5b02p-3, 0x1.347b0b4f881cap-58},
    {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57},
    {0x1.362773707ebccp-2, -0x1.963a544b672d8p-57},
    {0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56},
    {0x1.a64eec3cc23fdp-2, -0x1.24dec1b50b7ffp-56},
    {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56},
    {0x1.0657e94db30d0p-1, -0x1.d5b495f6349e6p-56},
    {0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58},
    {0x1.345f01cce37bbp-1, 0x1.1021137c71102p-55},
    {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56},
    {0x1.5d58987169b18p-1, 0x1.0028e4bc5e7cap-57},
    {0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56},
    {0x1.819d0b7158a4dp-1, -0x1.bf76229d3b917p-56},
    {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55},
};
inline constexpr double kAtanPoly[] = {
    -0x1.5555555555555p-2, 0x1.999999999985dp-3,  -0x1.249249223ff19p-3,
    0x1.c71c40f64f76bp-4,  -0x1.738b90b97ca14p-4,
};
// (asin(x) / x - 1) / x^2 in x^2, |x| <= 0.5.
inline constexpr double kAsinPoly[] = {
    0x1.5555555555555p-3, 0x1.333333333332dp-4,  0x1.6db6db6db7c82p-5, 0x1.f1c71c70ee355p-6,
    0x1.6e8ba31ca4b5cp-6, 0x1.1c4ebd764981ep-6,  0x1.c99afea19b7a6p-7, 0x1.7a70c04e838d9p-7,
    0x1.40e3a57cf9bbbp-7, 0x1.0a979ac7ff2fcp-7,  0x1.2035529315839p-7, 0x1.8dd961bccc72ap-12,
    0x1.719224bc7519bp-6, -0x1.899fa5afbeb93p-6, 0x1.f756a7a0fb9bcp-6,
};
// (sinh(x) / x - 1) / x^2 and (tanh(x) / x - 1) / x^2 in x^2, |x| <= 0.32.
inline constexpr double kSinhPoly[] = {
    0x1.5555555555555p-3,  0x1.1111111111111p-7,  0x1.a01a01a01a01ap-13, 0x1.71de3a556c3ecp-19,
    0x1.ae6456822fe1fp-26, 0x1.61244cc3e3a95p-33, 0x1.af108cf5f5dffp-41,
};
inline constexpr double kTanhPoly[] = {
    -0x1.5555555555555p-2,  0x1.1111111111111p-3,  -0x1.ba1ba1ba1ba11p-5,  0x1.664f4882c047bp-6,
    -0x1.226e355df1d0bp-7,  0x1.d6d3d089ea359p-9,  -0x1.7da350d057b3bp-10, 0x1.355556f42be8fp-11,
    -0x1.f4f86e3583128p-13, 0x1.8ec45e5263c58p-14, -0x1.07290e799a778p-15,
};
// cbrt(m) for m in [1, 2) to about 2^-15.
inline constexpr double kCbrtPoly[] = {
    0x1.cb68f94b94beap-2,  0x1.e33114033c8b7p-1, -0x1.4f65258278179p-1, 0x1.8026ac948a766p-2,
    -0x1.1d2e558db1d25p-3, 0x1.e346250683378p-6, -0x1.6254d5208eb99p-9,
};
inline constexpr double kCbrtOfPower[] = {
    0x1.0000000000000p+0,
    0x1.428a2f98d728bp+0,
    0x1.965fea53d6e3dp+0,
};

}  // namespace pel::math::detail
