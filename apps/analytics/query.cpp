// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/query.hpp"

#include <charconv>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "apps/analytics/report.hpp"
#include "pel/error.hpp"

namespace pel::apps::analytics {
namespace {

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  for (;;) {
    const std::size_t comma = text.find(',');
    names.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return names;
    text.remove_prefix(comma + 1);
  }
}

bool has_column(const Table& table, std::string_view name) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [&](const Column& c) { return c.name == name; });
}

// The column in the first table, else in the second.
ColumnAt find_column(const Plan& plan, std::string_view name) {
  if (plan.tables[1] != nullptr && !has_column(*plan.tables[0], name) &&
      has_column(*plan.tables[1], name)) {
    return {&plan.tables[1]->columns[plan.tables[1]->column(name)], 1};
  }
  return {&plan.tables[0]->columns[plan.tables[0]->column(name)], 0};
}

void choose_join(const Settings& settings, Plan& plan) {
  if (plan.tables[1] == nullptr) {
    if (!settings.join.empty()) throw Error("join=" + settings.join, "needs a second CSV file");
    return;
  }
  std::string name = settings.join;
  for (const Column& column : plan.tables[0]->columns) {
    if (name.empty() && has_column(*plan.tables[1], column.name)) name = column.name;
  }
  if (name.empty()) {
    throw Error(plan.tables[1]->name, "shares no column name with " + plan.tables[0]->name,
                "a join needs one in both headers");
  }
  for (int side = 0; side < 2; ++side) {
    plan.keys[side] = &plan.tables[side]->columns[plan.tables[side]->column(name)];
  }
  if (plan.keys[0]->type != plan.keys[1]->type) {
    throw Error("join=" + name, "a number in one file, text in the other");
  }
}

Condition read_condition(const Plan& plan, const std::string& text) {
  const std::size_t at = text.find_first_of("=!<>");
  const std::string place = "where=" + text;
  if (at == std::string::npos || at == 0) {
    throw Error(place, "no comparison", "write where=COLUMN<op>VALUE, op one of = != < <= > >=");
  }
  std::size_t length = at + 1 < text.size() && text[at + 1] == '=' ? 2 : 1;
  Condition condition;
  const std::string_view op = std::string_view(text).substr(at, length);
  const auto known = std::find(std::begin(kCompareTexts), std::end(kCompareTexts), op);
  if (known == std::end(kCompareTexts))
    throw Error(place, "'" + std::string(op) + "' is no comparison");
  condition.compare = static_cast<Compare>(known - std::begin(kCompareTexts));
  condition.at = find_column(plan, std::string_view(text).substr(0, at));
  condition.text = text.substr(at + length);
  const Column& column = *condition.at.column;
  if (column.type == ColumnType::kNumber) {
    int places = 0;
    if (!detail::parse_number(condition.text, condition.number, places) || places > column.places ||
        !detail::scale_up(condition.number, column.places - places)) {
      throw Error(place, "'" + condition.text + "' is no number with at most " +
                             std::to_string(column.places) + " decimals, as the column has");
    }
    return condition;
  }
  for (const std::string& word : column.words) {
    condition.holds.push_back(
        detail::holds({{}, condition.compare, 0, {}, {}}, word.compare(condition.text)));
  }
  return condition;
}

void choose_sums(const Settings& settings, Plan& plan) {
  for (const std::string& name : settings.sums) {
    plan.sums.push_back(find_column(plan, name));
    if (plan.sums.back().column->type != ColumnType::kNumber) {
      throw Error("sum=" + name, "is a text column");
    }
  }
  if (!settings.sums.empty()) return;
  for (unsigned side = 0; side < 2 && plan.tables[side] != nullptr; ++side) {
    for (const Column& column : plan.tables[side]->columns) {
      const bool key = &column == plan.keys[0] || &column == plan.keys[1];
      if (column.type == ColumnType::kNumber && !key && &column != plan.group.column) {
        plan.sums.push_back({&column, side});
      }
    }
  }
}

