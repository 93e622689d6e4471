// SPDX-License-Identifier: Apache-2.0
#pragma once

// The whole runtime shelf. Programs that want short compile times include the parts they use.

#include "pel/error.hpp"

namespace pel {

// "MAJOR.MINOR.PATCH" of the library that is linked.
const char* version() noexcept;

}  // namespace pel
