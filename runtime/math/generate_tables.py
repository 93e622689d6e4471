#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of this folder: python3 generate_tables.py, with mpmath.

Polynomials interpolate at Chebyshev nodes in 120 digits (within a small factor of minimax) and are
expanded about the middle of their interval; leading terms are split where the evaluation needs
more than a double.
"""
import struct

from mpmath import (mp, mpf, pi, log, exp, erfc, erf, sqrt, atan, cos, sin, asin, tanh, sinh, floor,
                    nint, frexp, ldexp, expm1, log1p)

mp.dps = 120


def dbl(x):
    return float(mpf(x))


def hexf(x):
    return float(x).hex() if x != 0 else "0.0"


def high(x, bits):
    """x rounded to `bits` significant bits."""
    if x == 0:
        return mpf(0)
    m, e = frexp(mpf(x))
    return ldexp(nint(m * 2 ** bits), int(e) - bits)


def interpolate(f, a, b, degree, center=None):
    """Coefficients, lowest first, in (x - center), of f's interpolant on [a, b]."""
    a, b = mpf(a), mpf(b)
    center = (a + b) / 2 if center is None else mpf(center)
    n = degree + 1
    nodes = [(a + b) / 2 + (b - a) / 2 * cos(pi * (2 * k + 1) / (2 * n)) for k in range(n)]
    nodes = [x if abs(x) > mpf(10) ** -20 else mpf(10) ** -20 for x in nodes]  # f may divide by x
    coef = [f(x) for x in nodes]                       # Newton's divided differences
    for j in range(1, n):
        for i in range(n - 1, j - 1, -1):
            coef[i] = (coef[i] - coef[i - 1]) / (nodes[i] - nodes[i - j])
    poly = [mpf(0)]
    for i in range(n - 1, -1, -1):                     # poly = poly * (x - node) + coef
        shift = center - nodes[i]
        new = [mpf(0)] * (len(poly) + 1)
        for k, c in enumerate(poly):
            new[k + 1] += c
            new[k] += c * shift
        new[0] += coef[i]
        poly = new
    return poly[:n]


class Header:
    def __init__(self, path, comment, includes=("<cstdint>",)):
        self.path = path
        self.out = ["// SPDX-License-Identifier: Apache-2.0", "// Written by generate_tables.py.",
                    "#pragma once", ""]
        self.out += ["#include " + i for i in includes] + [""]
        self.out += ["// " + line for line in comment] + ["namespace pel::math::detail {", ""]

    def scalar(self, name, x, note=""):
        self.out.append(f"inline constexpr double {name} = {hexf(dbl(x))};" + (f"  // {note}" if note else ""))

    def rows(self, items, per_line=4):
        lines, line = [], "   "
        for item in items:
            if len(line) + len(item) + 2 > 100:
                lines.append(line)
                line = "   "
            line += " " + item + ","
        lines.append(line)
        return lines

    def array(self, name, values, kind="double"):
        self.out.append(f"inline constexpr {kind} {name}[] = {{")
        self.out += self.rows([hexf(dbl(v)) if kind == "double" else f"0x{v:016x}" for v in values])
        self.out += ["};"]

    def table(self, name, rows, columns):
        self.out.append(f"inline constexpr double {name}[][{columns}] = {{")
        for row in rows:
            body = self.rows([hexf(dbl(v)) for v in row])
            body[0] = "    {" + body[0].strip()
            body = [body[0]] + ["    " + b.lstrip().rjust(0) for b in body[1:]]
            body[-1] = body[-1].rstrip(",") + "},"
            self.out += body
        self.out += ["};"]

    def blank(self):
        self.out.append("")

    def note(self, *text):
        self.out += ["// " + t for t in text]

    def write(self):
        self.out += ["", "}  // namespace pel::math::detail"]
        with open(self.path, "w") as f:
            f.write("\n".join(self.out) + "\n")


def two(x):
    hi = dbl(x)
    return mpf(hi), mpf(dbl(x - mpf(hi)))


