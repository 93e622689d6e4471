// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pel::cli {

// Whether `fault`, our words for why a transaction is refused, is what a fixture of
// TransactionTests calls `name` ("TransactionException.RLP_LEADING_ZEROS_NONCE"). Several faults in
// one transaction, or two names for one fault, allow several answers. False for a name that is not
// known here.
bool fits_transaction_fault(std::string_view name, std::string_view fault);

}  // namespace pel::cli