void choose_sort(const Settings& settings, Plan& plan) {
  plan.sort = plan.sums.empty() ? -1 : 0;
  if (settings.sort.empty()) return;
  if (settings.sort == "group" || settings.sort == "rows") {
    plan.sort = settings.sort == "group" ? -2 : -1;
    return;
  }
  for (std::size_t m = 0; m < plan.sums.size(); ++m) {
    if (plan.sums[m].column->name == settings.sort) {
      plan.sort = static_cast<int>(m);
      return;
    }
  }
  throw Error("sort=" + settings.sort, "is neither group, rows nor an aggregated column");
}

}  // namespace

Settings read_settings(const std::vector<std::pair<std::string, std::string>>& settings) {
  Settings result;
  for (const auto& [name, value] : settings) {
    const std::string place = name + "=" + value;
    if (value.empty()) throw Error(place, "a setting without a value");
    if (name == "join") {
      result.join = value;
    } else if (name == "group") {
      result.group = value;
    } else if (name == "sort") {
      result.sort = value;
    } else if (name == "where") {
      result.where.push_back(value);
    } else if (name == "sum") {
      result.sums = split_names(value);
    } else if (name == "top") {
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), result.top);
      if (error != std::errc() || end != value.data() + value.size() || result.top == 0) {
        throw Error(place, "is no number of groups");
      }
    } else {
      throw Error(place, "analytics has no such setting",
                  "it knows join, where, group, sum, sort and top");
    }
  }
  return result;
}

Plan make_plan(const Settings& settings, const Table& first, const Table* second) {
  Plan plan;
  plan.tables[0] = &first;
  plan.tables[1] = second;
  plan.top = settings.top;
  choose_join(settings, plan);
  if (!settings.group.empty()) {
    plan.group = find_column(plan, settings.group);
  } else {
    const auto text = std::find_if(first.columns.begin(), first.columns.end(),
                                   [](const Column& c) { return c.type == ColumnType::kText; });
    plan.group = {text == first.columns.end() ? &first.columns[0] : &*text, 0};
  }
  choose_sums(settings, plan);
  for (const std::string& text : settings.where) plan.where.push_back(read_condition(plan, text));
  choose_sort(settings, plan);
  return plan;
}

bool Aggregate::add(std::int64_t value) {
  least = count == 0 ? value : std::min(least, value);
  most = count == 0 ? value : std::max(most, value);
  ++count;
  return !__builtin_add_overflow(sum, value, &sum) && sum <= kMaxSum && sum >= -kMaxSum;
}

std::string group_text(const Plan& plan, std::int64_t key) {
  const Column& column = *plan.group.column;
  if (column.type == ColumnType::kText) return column.words[static_cast<std::size_t>(key)];
  return key == kMissing ? std::string() : fixed_point(key, column.places);
}

std::string format_groups(const Plan& plan, std::vector<GroupLine> lines) {
  const bool by_text = plan.group.column->type == ColumnType::kText;
  const auto weight = [&](const GroupLine& line) {
    if (plan.sort == -2) return std::int64_t{0};
    return plan.sort == -1 ? line.rows : line.sums[static_cast<std::size_t>(plan.sort)].sum;
  };
  const auto before = [&](const GroupLine& a, const GroupLine& b) {
    if (weight(a) != weight(b)) return weight(a) > weight(b);
    if (!by_text) return a.key < b.key;
    const auto& words = plan.group.column->words;
    return words[static_cast<std::size_t>(a.key)] < words[static_cast<std::size_t>(b.key)];
  };
  const std::size_t top = std::min(plan.top, lines.size());
  std::partial_sort(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(top), lines.end(),
                    before);
  std::string out = csv_field(plan.group.column->name) + ",rows";
  for (const ColumnAt& at : plan.sums) {
    for (const char* what : {"sum_", "min_", "max_", "average_"}) {
      out += ',';
      out += csv_field(what + at.column->name);
    }
  }
  out += '\n';
  for (std::size_t i = 0; i < top; ++i) {
    out += csv_field(group_text(plan, lines[i].key)) + ',' + std::to_string(lines[i].rows);
    for (std::size_t m = 0; m < plan.sums.size(); ++m) {
      const Aggregate& a = lines[i].sums[m];
      const int places = plan.sums[m].column->places;
      if (a.count == 0) {
        out += ",,,,";
        continue;
      }
      for (const std::int64_t value : {a.sum, a.least, a.most}) {
        out += ',' + fixed_point(value, places);
      }
      out += ',' + fixed_point(rounded_average(a.sum * 100, a.count), places + 2);
    }
    out += '\n';
  }
  return out;
}

