// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/basic_faults.hpp"

#include <algorithm>
#include <array>

namespace pel::cli {
namespace {

// All of the words must be in the fault.
struct Row {
  std::string_view name;
  std::string_view field;
  std::string_view words;
};

constexpr std::string_view kWide = "more than 256 bits";
constexpr std::string_view kZeros = "leading zeros";
constexpr std::string_view kList = "list where a string";
constexpr std::string_view kAddress = "not 20 bytes";

// A name stands once for each fault that it may be. Numbers that were padded by zeros beyond 32
// bytes are too long before they are badly padded.
constexpr std::array kRows = std::to_array<Row>({
    {"ADDRESS_TOO_LONG", "\"to\"", kAddress},
    {"ADDRESS_TOO_SHORT", "\"to\"", kAddress},
    {"EC_RECOVERY_FAIL", "", "INVALID_SIGNATURE_VRS"},
    {"EC_RECOVERY_FAIL", "", "INTRINSIC_GAS_TOO_LOW"},
    {"GASLIMIT_OVERFLOW", "\"gasLimit\"", "more than"},
    {"GASLIMIT_OVERFLOW", "\"gasLimit\"", kZeros},
    {"GASLIMIT_PRICE_PRODUCT_OVERFLOW", "", "GASLIMIT_PRICE_PRODUCT_OVERFLOW"},
    {"GASPRICE_OVERFLOW", "\"gasPrice\"", kWide},
    {"GASPRICE_OVERFLOW", "\"maxFeePerGas\"", kWide},
    {"INITCODE_SIZE_EXCEEDED", "", "INITCODE_SIZE_EXCEEDED"},
    {"INTRINSIC_GAS_TOO_LOW", "", "INTRINSIC_GAS_TOO_LOW"},
    {"INVALID_CHAINID", "", "INVALID_CHAINID"},
    {"INVALID_CHAINID", "", "INVALID_SIGNATURE_VRS"},  // v of EIP-155 before it
    {"INVALID_SIGNATURE_VRS", "", "INVALID_SIGNATURE_VRS"},
    {"INVALID_SIGNATURE_VRS", "", "INVALID_CHAINID"},
    {"INVALID_SIGNATURE_VRS", "", "INTRINSIC_GAS_TOO_LOW"},
    {"INVALID_SIGNATURE_VRS", "\"r\"", kWide},
    {"INVALID_SIGNATURE_VRS", "\"s\"", kWide},
    {"NONCE_OVERFLOW", "\"nonce\"", "more than"},
    {"NONCE_TOO_BIG", "", "NONCE_IS_MAX"},
    {"PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2", "", "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS"},
    {"PRIORITY_OVERFLOW", "\"maxPriorityFeePerGas\"", kWide},
    {"RLP_ERROR_EOF", "", "unknown transaction type"},  // its first byte is no list
    {"RLP_ERROR_SIZE", "", "trailing bytes"},
    {"RLP_ERROR_SIZE", "", "longer than its input"},
    {"RLP_ERROR_SIZE_LEADING_ZEROS", "", "length with leading zeros"},
    {"RLP_INVALID_ACCESS_LIST_ADDRESS_TOO_LONG", "\"accessList\"", kAddress},
    {"RLP_INVALID_ACCESS_LIST_ADDRESS_TOO_SHORT", "\"accessList\"", kAddress},
    {"RLP_INVALID_ACCESS_LIST_STORAGE_TOO_LONG", "\"accessList\"", "not 32 bytes"},
    {"RLP_INVALID_ACCESS_LIST_STORAGE_TOO_SHORT", "\"accessList\"", "not 32 bytes"},
    {"RLP_INVALID_DATA", "\"data\"", kList},
    {"RLP_INVALID_GASLIMIT", "\"gasLimit\"", kList},
    {"RLP_INVALID_HEADER", "", "unknown transaction type"},
    {"RLP_INVALID_NONCE", "\"nonce\"", kList},
    {"RLP_INVALID_SIGNATURE_R", "\"r\"", kList},
    {"RLP_INVALID_SIGNATURE_S", "\"s\"", kList},
    {"RLP_INVALID_TO", "\"to\"", kList},
    {"RLP_LEADING_ZEROS_BASEFEE", "\"maxFeePerGas\"", kWide},
    {"RLP_LEADING_ZEROS_DATA_SIZE", "\"data\"", "length with leading zeros"},
    {"RLP_LEADING_ZEROS_GASLIMIT", "\"gasLimit\"", kZeros},
    {"RLP_LEADING_ZEROS_GASPRICE", "\"gasPrice\"", kZeros},
    {"RLP_LEADING_ZEROS_NONCE", "\"nonce\"", kZeros},
    {"RLP_LEADING_ZEROS_NONCE_SIZE", "\"nonce\"", "with a header"},
    {"RLP_LEADING_ZEROS_PRIORITY_FEE", "\"maxPriorityFeePerGas\"", kWide},
    {"RLP_LEADING_ZEROS_R", "\"r\"", kZeros},
    {"RLP_LEADING_ZEROS_R", "\"r\"", kWide},
    {"RLP_LEADING_ZEROS_S", "\"s\"", kZeros},
    {"RLP_LEADING_ZEROS_S", "\"s\"", kWide},
    {"RLP_LEADING_ZEROS_V", "\"v\"", kZeros},
    {"RLP_LEADING_ZEROS_VALUE", "\"value\"", kZeros},
    {"RLP_TOO_FEW_ELEMENTS", "", "ends where an item should begin"},
    {"RLP_TOO_MANY_ELEMENTS", "", "too many fields"},
    // The types of EIP-2930 and EIP-1559 before their forks, types that do not exist, and bytes of
    // a type that nobody made as that type.
    {"TYPE_NOT_SUPPORTED", "", "TX_PRE_FORK"},
    {"TYPE_NOT_SUPPORTED", "", "unknown transaction type"},
    {"TYPE_NOT_SUPPORTED", "", "GASLIMIT_PRICE_PRODUCT_OVERFLOW"},
    {"TYPE_NOT_SUPPORTED", "\"authorizationList\"", "string where a list"},
    {"TYPE_NOT_SUPPORTED", "\"maxFeePerGas\"", kWide},
    {"TYPE_NOT_SUPPORTED", "\"maxPriorityFeePerGas\"", kWide},
    {"VALUE_OVERFLOW", "\"value\"", kWide},
});

}  // namespace

bool fits_transaction_fault(std::string_view name, std::string_view fault) {
  constexpr std::string_view kPrefix = "TransactionException.";
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  return std::any_of(kRows.begin(), kRows.end(), [&](const Row& row) {
    return row.name == name && fault.find(row.field) != fault.npos &&
           fault.find(row.words) != fault.npos;
  });
}

}  // namespace pel::cli
