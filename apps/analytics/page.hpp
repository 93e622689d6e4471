// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pel::apps::analytics {

// An inline SVG with a bar for each group of a result: of the tables' reports the nations' net
// sums, of a user's query the first aggregated column (or the rows). Reads the CSV that was
// written.
std::string bars_page(std::string_view csv, bool reports);

}  // namespace pel::apps::analytics
