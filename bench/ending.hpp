// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pel::bench {

// From here on Ctrl-C and SIGTERM end the program with one line on stderr and exit code 130 or 143.
void end_with_a_line() noexcept;

// From here on the kernel ends this process together with the one that started it.
void end_with_parent() noexcept;

}  // namespace pel::bench
