// SPDX-License-Identifier: Apache-2.0
#include "pel/detail/loops/range.hpp"

#include <string>

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

}  // namespace pel::detail
