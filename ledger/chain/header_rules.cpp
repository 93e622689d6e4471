// SPDX-License-Identifier: Apache-2.0
// What a block's header and body must be, before and after execution.
#include <algorithm>

#include "pel/ledger/chain.hpp"

namespace pel::ledger {
namespace {

using evm::Revision;

constexpr std::uint64_t kMinGasLimit = 5000;
constexpr std::uint64_t kMaxGasLimit = (std::uint64_t{1} << 63) - 1;
constexpr std::size_t kMaxExtraData = 32;
constexpr std::size_t kMaxBlockRlp = (10U << 20) - (2U << 20);  // EIP-7934
constexpr std::string_view kDaoExtra = "dao-hard-fork";
constexpr std::uint64_t kDaoExtraBlocks = 10;

std::string place_of(const Header& header) { return "block " + std::to_string(header.number); }

[[noreturn]] void reject(const Header& header, const char* code, const std::string& reason) {
  throw InvalidBlock(std::string("BlockException.") + code, place_of(header), reason);
}

template <class T>
std::string differ(const char* field, const T& have, const T& want) {
  return std::string("field \"") + field + "\" is " + to_string(have) + ", expected " +
         to_string(want);
}
std::string differ(const char* field, std::uint64_t have, std::uint64_t want) {
  return std::string("field \"") + field + "\" is " + std::to_string(have) + ", expected " +
         std::to_string(want);
}

void check_gas_limit(const Header& header, const Header& parent, const HeaderRules& rules) {
  std::uint64_t before = parent.gas_limit;
  if (rules.revision >= Revision::kLondon && rules.parent_revision < Revision::kLondon) before *= 2;
  const std::uint64_t step = before / 1024;
  const std::uint64_t moved =
      header.gas_limit > before ? header.gas_limit - before : before - header.gas_limit;
  if (moved >= step || header.gas_limit < kMinGasLimit || header.gas_limit > kMaxGasLimit)
    reject(header, "INVALID_GASLIMIT",
           "field \"gasLimit\" is " + std::to_string(header.gas_limit) + " after " +
               std::to_string(before));
  if (header.gas_used > header.gas_limit)
    reject(header, "INVALID_GAS_USED_ABOVE_LIMIT",
           "field \"gasUsed\" is above the gas limit: " + std::to_string(header.gas_used));
}

void check_difficulty(const Header& header, const Header& parent, const HeaderRules& rules) {
  if (rules.revision >= Revision::kParis) {
    if (!header.difficulty.is_zero())
      reject(header, "IMPORT_IMPOSSIBLE_DIFFICULTY_OVER_PARIS",
             "field \"difficulty\" is not zero after the merge");
    if (header.nonce != std::array<std::uint8_t, 8>{})
      reject(header, "INVALID_NONCE", "field \"nonce\" is not zero after the merge");
    if (header.uncles_hash != kEmptyUnclesHash)
      reject(header, "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS", "uncles after the merge");
    return;
  }
  const U256 want = next_difficulty(parent, header.number, header.timestamp, *rules.config);
  if (!(header.difficulty == want))
    reject(header, "INVALID_DIFFICULTY", differ("difficulty", header.difficulty, want));
}

// A field must be there exactly from a revision on.
void check_presence(const Header& header, bool present, bool expected, const char* field,
                    const char* code) {
  if (present != expected)
    reject(header, code,
           std::string("field \"") + field + (present ? "\" must be absent" : "\" is missing"));
}

void check_blob_fields(const Header& header, const Header& parent, const HeaderRules& rules) {
  const bool cancun = rules.revision >= Revision::kCancun;
  check_presence(header, header.blob_gas_used.has_value(), cancun, "blobGasUsed",
                 "INCORRECT_BLOB_FORMAT");
  check_presence(header, header.excess_blob_gas.has_value(), cancun, "excessBlobGas",
                 "INCORRECT_BLOB_FORMAT");
  check_presence(header, header.parent_beacon_root.has_value(), cancun, "parentBeaconBlockRoot",
                 "INCORRECT_BLOB_FORMAT");
  if (!cancun) return;
  const BlobParams params = rules.config->blob_params(header.timestamp);
  const std::uint64_t want = next_excess_blob_gas(parent, params, rules.revision);
  if (*header.excess_blob_gas != want)
    reject(header, "INCORRECT_EXCESS_BLOB_GAS",
           differ("excessBlobGas", *header.excess_blob_gas, want));
}

}  // namespace

InvalidBlock::InvalidBlock(std::string code, std::string place, std::string reason)
    : Error(std::move(place), std::move(reason), code), code_(std::move(code)) {}

void check_header(const Header& header, const Header& parent, const HeaderRules& rules) {
  if (header.number != parent.number + 1)
    reject(header, "INVALID_BLOCK_NUMBER", differ("number", header.number, parent.number + 1));
  if (header.timestamp <= parent.timestamp)
    reject(header, "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT",
           "field \"timestamp\" is not later than the parent's");
  if (header.extra_data.size() > kMaxExtraData)
    reject(header, "EXTRA_DATA_TOO_BIG", "field \"extraData\" has more than 32 bytes");
  check_gas_limit(header, parent, rules);
  check_difficulty(header, parent, rules);
  const bool london = rules.revision >= Revision::kLondon;
  check_presence(header, header.base_fee.has_value(), london, "baseFeePerGas",
                 "INVALID_BASEFEE_PER_GAS");
  if (london) {
    const U256 want = next_base_fee(parent, rules.parent_revision >= Revision::kLondon);
    if (!(*header.base_fee == want))
      reject(header, "INVALID_BASEFEE_PER_GAS", differ("baseFeePerGas", *header.base_fee, want));
  }
  check_presence(header, header.withdrawals_root.has_value(), rules.revision >= Revision::kShanghai,
                 "withdrawalsRoot", "INVALID_WITHDRAWALS_ROOT");
  check_blob_fields(header, parent, rules);
  check_presence(header, header.requests_hash.has_value(), rules.revision >= Revision::kPrague,
                 "requestsHash", "INVALID_REQUESTS");
  const std::uint64_t dao = rules.config->dao_block;
  if (dao != ChainConfig::kNever && header.number >= dao && header.number < dao + kDaoExtraBlocks &&
      !std::equal(header.extra_data.begin(), header.extra_data.end(), kDaoExtra.begin(),
                  kDaoExtra.end()))
    reject(header, "INVALID_DAO_EXTRA_DATA", "field \"extraData\" does not name the DAO change");
}

void check_body(const Block& block, const HeaderRules& rules, std::size_t rlp_size) {
  const Header& header = block.header;
  if (rules.revision >= Revision::kOsaka && rlp_size > kMaxBlockRlp)
    reject(header, "RLP_BLOCK_LIMIT_EXCEEDED",
           "the block has " + std::to_string(rlp_size) + " bytes, more than " +
               std::to_string(kMaxBlockRlp));
  if (const Hash256 root = transactions_root(block.transactions); root != header.transactions_root)
    reject(header, "INVALID_TRANSACTIONS_ROOT",
           differ("transactionsRoot", header.transactions_root, root));
  if (const Hash256 hash = uncles_hash(block.uncles); hash != header.uncles_hash)
    reject(header, "INVALID_UNCLES_HASH", differ("sha3Uncles", header.uncles_hash, hash));
  const bool shanghai = rules.revision >= Revision::kShanghai;
  check_presence(header, block.withdrawals.has_value(), shanghai, "withdrawals",
                 "INVALID_WITHDRAWALS_ROOT");
  if (!shanghai) return;
  if (const Hash256 root = withdrawals_root(*block.withdrawals);
      root != header.withdrawals_root.value_or(Hash256{}))
    reject(header, "INVALID_WITHDRAWALS_ROOT",
           differ("withdrawalsRoot", header.withdrawals_root.value_or(Hash256{}), root));
}

void check_results(const Header& header, const BlockExecutor::Output& output, const Bloom& bloom,
                   const HeaderRules& rules) {
  if (output.gas_used != header.gas_used)
    reject(header, "INVALID_GAS_USED", differ("gasUsed", header.gas_used, output.gas_used));
  if (rules.revision >= Revision::kCancun &&
      output.blob_gas_used != header.blob_gas_used.value_or(0))
    reject(header, "INCORRECT_BLOB_GAS_USED",
           differ("blobGasUsed", header.blob_gas_used.value_or(0), output.blob_gas_used));
  if (bloom != header.bloom)
    reject(header, "INVALID_LOG_BLOOM", "field \"logsBloom\" is not that of the receipts");
  if (const Hash256 root = receipts_root(output.receipts); root != header.receipts_root)
    reject(header, "INVALID_RECEIPTS_ROOT", differ("receiptsRoot", header.receipts_root, root));
  if (rules.revision < Revision::kPrague) return;
  if (const Hash256 hash = requests_hash(output.requests);
      hash != header.requests_hash.value_or(Hash256{}))
    reject(header, "INVALID_REQUESTS",
           differ("requestsHash", header.requests_hash.value_or(Hash256{}), hash));
}

}  // namespace pel::ledger
