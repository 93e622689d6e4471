// SPDX-License-Identifier: Apache-2.0
#include "ledger/chain/recorded_fields.hpp"

#include <algorithm>

namespace pel::ledger {

std::vector<std::uint32_t> RecordedFields::commit() {
  for (const FieldChange& change : pending_) {
    History& history = fields_[change.key];
    const FieldValue before = history.empty() ? base_.field(change.key) : history.back().value;
    FieldValue after = change.value;
    if (change.sum) after.word = before.word + change.value.word;
    if (!(after == before)) history.push_back({now_, change.sum, after});
  }
  std::sort(needs_.begin(), needs_.end());
  needs_.erase(std::unique(needs_.begin(), needs_.end()), needs_.end());
  return std::move(needs_);
}

void RecordedFields::depend(const History& history, std::size_t end) {
  while (end != 0) {
    const Step& step = history[--end];
    needs_.push_back(step.transaction);
    if (!step.sum) return;
  }
}

FieldValue RecordedFields::read(const FieldKey& key) {
  const History* history = fields_.find(key);
  if (history == nullptr || history->empty()) return base_.field(key);
  depend(*history, history->size());
  return history->back().value;
}

bool RecordedFields::at_least(const FieldKey& key, const U256& threshold) {
  const FieldValue base = base_.field(key);
  const History* history = fields_.find(key);
  if (history == nullptr || history->empty()) return base.word >= threshold;
  const bool answer = history->back().value.word >= threshold;
  std::size_t end = history->size();
  while (end > 1 && ((*history)[end - 2].value.word >= threshold) == answer) --end;
  if (end > 1 || (base.word >= threshold) != answer) depend(*history, end);
  return answer;
}

}  // namespace pel::ledger
