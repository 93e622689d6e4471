// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/statetest.hpp"

int main(int argc, char** argv) { return pel::cli::statetest_main(argc, argv); }
