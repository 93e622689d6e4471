// SPDX-License-Identifier: Apache-2.0
// Requests of the execution layer to the consensus layer (EIP-7685) out of receipts (EIP-6110).
#include "ledger/chain/requests.hpp"

#include "base/sha256.hpp"

namespace pel::ledger {
namespace {

constexpr Hash256 kDepositTopic{{0x64, 0x9b, 0xbc, 0x62, 0xd0, 0xe3, 0x13, 0x42, 0xaf, 0xea, 0x4e,
                                 0x5c, 0xd8, 0x2d, 0x40, 0x49, 0xe7, 0xe1, 0xee, 0x91, 0x2f, 0xc0,
                                 0x88, 0x9a, 0xa7, 0x90, 0x80, 0x3b, 0xe3, 0x90, 0x38, 0xc5}};

// The event's five byte strings: where the word with the offset must point, and their length.
struct Field {
  std::size_t offset;
  std::size_t length;
};
constexpr std::array<Field, 5> kFields = {{
    {160, 48},  // public key
    {256, 32},  // withdrawal credentials
    {320, 8},   // amount
    {384, 96},  // signature
    {512, 8},   // index
}};
constexpr std::size_t kEventSize = 576;

void append_deposit(BytesView data, Bytes& out) {
  const auto fail = [](const std::string& reason) {
    throw InvalidBlock("BlockException.INVALID_DEPOSIT_EVENT_LAYOUT", "deposit event", reason);
  };
  if (data.size() != kEventSize) fail("its data has " + std::to_string(data.size()) + " bytes");
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const auto [offset, length] = kFields[i];
    if (!(load_be(data.data() + 32 * i) == U256(offset)) ||
        !(load_be(data.data() + offset) == U256(length)))
      fail("field " + std::to_string(i) + " has a wrong offset or length");
    const BytesView bytes = data.subspan(offset + 32, length);
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
}

}  // namespace

Bytes deposit_requests(const Address& contract, std::span<const Receipt> receipts) {
  Bytes requests = {0};
  for (const Receipt& receipt : receipts)
    for (const Log& log : receipt.logs)
      if (log.address == contract && !log.topics.empty() && log.topics[0] == kDepositTopic)
        append_deposit(log.data, requests);
  return requests;
}

Hash256 requests_hash(std::span<const Bytes> requests) {
  base::Sha256 outer;
  for (const Bytes& request : requests)
    if (request.size() > 1) outer.update(base::sha256(request));
  return {outer.finish()};
}

}  // namespace pel::ledger