def exp_log():
    h = Header("tables_exp_log.hpp", ["Exponential and logarithm."])
    ln2 = log(mpf(2))
    step = ln2 / 128
    step_hi = high(step, 34)
    h.note("ln 2 / 128: 34 bits, so that k times it is exact for |k| < 2^19, and the rest.")
    h.scalar("kLn2StepHi", step_hi)
    h.scalar("kLn2StepLo", step - step_hi)
    h.scalar("kInvLn2Step", 128 / ln2)
    h.scalar("kLn2Over", step, "ln 2 / 128")
    h.note("2^(j/128) - both parts, j = 0 ... 127.")
    h.table("kExp2Table", [two(mpf(2) ** (mpf(j) / 128)) for j in range(128)], 2)
    h.note("(exp(r) - 1 - r) / r^2 for |r| <= ln 2 / 256.")
    b = ln2 / 256 * 1.001
    h.array("kExpPoly", interpolate(lambda r: (expm1(r) - r) / r ** 2, -b, b, 4, 0))
    h.note("(exp(x) - 1 - x - x^2 / 2) / x^3 for |x| <= 0.32.")
    h.array("kExpm1Poly", interpolate(
        lambda x: (expm1(x) - x - x * x / 2) / x ** 3, -0.32, 0.32, 12, 0))
    h.blank()
    h.note("ln 2 and ln c are split at 2^-42: k ln 2 + ln c is exact in the high parts.")
    grid = mpf(2) ** 42
    ln2_hi = nint(ln2 * grid) / grid
    h.scalar("kLn2Hi", ln2_hi)
    h.scalar("kLn2Lo", ln2 - ln2_hi)
    h.note("Per interval of z = x / 2^k in [0.6875, 1.375): a 10-bit 1 / c, ln c in two parts.")
    rows = []
    for i in range(128):
        lo_bits = 0x3fe6000000000000 + (i << 45)
        lo = mpf(struct.unpack("<d", struct.pack("<Q", lo_bits))[0])
        hi = mpf(struct.unpack("<d", struct.pack("<Q", lo_bits + (1 << 45)))[0])
        inv = mpf(1) if lo == 1 or hi == 1 else high(2 / (lo + hi), 10)
        c = -log(inv)
        c_hi = nint(c * grid) / grid
        rows.append((inv, c_hi, c - c_hi))
    h.table("kLogTable", rows, 3)
    h.note("(log(1 + r) - r + r^2 / 2) / r^3 for |r| <= 2^-7.")
    b = mpf(2) ** -7 * mpf("1.001")
    h.array("kLogPoly", interpolate(
        lambda r: (log1p(r) - r + r * r / 2) / r ** 3, -b, b, 7, 0))
    for name, v in (("kInvLn2", 1 / ln2), ("kInvLn10", 1 / log(mpf(10)))):
        hi, lo = two(v)
        h.scalar(name + "Hi", hi)
        h.scalar(name + "Lo", lo)
    h.write()


def even(f):
    return lambda w: f(sqrt(mpf(w)))


def circular():
    h = Header("tables_circular.hpp", ["Circular functions, hyperbolic ones near zero."])
    half_pi = pi / 2
    parts, rest = [], half_pi
    for bits in (33, 33, 33):
        p = high(rest, bits)
        parts.append(p)
        rest -= p
    h.note("pi / 2 in three parts of 33 bits and a rest: k times a part is exact for |k| < 2^20.")
    for i, p in enumerate(parts):
        h.scalar(f"kHalfPi{i + 1}", p)
    h.scalar("kHalfPi4", rest)
    h.scalar("kHalfPi3Full", half_pi - parts[0] - parts[1], "the third part and the rest in one")
    hi, lo = two(half_pi)
    h.scalar("kHalfPiHi", hi)
    h.scalar("kHalfPiLo", lo)
    h.scalar("kTwoOverPi", 2 / pi)
    h.note("2 / pi as a binary fraction after a word of zeros, most significant word first.")
    bits = 64 * 20
    mp.dps = 500
    value = int(floor(2 / pi * mpf(2) ** bits))
    mp.dps = 120
    h.array("kTwoOverPiBits", [0] + [(value >> (64 * (19 - i))) & (2 ** 64 - 1) for i in range(20)],
            "std::uint64_t")
    b = (pi / 4 * mpf("1.0001")) ** 2
    h.note("(sin(x) / x - 1) / x^2 and (cos(x) - 1 + x^2 / 2) / x^4 in x^2, |x| <= pi / 4.")
    h.array("kSinPoly", interpolate(even(lambda x: (sin(x) / x - 1) / x ** 2), 0, b, 6, 0))
    h.array("kCosPoly", interpolate(even(lambda x: (cos(x) - 1 + x * x / 2) / x ** 4), 0, b, 6, 0))
    h.note("atan(i / 16), both parts; (atan(t) / t - 1) / t^2 in t^2, |t| <= 1 / 31.")
    h.table("kAtanTable", [two(atan(mpf(i) / 16)) for i in range(17)], 2)
    h.array("kAtanPoly", interpolate(even(lambda x: (atan(x) / x - 1) / x ** 2), 0,
                                     mpf(1) / 31 ** 2, 4, 0))
    h.note("(asin(x) / x - 1) / x^2 in x^2, |x| <= 0.5.")
    h.array("kAsinPoly", interpolate(even(lambda x: (asin(x) / x - 1) / x ** 2), 0,
                                     mpf("0.25001"), 14, 0))
    h.note("(sinh(x) / x - 1) / x^2 and (tanh(x) / x - 1) / x^2 in x^2, |x| <= 0.32.")
    b = mpf("0.32") ** 2
    h.array("kSinhPoly", interpolate(even(lambda x: (sinh(x) / x - 1) / x ** 2), 0, b, 6, 0))
    h.array("kTanhPoly", interpolate(even(lambda x: (tanh(x) / x - 1) / x ** 2), 0, b, 10, 0))
    h.note("cbrt(m) for m in [1, 2) to about 2^-15.")
    h.array("kCbrtPoly", interpolate(lambda m: m ** (mpf(1) / 3), 1, 2, 6, 0))
    h.array("kCbrtOfPower", [mpf(2) ** (mpf(i) / 3) for i in range(3)])
    h.write()


