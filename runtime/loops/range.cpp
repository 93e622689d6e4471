// SPDX-License-Identifier: Apache-2.0
#include "pel/detail/loops/range.hpp"

#include <string>

#include "pel/detail/loops/group.hpp"
#include "pel/detail/loops/select.hpp"
#include "pel/error.hpp"

namespace pel::detail {

void output_too_short(const char* algorithm, std::size_t room, std::size_t needed) {
  throw Error(std::string("pel::") + algorithm,
              "the output has room for " + std::to_string(room) + " elements, " +
                  std::to_string(needed) + " are to be written",
              "resize it before the call");
}

void require_equal_sizes(const char* algorithm, std::size_t a, std::size_t b) {
  if (a == b) return;
  throw Error(std::string("pel::") + algorithm,
              "the inputs have " + std::to_string(a) + " and " + std::to_string(b) + " elements",
              "pass ranges of one length");
}

void bin_out_of_range(std::size_t index, std::size_t bin, std::size_t bins) {
  throw Error("pel::histogram",
              "element " + std::to_string(index) + " has bin " + std::to_string(bin) + " of " +
                  std::to_string(bins),
              "map every element below the number of bins");
}

void position_out_of_range(const char* algorithm, std::size_t k, std::size_t n) {
  throw Error(std::string("pel::") + algorithm,
              "position " + std::to_string(k) + " of " + std::to_string(n) + " elements",
              "pass a position below the length");
}

}  // namespace pel::detail
