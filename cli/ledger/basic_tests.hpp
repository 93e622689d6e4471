// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/ledger/report.hpp"

namespace pel::cli {

// Whether the file lies below one of the folders of unit-level fixtures.
bool is_basic_test(const std::string& name);

// Runs a file of TransactionTests, TrieTests, RLPTests, BasicTests or KeyStoreTests.
FileResult run_basic_tests(const FixtureFile& file);

}  // namespace pel::cli
