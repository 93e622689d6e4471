// SPDX-License-Identifier: Apache-2.0
#include "ledger/primitives/keccak.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/cpu.hpp"
#include "ledger/primitives/keccak_kernels.hpp"
#include "pel/detail/base/check.hpp"

namespace pel::ledger {

namespace {

constexpr std::size_t kRate = 136;
constexpr std::size_t kRateWords = kRate / 8;
constexpr int kMaxLanes = 8;

const detail::KeccakKernels* kernels_for(int lanes) noexcept {
#if defined(__x86_64__)  // elsewhere there are no such kernels
  if (lanes >= 8 && base::cpu_features().v4) return &detail::kKeccakV4;
  if (lanes >= 4 && base::cpu_features().v3) return &detail::kKeccakV3;
#endif
  return &detail::kKeccakV1;
}

// A constant of the process: which instructions the CPU has.
const detail::KeccakKernels& kernels() noexcept {
  static const detail::KeccakKernels* const best = kernels_for(kMaxLanes);
  return *best;
}
void permute(std::uint64_t* state) noexcept {
  static const auto one = kernels().one;
  one(state);
}

void absorb(std::uint64_t* state, const std::uint8_t* block) noexcept {
  for (std::size_t i = 0; i < kRateWords; ++i) state[i] ^= detail::load_word(block + 8 * i);
}

// Copies the last, incomplete block and pads it: 0x01, zeros, 0x80 in the last byte.
void pad(const std::uint8_t* data, std::size_t size, std::uint8_t* block) noexcept {
  if (size != 0) std::memcpy(block, data, size);
  std::memset(block + size, 0, kRate - size);
  block[size] = 0x01;
  block[kRate - 1] |= 0x80;
}

Hash256 digest(const std::uint64_t* state) noexcept {
  Hash256 hash;
  std::memcpy(hash.bytes.data(), state, hash.bytes.size());
  return hash;
}

// A lane of the multi-state loop: a message and how much of it has been absorbed.
struct Lane {
  BytesView left;
  std::size_t target = 0;
  bool busy = false;
};

// Hashes messages[...] with kernels.lanes states. A lane that ends takes the next message at once,
// so lengths may differ.
class LaneRunner {
 public:
  LaneRunner(const detail::KeccakKernels& k, std::span<const BytesView> in, std::span<Hash256> out)
      : kernels_(k), width_(static_cast<std::size_t>(k.lanes)), in_(in), out_(out) {}

  void run() {
    for (std::size_t lane = 0; lane < width_; ++lane) take(lane);
    while (busy_ > 0) {
      bool last[kMaxLanes] = {};
      for (std::size_t lane = 0; lane < width_; ++lane) last[lane] = feed(lane);
      kernels_.many(states_);
      for (std::size_t lane = 0; lane < width_; ++lane) {
        if (last[lane]) finish(lane);
      }
    }
  }

 private:
  void take(std::size_t lane) {
    lanes_[lane].busy = next_ < in_.size();
    if (!lanes_[lane].busy) return;
    for (std::size_t i = 0; i < 25; ++i) states_[i * width_ + lane] = 0;
    lanes_[lane].left = in_[next_];
    lanes_[lane].target = next_++;
    ++busy_;
  }
  // Absorbs the next block of a lane; true if it was the padded one.
  bool feed(std::size_t lane) {
    Lane& l = lanes_[lane];
    if (!l.busy) return false;
    std::uint8_t padded[kRate];
    const std::uint8_t* block = l.left.data();
    const bool last = l.left.size() < kRate;
    if (last) {
      pad(l.left.data(), l.left.size(), padded);
      block = padded;
    } else {
      l.left = l.left.subspan(kRate);
    }
    for (std::size_t i = 0; i < kRateWords; ++i) {
      states_[i * width_ + lane] ^= detail::load_word(block + 8 * i);
    }
    return last;
  }
  void finish(std::size_t lane) {
    std::uint64_t words[4];
    for (std::size_t i = 0; i < 4; ++i) words[i] = states_[i * width_ + lane];
    out_[lanes_[lane].target] = digest(words);
    --busy_;
    take(lane);
  }

  const detail::KeccakKernels& kernels_;
  std::size_t width_;
  std::span<const BytesView> in_;
  std::span<Hash256> out_;
  std::size_t next_ = 0;
  std::size_t busy_ = 0;
  Lane lanes_[kMaxLanes];
  alignas(64) std::uint64_t states_[25 * kMaxLanes] = {};
};

void one_by_one(std::span<const BytesView> messages, std::span<Hash256> out) noexcept {
  for (std::size_t i = 0; i < messages.size(); ++i) out[i] = keccak256(messages[i]);
}

}  // namespace

void keccak_f1600(std::uint64_t state[25], int lanes) noexcept { kernels_for(lanes)->one(state); }

Hash256 keccak256(BytesView data) noexcept {
  std::uint64_t state[25] = {};
  const std::uint8_t* p = data.data();
  std::size_t left = data.size();
  for (; left >= kRate; left -= kRate, p += kRate) {
    absorb(state, p);
    permute(state);
  }
  std::uint8_t block[kRate];
  pad(p, left, block);
  absorb(state, block);
  permute(state);
  return digest(state);
}

int keccak_lanes() noexcept { return kernels().lanes; }

void keccak256_many(std::span<const BytesView> messages, std::span<Hash256> out) {
  keccak256_many(messages, out, kMaxLanes);
}

void keccak256_many(std::span<const BytesView> messages, std::span<Hash256> out, int lanes) {
  PEL_CHECK(out.size() >= messages.size());
  const detail::KeccakKernels& k = lanes >= kMaxLanes ? kernels() : *kernels_for(lanes);
  if (k.many == nullptr || messages.size() < 2) {
    one_by_one(messages, out);
  } else {
    LaneRunner(k, messages, out).run();
  }
}

void Keccak256::update(BytesView data) noexcept {
  const std::uint8_t* p = data.data();
  std::size_t left = data.size();
  if (used_ > 0) {
    const std::size_t take = std::min(left, kRate - used_);
    if (take != 0) std::memcpy(buffer_ + used_, p, take);
    used_ += take;
    p += take;
    left -= take;
    if (used_ < kRate) return;
    absorb(state_, buffer_);
    permute(state_);
    used_ = 0;
  }
  for (; left >= kRate; left -= kRate, p += kRate) {
    absorb(state_, p);
    permute(state_);
  }
  if (left != 0) std::memcpy(buffer_, p, left);
  used_ = left;
}

Hash256 Keccak256::finish() noexcept {
  std::uint8_t block[kRate];
  pad(buffer_, used_, block);
  absorb(state_, block);
  permute(state_);
  const Hash256 hash = digest(state_);
  *this = Keccak256{};
  return hash;
}

}  // namespace pel::ledger
