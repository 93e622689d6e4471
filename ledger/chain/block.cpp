// SPDX-License-Identifier: Apache-2.0
// Headers and blocks as bytes.
#include "ledger/primitives/keccak.hpp"
#include "ledger/primitives/rlp.hpp"
#include "pel/ledger/chain.hpp"
#include "pel/loops.hpp"

namespace pel::ledger {
namespace {

void encode_header_to(rlp::Encoder& out, const Header& h) {
  const std::size_t list = out.open_list();
  for (const Hash256* hash : {&h.parent_hash, &h.uncles_hash}) out.item(*hash);
  out.item(h.coinbase);
  for (const Hash256* hash : {&h.state_root, &h.transactions_root, &h.receipts_root})
    out.item(*hash);
  out.bytes(h.bloom);
  out.number(h.difficulty);
  for (const std::uint64_t number : {h.number, h.gas_limit, h.gas_used, h.timestamp})
    out.number(number);
  out.bytes(h.extra_data);
  out.item(h.mix_hash);
  out.bytes(h.nonce);
  if (h.base_fee) out.number(*h.base_fee);
  if (h.withdrawals_root) out.item(*h.withdrawals_root);
  if (h.blob_gas_used) out.number(*h.blob_gas_used);
  if (h.excess_blob_gas) out.number(*h.excess_blob_gas);
  if (h.parent_beacon_root) out.item(*h.parent_beacon_root);
  if (h.requests_hash) out.item(*h.requests_hash);
  out.close_list(list);
}

// Names the field in errors of the decoder.
template <class F>
auto named(const std::string& place, const char* field, F&& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw Error(place, std::string("field \"") + field + "\": " + error.reason());
  }
}

Header read_header(rlp::Decoder in, const std::string& place) {
  Header h;
  const auto hash = [&](const char* name) { return named(place, name, [&] { return in.hash(); }); };
  const auto number = [&](const char* name) {
    return named(place, name, [&] { return in.number(); });
  };
  const auto fixed = [&](const char* name, auto& out) {
    named(place, name, [&] {
      const BytesView bytes = in.bytes();
      if (bytes.size() != out.size()) in.fail("has " + std::to_string(bytes.size()) + " bytes");
      std::copy(bytes.begin(), bytes.end(), out.begin());
      return 0;
    });
  };
  h.parent_hash = hash("parentHash");
  h.uncles_hash = hash("sha3Uncles");
  h.coinbase = named(place, "miner", [&] { return in.address(); });
  h.state_root = hash("stateRoot");
  h.transactions_root = hash("transactionsRoot");
  h.receipts_root = hash("receiptsRoot");
  fixed("logsBloom", h.bloom);
  h.difficulty = named(place, "difficulty", [&] { return in.number256(); });
  h.number = number("number");
  h.gas_limit = number("gasLimit");
  h.gas_used = number("gasUsed");
  h.timestamp = number("timestamp");
  const BytesView extra = named(place, "extraData", [&] { return in.bytes(); });
  h.extra_data.assign(extra.begin(), extra.end());
  h.mix_hash = hash("mixHash");
  fixed("nonce", h.nonce);
  if (!in.done()) h.base_fee = named(place, "baseFeePerGas", [&] { return in.number256(); });
  if (!in.done()) h.withdrawals_root = hash("withdrawalsRoot");
  if (!in.done()) h.blob_gas_used = number("blobGasUsed");
  if (!in.done()) h.excess_blob_gas = number("excessBlobGas");
  if (!in.done()) h.parent_beacon_root = hash("parentBeaconBlockRoot");
  if (!in.done()) h.requests_hash = hash("requestsHash");
  if (!in.done()) throw Error(place, "the header has too many fields");
  return h;
}

void encode_withdrawal(rlp::Encoder& out, const Withdrawal& withdrawal) {
  const std::size_t item = out.open_list();
  out.number(withdrawal.index);
  out.number(withdrawal.validator);
  out.item(withdrawal.address);
  out.number(withdrawal.amount_gwei);
  out.close_list(item);
}

// The envelopes of a body's list.
std::vector<BytesView> read_envelopes(rlp::Decoder list, const std::string& place) {
  std::vector<BytesView> envelopes;
  while (!list.done()) {
    const std::string where = place + ", transaction " + std::to_string(envelopes.size());
    const bool legacy = named(where, "transactions", [&] { return list.next_is_list(); });
    const BytesView bytes =
        named(where, "transactions", [&] { return legacy ? list.raw() : list.bytes(); });
    if (!legacy && !bytes.empty() && bytes[0] >= 0xc0)
      throw Error(where, "a legacy transaction wrapped in a byte string");
    envelopes.push_back(bytes);
  }
  return envelopes;
}

std::vector<Transaction> read_transactions(rlp::Decoder list, const std::string& place) {
  std::vector<Transaction> transactions;
  for (const BytesView bytes : read_envelopes(list, place))
    transactions.push_back(
        decode_transaction(bytes, place + ", transaction " + std::to_string(transactions.size())));
  return transactions;
}

std::vector<Withdrawal> read_withdrawals(rlp::Decoder list) {
  std::vector<Withdrawal> withdrawals;
  while (!list.done()) {
    rlp::Decoder item = list.list();
    Withdrawal withdrawal;
    withdrawal.index = item.number();
    withdrawal.validator = item.number();
    withdrawal.address = item.address();
    withdrawal.amount_gwei = item.number();
    item.finish();
    withdrawals.push_back(withdrawal);
  }
  return withdrawals;
}

}  // namespace

