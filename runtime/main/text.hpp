// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pel::runtime {

// Text for HTML: & < > " and ' become entities.
std::string escape_html(std::string_view text);

}  // namespace pel::runtime
