// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/t8n_words.hpp"

namespace pel::cli {
namespace {

struct Words {
  std::string_view name;
  std::string_view geth;    // what its message begins with
  std::string_view evmone;  // what its message contains, where geth's does not
};

constexpr Words kWords[] = {
    {"NONCE_MISMATCH_TOO_LOW", "nonce too low", ""},
    {"NONCE_MISMATCH_TOO_HIGH", "nonce too high", ""},
    {"NONCE_IS_MAX", "nonce has max value", ""},
    {"SENDER_NOT_EOA", "sender not an eoa", ""},
    {"GAS_ALLOWANCE_EXCEEDED", "gas limit reached", ""},
    {"GAS_LIMIT_EXCEEDS_MAXIMUM", "transaction gas limit too high", "max gas limit exceeded"},
    {"INSUFFICIENT_ACCOUNT_FUNDS", "insufficient funds for gas * price + value", ""},
    {"INTRINSIC_GAS_TOO_LOW", "intrinsic gas too low", ""},
    {"INTRINSIC_GAS_BELOW_FLOOR_GAS_COST", "insufficient gas for floor data gas cost",
     "intrinsic gas too low"},
    {"INITCODE_SIZE_EXCEEDED", "max initcode size exceeded", ""},
    {"INSUFFICIENT_MAX_FEE_PER_GAS", "max fee per gas less than block base fee", ""},
    {"PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS",
     "max priority fee per gas higher than max fee per gas", ""},
    {"INSUFFICIENT_MAX_FEE_PER_BLOB_GAS", "max fee per blob gas less than block blob gas fee",
     "max blob fee per gas less than block base fee"},
    {"TYPE_1_TX_PRE_FORK", "transaction type not supported", ""},
    {"TYPE_2_TX_PRE_FORK", "transaction type not supported", ""},
    {"TYPE_3_TX_PRE_FORK", "transaction type not supported", ""},
    {"TYPE_4_TX_PRE_FORK", "transaction type not supported", ""},
    {"TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED", "blob gas would exceed maximum allowance",
     "blob gas limit exceeded"},
    {"TYPE_3_TX_BLOB_COUNT_EXCEEDED", "blob transaction has too many blobs",
     "blob gas limit exceeded"},
    {"TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH", "blob 0 has invalid hash version",
     "invalid blob hash version"},
    {"TYPE_3_TX_ZERO_BLOBS", "blob transaction missing blob hashes", "empty blob hashes list"},
    {"TYPE_3_TX_CONTRACT_CREATION", "blob transaction of type create",
     "blob transaction must not be a create transaction"},
    {"TYPE_4_EMPTY_AUTHORIZATION_LIST", "EIP-7702 transaction with empty auth list",
     "empty authorization list"},
    {"TYPE_4_TX_CONTRACT_CREATION", "EIP-7702 transaction cannot be used to create contract",
     "set code transaction must not be a create transaction"},
    {"INVALID_CHAINID", "invalid chain id for signer", ""},
    {"INVALID_SIGNATURE_VRS", "invalid transaction v, r, s values", ""},
    {"RLP", "rlp", ""},
};

}  // namespace

std::string rejection_words(std::string_view name, std::string_view detail) {
  std::string text(name);
  std::string_view evmone;
  for (const Words& words : kWords) {
    if (words.name != name) continue;
    text = words.geth;
    evmone = words.evmone;
  }
  text += ": ";
  text += detail;
  if (!evmone.empty()) text += " (" + std::string(evmone) + ")";
  return text;
}

}  // namespace pel::cli
