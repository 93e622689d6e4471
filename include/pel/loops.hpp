// SPDX-License-Identifier: Apache-2.0
#pragma once

// Data-parallel loops whose results have the same bits for any number of workers and any schedule.
//
//   for_each, transform, generate, tiles             detail/loops/for_each.hpp, tiles.hpp
//   reduce, transform_reduce, dot                    reduce.hpp; modes tree (default), left_fold
//   reduce, transform_reduce, dot (exact)            exact.hpp
//   inclusive_scan, exclusive_scan                   scan.hpp
//   sort, stable_sort                                sort.hpp
//   top_k, nth_element, merge                        select.hpp
//   filter, partition, unique                        filter.hpp
//   find, find_if, any_of, all_of, none_of, equal,
//   count, count_if                                  search.hpp
//   min_element, max_element, minmax_element         minmax.hpp
//   group_by, reduce_by_key, histogram               group.hpp
//   hash_join                                        join.hpp
//   shuffle, sample                                  shuffle.hpp
//   scratch                                          scratch.hpp
//   pipeline                                         pipeline.hpp
//
// Common to all: ranges are anything with random-access iterators; loops may be called from any
// thread and inside loops and tasks, and split as far as it pays, without a grain size to choose;
// functions passed in are called from several threads at once and share no mutable data but what
// pel gives them; the error of the smallest index wins and later iterations are stopped; a loop
// ends early with an error when its task is cancelled. Shapes of results: docs/design/loops.md.

#include "pel/detail/loops/exact.hpp"
#include "pel/detail/loops/filter.hpp"
#include "pel/detail/loops/for_each.hpp"
#include "pel/detail/loops/group.hpp"
#include "pel/detail/loops/join.hpp"
#include "pel/detail/loops/minmax.hpp"
#include "pel/detail/loops/pipeline.hpp"
#include "pel/detail/loops/reduce.hpp"
#include "pel/detail/loops/scan.hpp"
#include "pel/detail/loops/scratch.hpp"
#include "pel/detail/loops/search.hpp"
#include "pel/detail/loops/select.hpp"
#include "pel/detail/loops/shuffle.hpp"
#include "pel/detail/loops/sort.hpp"
