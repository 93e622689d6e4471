// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/sqlite.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "apps/analytics/analytics.hpp"
#include "apps/analytics/sqlite_database.hpp"

namespace pel::apps::analytics {
namespace {

template <class T>
SourceColumn integers(const std::string& name, const Array<T>& values) {
  return {name + " INT", [&values](sqlite3_context* context, std::size_t row) {
            sqlite3_result_int64(context, static_cast<sqlite3_int64>(values[row]));
          }};
}
SourceColumn letters(const std::string& name, const Array<char>& values) {
  return {name + " TEXT", [&values](sqlite3_context* context, std::size_t row) {
            answer_text(context, {&values[row], 1});
          }};
}
SourceColumn words(const std::string& name, const Array<std::uint8_t>& values,
                   const std::string_view* texts) {
  return {name + " TEXT", [&values, texts](sqlite3_context* context, std::size_t row) {
            answer_text(context, texts[values[row]]);
          }};
}

std::vector<Source> sources_of(const Tables& tables) {
  const Customers& customers = tables.customers;
  const Orders& orders = tables.orders;
  const LineItems& items = tables.items;
  const int by_key = std::is_sorted(items.order.begin(), items.order.end()) ? 0 : -1;
  return {{"customers",
           -1,
           customers.size(),
           {words("segment", customers.segment, kSegments.data()),
            words("nation", customers.nation, kNations.data())}},
          {"orders",
           -1,
           orders.size(),
           {integers("key", orders.key), integers("customer", orders.customer),
            integers("day", orders.date)}},
          {"items",
           by_key,
           items.size(),
           {integers("order_key", items.order), integers("part", items.part),
            integers("price", items.price), integers("day", items.ship_date),
            integers("received", items.receipt_date), integers("quantity", items.quantity),
            integers("discount", items.discount), letters("flag", items.flag),
            letters("status", items.status), words("mode", items.mode, kModes.data())}}};
}

constexpr const char* kSums =
    "count(*) n, sum(quantity) q, sum(price) g, sum(price * (100 - discount)) net";
constexpr const char* kDate = "date('1992-01-01', '+' || day || ' days')";

std::string report_sql(const std::string& name, const std::string& inner,
                       const std::string& order) {
  return "SELECT '" + name + "', row_number() OVER (ORDER BY " + order +
         ") r, a, b, n, q, printf('%d.%02d', g / 100, g % 100), "
         "printf('%d.%04d', net / 10000, net % 10000), "
         "printf('%d.%04d', (2 * net + n) / (2 * n) / 10000, (2 * net + n) / (2 * n) % 10000) "
         "FROM (" +
         inner + ") ORDER BY r";
}

std::string days(const std::string& column, int year) {
  return column + " >= " + std::to_string(day_of(year, 1, 1)) + " AND " + column + " < " +
         std::to_string(day_of(year + 1, 1, 1));
}

// One query a report, in the order of the result; each the plainest way to ask.
std::vector<std::string> join_queries() {
  const std::string sums = kSums, date = kDate;
  const std::string joined =
      " FROM items i CROSS JOIN o ON o.key = i.order_key CROSS JOIN c ON c.key = o.customer";
  return {report_sql("pricing",
                     "SELECT flag a, status b, " + sums + " FROM items WHERE day <= " +
                         std::to_string(day_of(1998, 9, 2)) + " GROUP BY flag, status",
                     "a, b"),
          report_sql("shipping",
                     "SELECT a, " + date + " b, n, q, g, net FROM (SELECT o.key a, o.day day, " +
                         sums + joined + " WHERE i.day > " + std::to_string(day_of(1995, 3, 15)) +
                         " AND o.day < " + std::to_string(day_of(1995, 3, 15)) +
                         " AND segment = 'BUILDING' GROUP BY o.key ORDER BY net DESC, o.day, o.key "
                         "LIMIT 10)",
                     "net DESC, b, a"),
          report_sql("returns",
                     "SELECT printf('Customer#%09d', c.key) a, nation b, " + sums + joined +
                         " WHERE flag = 'R' AND o.day >= " + std::to_string(day_of(1993, 10, 1)) +
                         " AND o.day < " + std::to_string(day_of(1994, 1, 1)) +
                         " GROUP BY c.key ORDER BY net DESC, c.key LIMIT 20",
                     "net DESC, a"),
          // Items come sorted by order, so that summing by order first costs SQLite no sort;
          // summing by day next saves it most of the years.
          report_sql("nations",
                     "SELECT nation a, strftime('%Y', " + date +
                         ") b, sum(n) n, sum(q) q, sum(g) g, sum(net) net FROM (SELECT nation, day,"
                         " sum(n) n, sum(q) q, sum(g) g, sum(net) net FROM (SELECT order_key k, " +
                         sums +
                         " FROM items GROUP BY order_key) CROSS JOIN o ON o.key = k CROSS JOIN c "
                         "ON c.key = o.customer GROUP BY nation, day) GROUP BY a, b",
                     "a, b DESC")};
}

std::vector<std::string> report_queries() {
  const std::string sums = kSums;
  std::vector<std::string> queries = join_queries();
  queries.push_back(report_sql("forecast",
                               "SELECT '1994' a, '5 to 7 per cent' b, " + sums +
                                   " FROM items WHERE " + days("day", 1994) +
                                   " AND discount BETWEEN 5 AND 7 AND quantity < 24 "
                                   "HAVING count(*) > 0",
                               "a"));
  queries.push_back(report_sql("modes",
                               "SELECT mode a, '1994' b, " + sums + " FROM items WHERE " +
                                   days("received", 1994) + " GROUP BY mode",
                               "a"));
  queries.push_back(report_sql(
      "bulk",
      "SELECT big.k a, printf('Customer#%09d', o.customer) b, n, q, g, net, o.day d FROM (SELECT "
      "order_key k, " +
          sums +
          " FROM items GROUP BY order_key HAVING q > 250) big CROSS JOIN o ON o.key = big.k "
          "ORDER BY g DESC, d, a LIMIT 20",
      "g DESC, d, a"));
  queries.push_back(report_sql("parts",
                               "SELECT part a, '1996' b, " + sums + " FROM items WHERE " +
                                   days("day", 1996) +
                                   " GROUP BY part ORDER BY net DESC, part LIMIT 10",
                               "net DESC, a"));
  return queries;
}

// SQLite sorts the rows; the ranks asked for are written as they come by.
std::string percentile_lines(Database& db) {
  std::size_t total = 0, at = 0;
  db.query("SELECT count(*) FROM items WHERE flag = 'R'", [&](sqlite3_stmt* row) {
    total = static_cast<std::size_t>(sqlite3_column_int64(row, 0));
  });
  std::string out;
  std::size_t rank = 0;
  db.query(
      "SELECT price * (100 - discount) net, order_key, quantity, price FROM items "
      "WHERE flag = 'R' ORDER BY net, rowid",
      [&](sqlite3_stmt* row) {
        for (; rank < kPercents.size() && (total - 1) * kPercents[rank] / 100 == at; ++rank) {
          const std::string net = fixed_point(sqlite3_column_int64(row, 0), 4);
          out += "percentiles," + std::to_string(rank + 1) + ',';
          out += std::to_string(kPercents[rank]) + " %," + text_at(row, 1) + ",1,";
          out += text_at(row, 2) + ',' + fixed_point(sqlite3_column_int64(row, 3), 2) + ',';
          out += net + ',' + net + '\n';
        }
        ++at;
      });
  return out;
}

Source source_of(const Table& table, const std::string& name) {
  Source source{name, -1, table.rows, {}};
  for (const Column& column : table.columns) {
    const bool text = column.type == ColumnType::kText;
    const std::size_t number = source.columns.size();
    std::string declaration(1, 'c');
    declaration += std::to_string(number);
    declaration += text ? " TEXT" : " INT";
    source.columns.push_back(
        {std::move(declaration), [&column, text](sqlite3_context* context, std::size_t row) {
           const std::int64_t value = column.values[row];
           if (text) {
             answer_text(context, column.words[static_cast<std::size_t>(value)]);
           } else if (value != kMissing) {
             sqlite3_result_int64(context, value);
           }
         }});
  }
  return source;
}

// "a.c3" for column 3 of the first table, "b.c3" of the second.
std::string column_sql(const Plan& plan, const ColumnAt& at) {
  return (at.side == 0 ? "a.c" : "b.c") +
         std::to_string(at.column - plan.tables[at.side]->columns.data());
}

// The second table, copied and indexed by its key, and the FROM clause that joins it.
std::string join_sql(const Plan& plan, Database& db) {
  if (plan.tables[1] == nullptr) return " FROM a";
  const std::string left = column_sql(plan, {plan.keys[0], 0});
  const std::string right = column_sql(plan, {plan.keys[1], 1});
  db.run("CREATE TABLE b AS SELECT * FROM b_rows");
  db.run("CREATE INDEX k ON b(" + right.substr(2) + ")");
  const auto scale = [](int more) {
    return " * 1" + std::string(static_cast<std::size_t>(std::max(0, more)), '0');
  };
  const int more = plan.keys[0]->places - plan.keys[1]->places;
  if (more == 0) return " FROM a CROSS JOIN b ON " + right + " = " + left;
  return " FROM a CROSS JOIN b ON " + right + scale(more) + " = " + left + scale(-more);
}

std::string where_sql(const Plan& plan) {
  std::string sql;
  for (const Condition& condition : plan.where) {
    sql += sql.empty() ? " WHERE " : " AND ";
    sql += column_sql(plan, condition.at);
    sql += kCompareTexts[static_cast<std::size_t>(condition.compare)];
    if (condition.at.column->type == ColumnType::kNumber) {
      sql += std::to_string(condition.number);
      continue;
    }
    sql += '\'';
    for (const char c : condition.text) sql.append(c == '\'' ? 2 : 1, c);
    sql += '\'';
  }
  return sql;
}

// The group's value, its rows, and per measure: count, sum, min, max, average (rounded by SQLite).
std::string groups_sql(const Plan& plan, const std::string& from) {
  std::string sql = "SELECT " + column_sql(plan, plan.group) + " g, count(*) n";
  for (std::size_t m = 0; m < plan.sums.size(); ++m) {
    const std::string value = column_sql(plan, plan.sums[m]);
    const std::string count = "count(" + value + ")", sum = "sum(" + value + ")";
    sql += ", " + count + ", " + sum + " s" + std::to_string(m) + ", min(" + value + "), max(" +
           value + "), (abs(" + sum + ") * 200 + " + count + ") / (2 * " + count +
           ") * (CASE WHEN " + sum + " < 0 THEN -1 ELSE 1 END)";
  }
  sql += from + where_sql(plan) + " GROUP BY g ORDER BY ";
  if (plan.sort == -1) sql += "n DESC, ";
  if (plan.sort >= 0) sql += "ifnull(s" + std::to_string(plan.sort) + ", 0) DESC, ";
  return sql + "g LIMIT " + std::to_string(plan.top);
}

std::string group_line(const Plan& plan, sqlite3_stmt* row) {
  const Column& group = *plan.group.column;
  std::string line;
  if (group.type == ColumnType::kText) {
    line = csv_field(text_at(row, 0));
  } else if (sqlite3_column_type(row, 0) != SQLITE_NULL) {
    line = fixed_point(sqlite3_column_int64(row, 0), group.places);
  }
  line += ',';
  line += text_at(row, 1);
  for (std::size_t m = 0; m < plan.sums.size(); ++m) {
    const int at = 2 + 5 * static_cast<int>(m), places = plan.sums[m].column->places;
    for (int c = 1; c <= 4; ++c) {
      line += ',';
      if (sqlite3_column_int64(row, at) == 0) continue;
      line += fixed_point(sqlite3_column_int64(row, at + c), c == 4 ? places + 2 : places);
    }
  }
  line += '\n';
  return line;
}

}  // namespace

std::string sqlite_version() { return sqlite3_libversion(); }

std::string sqlite_reports(const Tables& tables) {
  const std::vector<Source> sources = sources_of(tables);
  Database db;
  for (const Source& source : sources) db.show(source);
  db.run("CREATE TABLE c(key INTEGER PRIMARY KEY, segment TEXT, nation TEXT)");
  db.run("INSERT INTO c SELECT rowid + 1, segment, nation FROM customers");
  db.run("CREATE TABLE o(key INTEGER PRIMARY KEY, customer INT, day INT)");
  db.run("INSERT INTO o SELECT key, customer, day FROM orders");
  std::string out = "report,rank,key,detail,rows,quantity,gross,net,average_net\n";
  for (const std::string& sql : report_queries()) {
    db.query(sql, [&](sqlite3_stmt* row) {
      for (int c = 0; c < 9; ++c) {
        if (c > 0) out += ',';
        out += text_at(row, c);
      }
      out += '\n';
    });
  }
  return out + percentile_lines(db);
}

std::string sqlite_groups(const Plan& plan) {
  std::vector<Source> sources;
  sources.reserve(2);
  Database db;
  for (unsigned side = 0; side < 2 && plan.tables[side] != nullptr; ++side) {
    sources.push_back(source_of(*plan.tables[side], side == 0 ? "a" : "b_rows"));
    db.show(sources.back());
  }
  std::string out = csv_field(plan.group.column->name) + ",rows";
  for (const ColumnAt& at : plan.sums) {
    for (const char* what : {"sum_", "min_", "max_", "average_"}) {
      out += ',';
      out += csv_field(what + at.column->name);
    }
  }
  out += '\n';
  db.query(groups_sql(plan, join_sql(plan, db)),
           [&](sqlite3_stmt* row) { out += group_line(plan, row); });
  return out;
}

}  // namespace pel::apps::analytics
