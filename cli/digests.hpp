// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pel::cli {

// One line of docs/digests.txt.
struct Digest {
  std::string name;
  std::uint64_t size = 0;
  std::uint64_t seed = 0;
  std::string sha256;  // 64 hexadecimal digits
};

// Reads the format of docs/digests.txt: "NAME SIZE SEED SHA256" a line, '#' begins a comment.
// Throws pel::Error("docs/digests.txt:LINE", ...) on anything else.
std::vector<Digest> parse_digests(std::string_view text);

// The published digest, as docs/digests.txt had it when the program was built; nothing if none is.
std::optional<std::string> published_digest(std::string_view name, std::uint64_t size,
                                            std::uint64_t seed);

}  // namespace pel::cli
