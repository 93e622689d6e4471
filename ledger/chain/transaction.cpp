// SPDX-License-Identifier: Apache-2.0
// Transactions as bytes: EIP-2718 envelopes of types 0 to 4, and what is hashed for signing.
#include "ledger/primitives/keccak.hpp"
#include "ledger/primitives/rlp.hpp"
#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

enum class Part { kWhole, kForSigning };

void encode_to(rlp::Encoder& out, const std::optional<Address>& to) {
  if (to) {
    out.item(*to);
  } else {
    out.bytes({});
  }
}

void encode_access_list(rlp::Encoder& out, const std::vector<AccessListEntry>& entries) {
  const std::size_t list = out.open_list();
  for (const AccessListEntry& entry : entries) {
    const std::size_t item = out.open_list();
    out.item(entry.address);
    const std::size_t keys = out.open_list();
    for (const Hash256& key : entry.keys) out.item(key);
    out.close_list(keys);
    out.close_list(item);
  }
  out.close_list(list);
}

void encode_authorizations(rlp::Encoder& out, const std::vector<Authorization>& authorizations) {
  const std::size_t list = out.open_list();
  for (const Authorization& a : authorizations) {
    const std::size_t item = out.open_list();
    out.number(a.chain_id);
    out.item(a.address);
    out.number(a.nonce);
    out.number(a.y_parity);
    out.number(a.r);
    out.number(a.s);
    out.close_list(item);
  }
  out.close_list(list);
}

void encode_legacy(rlp::Encoder& out, const Transaction& tx, Part part) {
  out.number(tx.nonce);
  out.number(tx.max_fee);
  out.number(tx.gas_limit);
  encode_to(out, tx.to);
  out.number(tx.value);
  out.bytes(tx.data);
  if (part == Part::kForSigning) {
    if (!tx.chain_id) return;
    out.number(*tx.chain_id);
    out.number(std::uint64_t{0});
    out.number(std::uint64_t{0});
  }
}

void encode_typed(rlp::Encoder& out, const Transaction& tx) {
  out.number(tx.chain_id.value_or(0));
  out.number(tx.nonce);
  if (tx.type >= TxType::kDynamicFee) out.number(tx.max_priority_fee);
  out.number(tx.max_fee);
  out.number(tx.gas_limit);
  encode_to(out, tx.to);
  out.number(tx.value);
  out.bytes(tx.data);
  encode_access_list(out, tx.access_list);
  if (tx.type == TxType::kBlob) {
    out.number(tx.max_blob_fee);
    const std::size_t list = out.open_list();
    for (const Hash256& hash : tx.blob_hashes) out.item(hash);
    out.close_list(list);
  }
  if (tx.type == TxType::kSetCode) encode_authorizations(out, tx.authorizations);
}

Bytes encode_part(const Transaction& tx, Part part) {
  rlp::Encoder out;
  const std::size_t list = out.open_list();
  if (tx.type == TxType::kLegacy) {
    encode_legacy(out, tx, part);
  } else {
    encode_typed(out, tx);
  }
  if (part == Part::kWhole) {
    out.number(tx.v);
    out.number(tx.r);
    out.number(tx.s);
  }
  out.close_list(list);
  Bytes bytes = out.take();
  if (tx.type != TxType::kLegacy) bytes.insert(bytes.begin(), static_cast<std::uint8_t>(tx.type));
  return bytes;
}

// Reads the fields of one transaction; errors name the field.
class Reader {
 public:
  Reader(rlp::Decoder fields, std::string place) : in_(fields), place_(std::move(place)) {}

  template <class F>
  auto field(const char* name, F&& read) {
    try {
      return read(in_);
    } catch (const Error& error) {
      throw Error(place_, std::string("field \"") + name + "\": " + error.reason());
    }
  }
  std::uint64_t number(const char* name) {
    return field(name, [](rlp::Decoder& in) { return in.number(); });
  }
  U256 number256(const char* name) {
    return field(name, [](rlp::Decoder& in) { return in.number256(); });
  }
  Bytes bytes(const char* name) {
    return field(name, [](rlp::Decoder& in) {
      const BytesView view = in.bytes();
      return Bytes(view.begin(), view.end());
    });
  }
  std::optional<Address> to() {
    return field("to", [](rlp::Decoder& in) -> std::optional<Address> {
      rlp::Decoder peek = in;
      if (!peek.next_is_list() && peek.bytes().empty()) {
        in.bytes();
        return {};
      }
      return in.address();
    });
  }
  void finish() {
    if (!in_.done()) throw Error(place_, "too many fields");
  }

