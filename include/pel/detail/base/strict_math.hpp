// SPDX-License-Identifier: Apache-2.0
#pragma once

// Results are defined by the operations that the source writes, in its order. Options that let the
// compiler re-associate or drop them would break that without a word, so they are refused.
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "pel: -ffast-math and its parts change results; build without them (docs/design/contract.md)"
#endif
