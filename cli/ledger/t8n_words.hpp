// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pel::cli {

// Why a transaction was rejected, in the words by which tools know geth's and evmone's answers.
// `name` is the official fixtures' name, `detail` what this program found.
std::string rejection_words(std::string_view name, std::string_view detail);

}  // namespace pel::cli
