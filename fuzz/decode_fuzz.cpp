// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any bytes as a transaction, a header and a block. What is accepted must encode
// to the same bytes; what is not must be an error.

#include <cstdlib>

#include "tests/unit/chain/round_trip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  int accepted = 0;
  if (!pel::ledger::test::round_trips({data, size}, accepted)) std::abort();
  return 0;
}
