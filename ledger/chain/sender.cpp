// SPDX-License-Identifier: Apache-2.0
#include "ledger/primitives/keccak.hpp"
#include "ledger/primitives/rlp.hpp"
#include "ledger/primitives/signature.hpp"
#include "pel/ledger/chain.hpp"
#include "pel/loops.hpp"

namespace pel::ledger {

std::optional<Address> recover_sender(const Transaction& tx, evm::Revision revision) {
  Signature signature{tx.r, tx.s, false};
  if (tx.type != TxType::kLegacy) {
    if (tx.v > U256(1)) return {};
    signature.y_parity = tx.v == U256(1);
  } else if (tx.v == U256(27) || tx.v == U256(28)) {
    signature.y_parity = tx.v == U256(28);
  } else if (tx.chain_id && revision >= evm::Revision::kSpuriousDragon) {
    signature.y_parity = (tx.v.w[0] - 35) % 2 == 1;
  } else {
    return {};
  }
  if (!valid_values(signature, revision >= evm::Revision::kHomestead)) return {};
  return recover_address(signing_hash(tx), signature);
}

std::vector<std::optional<Address>> recover_senders(std::span<const Transaction> transactions,
                                                    evm::Revision revision) {
  std::vector<std::optional<Address>> senders(transactions.size());
  for_each(transactions.size(),
           [&](std::size_t i) { senders[i] = recover_sender(transactions[i], revision); });
  return senders;
}

std::optional<Address> recover_authority(const Authorization& authorization) {
  const Signature signature{authorization.r, authorization.s, authorization.y_parity == U256(1)};
  if (authorization.y_parity > U256(1) || !valid_values(signature, true)) return {};
  rlp::Encoder out;
  const std::size_t list = out.open_list();
  out.number(authorization.chain_id);
  out.item(authorization.address);
  out.number(authorization.nonce);
  out.close_list(list);
  Bytes message = out.take();
  message.insert(message.begin(), 0x05);
  return recover_address(keccak256(message), signature);
}

void sign_transaction(Transaction& tx, const Hash256& secret_key) {
  const Signature signature = sign(signing_hash(tx), secret_key);
  tx.r = signature.r;
  tx.s = signature.s;
  tx.v = U256(signature.y_parity ? 1 : 0);
  if (tx.type == TxType::kLegacy)
    tx.v += tx.chain_id ? U256(35) + U256(*tx.chain_id) * U256(2) : U256(27);
}

Address key_address(const Hash256& secret_key) { return address_of(secret_key); }

}  // namespace pel::ledger
