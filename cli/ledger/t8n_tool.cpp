// SPDX-License-Identifier: Apache-2.0
#include "cli/ledger/t8n.hpp"

int main(int argc, char** argv) { return pel::cli::t8n_main(argc, argv); }
