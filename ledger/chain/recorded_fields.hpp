// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "ledger/state/fields.hpp"
#include "ledger/state/journal.hpp"

namespace pel::ledger {

// Fields for transactions that run one after the other, and a record of who needed whom: the
// dependencies that change a value. A read depends on whoever gave the field its value: the last
// write and the additions since. A question depends on those who gave it its answer. Writes and
// additions depend on nobody.
class RecordedFields final : public FieldAccess {
 public:
  explicit RecordedFields(const Journal& base) : base_(base) {}

  void begin(std::uint32_t transaction) {
    now_ = transaction;
    pending_.clear();
    needs_.clear();
  }
  // The transactions that this one depends on, ascending; its changes count from now on.
  std::vector<std::uint32_t> commit();

  FieldValue read(const FieldKey& key) override;
  bool at_least(const FieldKey& key, const U256& threshold) override;
  void write(const FieldKey& key, const FieldValue& value) override {
    pending_.push_back({key, value, false});
  }
  void add(const FieldKey& key, const U256& amount) override {
    pending_.push_back({key, {amount, 0}, true});
  }

  // Calls f(key, value) for every field that a transaction wrote.
  template <class F>
  void for_each(F&& f) const {
    for (const auto& [key, history] : fields_)
      if (!history.empty()) f(key, history.back().value);
  }

 private:
  struct Step {
    std::uint32_t transaction = 0;
    bool sum = false;  // by addition
    FieldValue value;  // afterwards
  };
  using History = std::vector<Step>;

  // The steps that made the value at `end` what it is.
  void depend(const History& history, std::size_t end);

  const Journal& base_;
  std::uint32_t now_ = 0;
  FlatMap<FieldKey, History> fields_;
  std::vector<FieldChange> pending_;
  std::vector<std::uint32_t> needs_;
};

}  // namespace pel::ledger
