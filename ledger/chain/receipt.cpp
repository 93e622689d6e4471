// SPDX-License-Identifier: Apache-2.0
#include "ledger/primitives/keccak.hpp"
#include "ledger/primitives/rlp.hpp"
#include "pel/ledger/chain.hpp"
#include "pel/loops.hpp"

namespace pel::ledger {
namespace {

// Yellow Paper, section 4.3.1: three bits of 2048, by the first three pairs of bytes of the hash.
void add_to_bloom(Bloom& bloom, const Hash256& hash) {
  for (std::size_t i = 0; i < 6; i += 2) {
    const unsigned bit = ((hash.bytes[i] & 7U) << 8) | hash.bytes[i + 1];
    std::uint8_t& byte = bloom[255 - bit / 8];
    byte = static_cast<std::uint8_t>(byte | 1U << (bit % 8));
  }
}

void encode_logs(rlp::Encoder& out, std::span<const Log> logs) {
  const std::size_t list = out.open_list();
  for (const Log& log : logs) {
    const std::size_t item = out.open_list();
    out.item(log.address);
    const std::size_t topics = out.open_list();
    for (const Hash256& topic : log.topics) out.item(topic);
    out.close_list(topics);
    out.bytes(log.data);
    out.close_list(item);
  }
  out.close_list(list);
}

}  // namespace

Bloom fill_blooms(std::span<Receipt> receipts) {
  std::vector<BytesView> inputs;
  std::vector<Bloom*> owners;
  for (Receipt& receipt : receipts) {
    receipt.bloom = {};
    for (const Log& log : receipt.logs) {
      inputs.push_back(log.address.bytes);
      for (const Hash256& topic : log.topics) inputs.push_back(topic.bytes);
      owners.resize(inputs.size(), &receipt.bloom);
    }
  }
  std::vector<Hash256> hashes(inputs.size());
  keccak256_many(inputs, hashes);
  for (std::size_t i = 0; i < hashes.size(); ++i) add_to_bloom(*owners[i], hashes[i]);
  Bloom all{};
  for (const Receipt& receipt : receipts)
    for (std::size_t i = 0; i < all.size(); ++i)
      all[i] = static_cast<std::uint8_t>(all[i] | receipt.bloom[i]);
  return all;
}

Bytes encode_receipt(const Receipt& receipt) {
  rlp::Encoder out;
  const std::size_t list = out.open_list();
  if (receipt.state_root) {
    out.item(*receipt.state_root);
  } else {
    out.number(std::uint64_t{receipt.success ? 1U : 0U});
  }
  out.number(receipt.cumulative_gas);
  out.bytes(receipt.bloom);
  encode_logs(out, receipt.logs);
  out.close_list(list);
  Bytes bytes = out.take();
  if (receipt.type != TxType::kLegacy)
    bytes.insert(bytes.begin(), static_cast<std::uint8_t>(receipt.type));
  return bytes;
}

Hash256 receipts_root(std::span<const Receipt> receipts) {
  std::vector<Bytes> values(receipts.size());
  for_each(receipts.size(), [&](std::size_t i) { values[i] = encode_receipt(receipts[i]); });
  return ordered_root(values);
}

Hash256 logs_hash(std::span<const Log> logs) {
  rlp::Encoder out;
  encode_logs(out, logs);
  return keccak256(out.result());
}

}  // namespace pel::ledger
