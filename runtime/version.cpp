// SPDX-License-Identifier: Apache-2.0
#include "pel/version.hpp"

namespace pel {

const char* version() noexcept { return PEL_VERSION; }

}  // namespace pel
