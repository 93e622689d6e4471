// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pel::cli {

// `pel evm run`: one piece of code by itself.
int evm_main(int argc, char** argv);

}  // namespace pel::cli
