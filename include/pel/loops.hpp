// SPDX-License-Identifier: Apache-2.0
#pragma once

// Data-parallel loops whose results have the same bits for any number of workers and any schedule.
// Each header below is one family, with its functions and what they promise.

#include "pel/detail/loops/for_each.hpp"
#include "pel/detail/loops/reduce.hpp"
#include "pel/detail/loops/scan.hpp"
#include "pel/detail/loops/sort.hpp"
