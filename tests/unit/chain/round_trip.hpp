// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a decoder accepts must be what its encoder writes, bit for bit; what it refuses must be a
// pel::Error, never a crash.

#include "ledger/primitives/rlp.hpp"
#include "pel/error.hpp"
#include "pel/ledger/chain.hpp"

namespace pel::ledger::test {

// Tries `data` as a transaction, a header and a block. True unless something that was accepted
// encodes to other bytes. `accepted` counts what was decoded.
inline bool round_trips(BytesView data, int& accepted) {
  const auto same = [&](const Bytes& again) {
    ++accepted;
    return std::equal(again.begin(), again.end(), data.begin(), data.end());
  };
  const auto tried = [](auto&& decode) {
    try {
      return decode();
    } catch (const Error&) {
      return true;
    }
  };
  return tried([&] { return same(encode_transaction(decode_transaction(data))); }) &&
         tried([&] { return same(encode_header(decode_header(data))); }) &&
         tried([&] { return same(encode_block(decode_block(data))); }) && tried([&] {
           rlp::check(data);
           return true;
         });
}

}  // namespace pel::ledger::test