void check_rlp(BytesView bytes, std::string_view place) { rlp::check(bytes, place); }

Bytes encode_rlp(BytesView string) {
  rlp::Encoder out;
  out.bytes(string);
  return out.take();
}

Bytes encode_rlp_list(std::span<const Bytes> encoded_items) {
  rlp::Encoder out;
  const std::size_t list = out.open_list();
  for (const Bytes& item : encoded_items) out.raw(item);
  out.close_list(list);
  return out.take();
}

Bytes encode_header(const Header& header) {
  rlp::Encoder out;
  encode_header_to(out, header);
  return out.take();
}

Hash256 header_hash(const Header& header) { return keccak256(encode_header(header)); }

Hash256 uncles_hash(std::span<const Header> uncles) {
  rlp::Encoder out;
  const std::size_t list = out.open_list();
  for (const Header& uncle : uncles) encode_header_to(out, uncle);
  out.close_list(list);
  return keccak256(out.result());
}

Bytes encode_block(const Block& block) {
  rlp::Encoder out;
  const std::size_t whole = out.open_list();
  encode_header_to(out, block.header);
  const std::size_t transactions = out.open_list();
  for (const Transaction& tx : block.transactions) {
    if (tx.type == TxType::kLegacy) {
      out.raw(encode_transaction(tx));
    } else {
      out.bytes(encode_transaction(tx));
    }
  }
  out.close_list(transactions);
  const std::size_t uncles = out.open_list();
  for (const Header& uncle : block.uncles) encode_header_to(out, uncle);
  out.close_list(uncles);
  if (block.withdrawals) {
    const std::size_t withdrawals = out.open_list();
    for (const Withdrawal& withdrawal : *block.withdrawals) encode_withdrawal(out, withdrawal);
    out.close_list(withdrawals);
  }
  out.close_list(whole);
  return out.take();
}

Header decode_header(BytesView rlp, std::string_view place) {
  const std::string where(place);
  rlp::Decoder outer(rlp, where);
  const rlp::Decoder fields = outer.list();
  outer.finish();
  return read_header(fields, where);
}

Block decode_block(BytesView rlp, std::string_view place) {
  const std::string where(place);
  rlp::Decoder outer(rlp, where);
  rlp::Decoder parts = outer.list();
  outer.finish();
  Block block;
  block.header = read_header(named(where, "header", [&] { return parts.list(); }), where);
  block.transactions =
      read_transactions(named(where, "transactions", [&] { return parts.list(); }), where);
  rlp::Decoder uncles = named(where, "uncles", [&] { return parts.list(); });
  while (!uncles.done()) {
    const std::string uncle = where + ", uncle " + std::to_string(block.uncles.size());
    block.uncles.push_back(
        read_header(named(uncle, "header", [&] { return uncles.list(); }), uncle));
  }
  if (!parts.done())
    block.withdrawals = named(where, "withdrawals", [&] { return read_withdrawals(parts.list()); });
  if (!parts.done()) throw Error(where, "the block has too many parts");
  return block;
}

std::vector<BytesView> split_transactions(BytesView rlp, std::string_view place) {
  const std::string where(place);
  rlp::Decoder outer(rlp, where);
  const rlp::Decoder list = outer.list();
  outer.finish();
  return read_envelopes(list, where);
}

Hash256 transactions_root(std::span<const Transaction> transactions) {
  std::vector<Bytes> values(transactions.size());
  for_each(transactions.size(),
           [&](std::size_t i) { values[i] = encode_transaction(transactions[i]); });
  return ordered_root(values);
}

Hash256 withdrawals_root(std::span<const Withdrawal> withdrawals) {
  std::vector<Bytes> values;
  values.reserve(withdrawals.size());
  for (const Withdrawal& withdrawal : withdrawals) {
    rlp::Encoder out;
    encode_withdrawal(out, withdrawal);
    values.push_back(out.take());
  }
  return ordered_root(values);
}

}  // namespace pel::ledger