 private:
  rlp::Decoder in_;
  std::string place_;
};

std::vector<AccessListEntry> read_access_list(rlp::Decoder& in) {
  std::vector<AccessListEntry> entries;
  for (rlp::Decoder list = in.list(); !list.done();) {
    rlp::Decoder item = list.list();
    AccessListEntry entry;
    entry.address = item.address();
    for (rlp::Decoder keys = item.list(); !keys.done();) entry.keys.push_back(keys.hash());
    item.finish();
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<Hash256> read_hashes(rlp::Decoder& in) {
  std::vector<Hash256> hashes;
  for (rlp::Decoder list = in.list(); !list.done();) hashes.push_back(list.hash());
  return hashes;
}

std::vector<Authorization> read_authorizations(rlp::Decoder& in) {
  std::vector<Authorization> authorizations;
  for (rlp::Decoder list = in.list(); !list.done();) {
    rlp::Decoder item = list.list();
    Authorization a;
    a.chain_id = item.number256();
    a.address = item.address();
    a.nonce = item.number();
    a.y_parity = item.number256();
    if (a.y_parity > U256(255)) item.fail("the parity does not fit into 8 bits");
    a.r = item.number256();
    a.s = item.number256();
    item.finish();
    authorizations.push_back(a);
  }
  return authorizations;
}

// EIP-155: v = 35 + 2 * chain id + parity.
void set_chain_id(Transaction& tx) {
  if (tx.v < U256(35) || !tx.v.fits_u64()) return;
  tx.chain_id = (tx.v.w[0] - 35) / 2;
}

Transaction decode_legacy(BytesView rlp, const std::string& place) {
  rlp::Decoder outer(rlp, place);
  Reader in(outer.list(), place);
  outer.finish();
  Transaction tx;
  tx.nonce = in.number("nonce");
  tx.max_fee = tx.max_priority_fee = in.number256("gasPrice");
  tx.gas_limit = in.number("gasLimit");
  tx.to = in.to();
  tx.value = in.number256("value");
  tx.data = in.bytes("data");
  tx.v = in.number256("v");
  tx.r = in.number256("r");
  tx.s = in.number256("s");
  in.finish();
  set_chain_id(tx);
  return tx;
}

Transaction decode_typed(TxType type, BytesView rlp, const std::string& place) {
  rlp::Decoder outer(rlp, place);
  Reader in(outer.list(), place);
  outer.finish();
  Transaction tx;
  tx.type = type;
  tx.chain_id = in.number("chainId");
  tx.nonce = in.number("nonce");
  if (type >= TxType::kDynamicFee) tx.max_priority_fee = in.number256("maxPriorityFeePerGas");
  tx.max_fee = in.number256(type >= TxType::kDynamicFee ? "maxFeePerGas" : "gasPrice");
  if (type == TxType::kAccessList) tx.max_priority_fee = tx.max_fee;
  tx.gas_limit = in.number("gasLimit");
  tx.to = in.to();
  tx.value = in.number256("value");
  tx.data = in.bytes("data");
  tx.access_list = in.field("accessList", read_access_list);
  if (type == TxType::kBlob) {
    tx.max_blob_fee = in.number256("maxFeePerBlobGas");
    tx.blob_hashes = in.field("blobVersionedHashes", read_hashes);
  }
  if (type == TxType::kSetCode)
    tx.authorizations = in.field("authorizationList", read_authorizations);
  tx.v = in.number256("yParity");
  tx.r = in.number256("r");
  tx.s = in.number256("s");
  in.finish();
  return tx;
}

}  // namespace

Transaction decode_transaction(BytesView envelope, std::string_view place) {
  const std::string where(place);
  if (envelope.empty()) throw Error(where, "no bytes");
  if (envelope[0] >= 0xc0) return decode_legacy(envelope, where);
  if (envelope[0] == 0 || envelope[0] > static_cast<std::uint8_t>(TxType::kSetCode))
    throw Error(where, "unknown transaction type " + std::to_string(envelope[0]));
  return decode_typed(static_cast<TxType>(envelope[0]), envelope.subspan(1), where);
}

Bytes encode_transaction(const Transaction& tx) { return encode_part(tx, Part::kWhole); }
Hash256 transaction_hash(const Transaction& tx) { return keccak256(encode_transaction(tx)); }
Hash256 signing_hash(const Transaction& tx) {
  return keccak256(encode_part(tx, Part::kForSigning));
}

}  // namespace pel::ledger