def quantile(p):
    """Standard normal quantile for p <= 1/2, by Newton's method on log(cdf)."""
    p = mpf(p)
    if p == mpf(1) / 2:
        return mpf(0)
    x = -sqrt(-2 * log(p)) if p < mpf("0.1") else (p - mpf(1) / 2) * sqrt(2 * pi)
    if p < mpf("0.1"):
        s = -x
        x = -(s - (log(s) + log(2 * pi) / 2) / s)
    for _ in range(60):
        cdf = erfc(-x / sqrt(mpf(2))) / 2
        pdf = exp(-x * x / 2) / sqrt(2 * pi)
        dx = (log(cdf) - log(p)) * cdf / pdf
        x -= dx
        if abs(dx) < mpf(10) ** -50 * abs(x):
            break
    return x


def special():
    h = Header("tables_special.hpp", ["Error function and normal distribution."])
    h.note("(erf(x) / x - 1) in x^2, |x| <= 0.5, after its constant.")
    lead = 2 / sqrt(pi) - 1
    h.scalar("kErfLead", lead, "2 / sqrt(pi) - 1")
    h.scalar("kErfLeadLo", lead - mpf(dbl(lead)))
    h.array("kErfPoly", interpolate(even(lambda x: (erf(x) / x - 2 / sqrt(pi)) / x ** 2), 0,
                                    mpf("0.2502"), 10, 0))
    h.note("exp(x^2) erfc(x): per interval of x + 1, eight an octave from 1.5 on: the high 26 bits at",
           "the middle, the rest of them, then the coefficients of x - middle.")
    rows = []
    for octave in range(5):
        for part in range(8):
            a = mpf(2) ** octave * (1 + mpf(part) / 8) - 1
            b = mpf(2) ** octave * (1 + mpf(part + 1) / 8) - 1
            if b <= mpf("0.5"):
                continue
            coef = interpolate(lambda x: exp(x * x) * erfc(x), a, b, 11)
            head = high(coef[0], 26)
            rows.append([head, coef[0] - head] + coef[1:])
    h.table("kErfcxTable", rows, 13)
    r2 = 1 / sqrt(mpf(2))
    hi, lo = two(r2)
    h.scalar("kInvSqrt2Hi", hi)
    h.scalar("kInvSqrt2Lo", lo)
    h.blank()
    h.note("normal_quantile(1/2 + q) / q in q^2 on 20 equal intervals up to 0.425^2: high 26 bits at",
           "the middle, the rest of them, then the coefficients of q^2 - middle.")
    top = mpf("0.425") ** 2
    def ratio(w):
        q = sqrt(mpf(w))
        return -quantile(mpf(1) / 2 - q) / q if q > 0 else sqrt(2 * pi)
    rows = []
    cells = 20
    width = mpf(dbl(top / cells * mpf("1.000001")))
    h.scalar("kCentralInvWidth", 1 / width)
    h.scalar("kCentralWidth", width)
    for i in range(cells):
        mid = mpf(dbl((i + mpf(1) / 2) * width))
        coef = interpolate(ratio, i * width, (i + 1) * width * mpf("1.0000001"), 11, mid)
        head = high(coef[0], 26)
        rows.append([head, coef[0] - head] + coef[1:])
    h.table("kCentralTable", rows, 13)
    h.note("normal_quantile(p) + s for s = sqrt(-2 ln p): per interval of s, eight an octave from 2:",
           "high 26 bits at the middle, the rest of them, then the coefficients of s - middle.")
    rows = []
    for octave in range(1, 6):
        for part in range(8):
            a = mpf(2) ** octave * (1 + mpf(part) / 8)
            b = mpf(2) ** octave * (1 + mpf(part + 1) / 8)
            if a > mpf("38.7"):
                continue
            coef = interpolate(lambda s: quantile(exp(-s * s / 2)) + s, a, b, 11)
            head = high(coef[0], 26)
            rows.append([head, coef[0] - head] + coef[1:])
    h.table("kTailTable", rows, 13)
    h.write()


exp_log()
circular()
special()
