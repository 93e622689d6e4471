// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pel {

// "MAJOR.MINOR.PATCH" of the library that is linked.
const char* version() noexcept;

}  // namespace pel
