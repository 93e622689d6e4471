// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "apps/analytics/query.hpp"
#include "apps/analytics/tables.hpp"

namespace pel::apps::analytics {

// The same results by SQLite, as the CSV that the workload writes. SQLite reads the columns where
// they lie (as virtual tables); filters, joins, sums, sorts, ranks and writes the decimals itself.
// Throws pel::Error with SQLite's own words if it cannot answer.
std::string sqlite_reports(const Tables& tables);
std::string sqlite_groups(const Plan& plan);

std::string sqlite_version();

}  // namespace pel::apps::analytics
