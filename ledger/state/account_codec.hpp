// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ledger/primitives/rlp.hpp"
#include "pel/ledger/state.hpp"

namespace pel::ledger {

// The value of an account in the state trie: rlp([nonce, balance, storage root, code hash]).
inline Bytes encode_account(const Account& account, const Hash256& storage_root) {
  rlp::Encoder encoder;
  const std::size_t mark = encoder.open_list();
  encoder.number(account.nonce);
  encoder.number(account.balance);
  encoder.item(storage_root);
  encoder.item(account.code_hash);
  encoder.close_list(mark);
  return encoder.take();
}

// The inverse. Throws pel::Error for anything else.
inline void decode_account(BytesView rlp, Account& account, Hash256& storage_root) {
  rlp::Decoder outer(rlp, "account in the state trie");
  rlp::Decoder fields = outer.list();
  outer.finish();
  account.nonce = fields.number();
  account.balance = fields.number256();
  storage_root = fields.hash();
  account.code_hash = fields.hash();
  fields.finish();
}

}  // namespace pel::ledger
