// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace pel::base {

using Sha256Digest = std::array<std::uint8_t, 32>;

// SHA-256 (FIPS 180-4), incremental. Uses the CPU's SHA instructions where it has them; the digest
// is the same either way. Not thread-safe; about 2 GB/s with, 0.4 GB/s without the instructions.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::uint8_t> bytes);
  void update(const void* data, std::size_t size);
  Sha256Digest finish();  // once; the object is then used up

 private:
  std::array<std::uint32_t, 8> state_;
  std::array<std::uint8_t, 64> buffer_{};
  std::size_t buffered_ = 0;
  std::uint64_t total_ = 0;
};

Sha256Digest sha256(std::span<const std::uint8_t> bytes);

// The digest as 64 hexadecimal digits.
std::string sha256_hex(std::span<const std::uint8_t> bytes);

}  // namespace pel::base
