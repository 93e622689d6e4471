// SPDX-License-Identifier: Apache-2.0
#include "runtime/main/verify_recorder.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "base/sha256.hpp"
#include "pel/detail/base/check.hpp"
#include "pel/main.hpp"

namespace pel {
namespace runtime {
namespace {

std::atomic<VerifyRecorder*> recorder{nullptr};

std::uint64_t first_word(base::Sha256& hash) {
  const base::Sha256Digest digest = hash.finish();
  std::uint64_t word = 0;
  std::memcpy(&word, digest.data(), sizeof word);
  return word;
}

}  // namespace

// A call under way; LoopCall::id holds its address.
struct VerifyRecorder::Call {
  std::uint32_t site;
  base::Sha256 hash;
};

VerifyRecorder::VerifyRecorder(const VerifyPlan& plan) : plan_(plan) {
  PEL_CHECK(recorder.exchange(this) == nullptr);
  detail::loop_observer.store(this);
}

VerifyRecorder::~VerifyRecorder() {
  detail::loop_observer.store(nullptr);
  recorder.store(nullptr);
}

VerifyRecorder* VerifyRecorder::installed() noexcept {
  return recorder.load(std::memory_order_acquire);
}

std::uint32_t VerifyRecorder::site_of(const char* algorithm, const std::source_location& where) {
  const auto [entry, fresh] =
      numbers_.try_emplace(Key(where.file_name(), where.line(), where.column(), algorithm),
                           static_cast<std::uint32_t>(report_.sites.size()));
  if (fresh) {
    report_.sites.push_back({where.file_name(), where.line(), where.column(), algorithm});
    report_.sums.emplace_back();
    const auto& allowed = plan_.parallel;
    may_be_parallel_.push_back(!plan_.limited || std::find(allowed.begin(), allowed.end(),
                                                           report_.sites.back()) != allowed.end());
  }
  return entry->second;
}

bool VerifyRecorder::loop_begin(detail::LoopCall& call) noexcept {
  const std::lock_guard lock(mutex_);
  const std::uint32_t site = site_of(call.algorithm, call.where);
  call.id = reinterpret_cast<std::uintptr_t>(new Call{site, {}});
  return may_be_parallel_[site];
}

void VerifyRecorder::loop_data(const detail::LoopCall& call, const void* data,
                               std::size_t bytes) noexcept {
  reinterpret_cast<Call*>(call.id)->hash.update(data, bytes);
}

void VerifyRecorder::loop_end(const detail::LoopCall& call, bool failed) noexcept {
  Call* const state = reinterpret_cast<Call*>(call.id);
  // What a failed call had produced by then depends on the schedule; that it failed does not.
  const std::uint64_t digest = failed ? 0 : first_word(state->hash);
  const std::lock_guard lock(mutex_);
  add({state->site, call.size, digest});
  delete state;
}

void VerifyRecorder::watch(const void* data, std::size_t bytes, const std::source_location& where) {
  base::Sha256 hash;
  hash.update(data, bytes);
  const std::uint64_t digest = first_word(hash);
  const std::lock_guard lock(mutex_);
  add({site_of("watch", where), bytes, digest});
}

void VerifyRecorder::add(const VerifyRecord& record) {
  VerifyReport::Sum& sum = report_.sums[record.site];
  ++sum.calls;
  // Mixed before it is added, so that equal digests of different sizes do not cancel out.
  std::uint64_t mixed = record.digest ^ (record.size * 0x9E3779B97F4A7C15u);
  mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93u;
  sum.digest += mixed ^ (mixed >> 32);
  if (report_.records.size() < VerifyReport::kMaxRecords) report_.records.push_back(record);
}

}  // namespace runtime

void watch_bytes(const void* data, std::size_t bytes, std::source_location where) {
  runtime::VerifyRecorder* const recorder = runtime::VerifyRecorder::installed();
  if (recorder != nullptr) [[unlikely]]
    recorder->watch(data, bytes, where);
}

}  // namespace pel
