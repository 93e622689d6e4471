// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bench/measure.hpp"

namespace pel::bench {

// The checked-in list of all rows. A row of a peer that is built in and is not printed is a
// failure.
std::vector<RowSpec> row_specs();

std::vector<std::string> peers_built_in();

}  // namespace pel::bench