namespace detail {

bool holds(const Condition& condition, std::int64_t value) {
  if (!condition.holds.empty()) return condition.holds[static_cast<std::size_t>(value)] != 0;
  if (value == kMissing && condition.at.column != nullptr) return false;
  switch (condition.compare) {
    case Compare::kEqual:
      return value == condition.number;
    case Compare::kDiffers:
      return value != condition.number;
    case Compare::kLess:
      return value < condition.number;
    case Compare::kAtMost:
      return value <= condition.number;
    case Compare::kMore:
      return value > condition.number;
    case Compare::kAtLeast:
      return value >= condition.number;
  }
  return false;
}

void sum_too_large(const Plan& plan, std::size_t measure) {
  const ColumnAt& at = plan.sums[measure];
  throw Error(plan.tables[at.side]->name,
              "a sum of column " + at.column->name + " has more than 16 digits");
}

JoinKeys join_keys(const Plan& plan) {
  constexpr std::uint64_t kNoPartner = ~std::uint64_t{0};
  const Column& left = *plan.keys[0];
  const Column& right = *plan.keys[1];
  JoinKeys keys;
  keys.left.resize(left.values.size());
  keys.right.resize(right.values.size());
  for (std::size_t i = 0; i < right.values.size(); ++i) {
    keys.right[i] = static_cast<std::uint64_t>(right.values[i]);
  }
  if (left.type == ColumnType::kText) {
    std::unordered_map<std::string_view, std::uint64_t> codes;
    for (std::size_t w = 0; w < right.words.size(); ++w) codes.emplace(right.words[w], w);
    std::vector<std::uint64_t> code_of;
    for (const std::string& word : left.words) {
      const auto it = codes.find(word);
      code_of.push_back(it == codes.end() ? kNoPartner : it->second);
    }
    for (std::size_t i = 0; i < keys.left.size(); ++i) {
      keys.left[i] = code_of[static_cast<std::size_t>(left.values[i])];
    }
    return keys;
  }
  // Numbers meet in the smaller number of places; one that has digits beyond it has no partner.
  // A missing key has none either.
  std::int64_t finer[2] = {1, 1};
  const int places = std::min(left.places, right.places);
  for (int p = places; p < left.places; ++p) finer[0] *= 10;
  for (int p = places; p < right.places; ++p) finer[1] *= 10;
  const auto brought = [](std::int64_t value, std::int64_t by, std::uint64_t otherwise) {
    const bool none = value == kMissing || value % by != 0;
    return none ? otherwise : static_cast<std::uint64_t>(value / by);
  };
  // ~0 is the key -1; what has no partner gets numbers that no 18-digit value has, one a side.
  constexpr std::uint64_t kLeftNone = std::uint64_t{1} << 63, kRightNone = kLeftNone + 1;
  for (std::size_t i = 0; i < keys.left.size(); ++i) {
    keys.left[i] = brought(left.values[i], finer[0], kLeftNone);
  }
  for (std::size_t i = 0; i < keys.right.size(); ++i) {
    keys.right[i] = brought(right.values[i], finer[1], kRightNone);
  }
  return keys;
}

}  // namespace detail
}  // namespace pel::apps::analytics
