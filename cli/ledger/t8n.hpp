// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pel::cli {

// `pel t8n` and `pel-t8n`: the state transition tool, with the interface of geth's `evm t8n`.
int t8n_main(int argc, char** argv);

}  // namespace pel::cli
