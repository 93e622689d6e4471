// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/sqlite.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "apps/analytics/report.hpp"
#include "pel/error.hpp"

namespace pel::apps::analytics {
namespace {

// A table as SQLite is shown it: a column answers with one of sqlite3_result_*.
struct SourceColumn {
  std::string declaration;  // "price INT"
  std::function<void(sqlite3_context*, std::size_t)> answer;
};
struct Source {
  std::string name;
  std::size_t rows = 0;
  std::vector<SourceColumn> columns;
};

struct SourceTable : sqlite3_vtab {
  const Source* source;
};
struct SourceCursor : sqlite3_vtab_cursor {
  const Source* source;
  std::size_t row;
};
SourceCursor& cursor_of(sqlite3_vtab_cursor* cursor) { return *static_cast<SourceCursor*>(cursor); }

int connect(sqlite3* db, void* source, int, const char* const*, sqlite3_vtab** table, char**) {
  std::string sql = "CREATE TABLE x(";
  for (const SourceColumn& column : static_cast<const Source*>(source)->columns) {
    sql += (sql.back() == '(' ? "" : ",") + column.declaration;
  }
  const int status = sqlite3_declare_vtab(db, (sql + ")").c_str());
  if (status != SQLITE_OK) return status;
  auto* made = new SourceTable{};
  made->source = static_cast<const Source*>(source);
  *table = made;
  return SQLITE_OK;
}
int disconnect(sqlite3_vtab* table) {
  delete static_cast<SourceTable*>(table);
  return SQLITE_OK;
}
int best_index(sqlite3_vtab* table, sqlite3_index_info* info) {
  info->estimatedRows = static_cast<sqlite3_int64>(static_cast<SourceTable*>(table)->source->rows);
  info->estimatedCost = static_cast<double>(info->estimatedRows);
  return SQLITE_OK;
}
int open_cursor(sqlite3_vtab* table, sqlite3_vtab_cursor** cursor) {
  auto* made = new SourceCursor{};
  made->source = static_cast<SourceTable*>(table)->source;
  *cursor = made;
  return SQLITE_OK;
}
int close_cursor(sqlite3_vtab_cursor* cursor) {
  delete &cursor_of(cursor);
  return SQLITE_OK;
}
int rewind(sqlite3_vtab_cursor* cursor, int, const char*, int, sqlite3_value**) {
  cursor_of(cursor).row = 0;
  return SQLITE_OK;
}
int advance(sqlite3_vtab_cursor* cursor) {
  ++cursor_of(cursor).row;
  return SQLITE_OK;
}
int at_end(sqlite3_vtab_cursor* cursor) {
  return cursor_of(cursor).row >= cursor_of(cursor).source->rows;
}
int answer(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int column) {
  const SourceCursor& at = cursor_of(cursor);
  at.source->columns[static_cast<std::size_t>(column)].answer(context, at.row);
  return SQLITE_OK;
}
int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = static_cast<sqlite3_int64>(cursor_of(cursor).row);
  return SQLITE_OK;
}

// Without xCreate the table exists by its name alone.
constexpr sqlite3_module make_module() {
  sqlite3_module module{};
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open_cursor;
  module.xClose = close_cursor;
  module.xFilter = rewind;
  module.xNext = advance;
  module.xEof = at_end;
  module.xColumn = answer;
  module.xRowid = row_id;
  return module;
}
constexpr sqlite3_module kModule = make_module();

class Database {
 public:
  Database() {
    require(sqlite3_open_v2(":memory:", &db_,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                            nullptr));
    run("PRAGMA journal_mode=OFF");
    run("PRAGMA temp_store=MEMORY");
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { sqlite3_close(db_); }

  // `source` must outlive the database.
  void show(const Source& source) {
    require(
        sqlite3_create_module(db_, source.name.c_str(), &kModule, const_cast<Source*>(&source)));
  }
  void run(const std::string& sql) {
    require(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr));
  }
  // Calls row(statement) for each row.
  template <class Row>
  void query(const std::string& sql, Row&& row) {
    sqlite3_stmt* statement = nullptr;
    require(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr));
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owner(statement, sqlite3_finalize);
    int status = sqlite3_step(statement);
    for (; status == SQLITE_ROW; status = sqlite3_step(statement)) row(statement);
    if (status != SQLITE_DONE) require(status);
  }

 private:
  void require(int status) {
    if (status != SQLITE_OK) throw Error("SQLite", sqlite3_errmsg(db_));
  }
  sqlite3* db_ = nullptr;
};

std::string text_at(sqlite3_stmt* statement, int column) {
  const auto* text = sqlite3_column_text(statement, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

template <class T>
SourceColumn integers(const std::string& name, const std::vector<T>& values) {
  return {name + " INT", [&values](sqlite3_context* context, std::size_t row) {
            sqlite3_result_int64(context, static_cast<sqlite3_int64>(values[row]));
          }};
}
void answer_text(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

std::vector<Source> sources_of(const Tables& tables) {
  const Customers& customers = tables.customers;
  const Orders& orders = tables.orders;
  const LineItems& items = tables.items;
  const auto letter = [](const std::string& name, const std::vector<std::uint8_t>& values) {
    return SourceColumn{name + " TEXT", [&values](sqlite3_context* context, std::size_t row) {
                          answer_text(context, {reinterpret_cast<const char*>(&values[row]), 1});
                        }};
  };
  const auto word = [](const std::string& name, const std::vector<std::uint8_t>& values,
                       const std::string_view* words) {
    return SourceColumn{name + " TEXT",
                        [&values, words](sqlite3_context* context, std::size_t row) {
                          answer_text(context, words[values[row]]);
                        }};
  };
  return {{"customers",
           customers.size(),
           {word("segment", customers.segment, kSegments.data()),
            word("nation", customers.nation, kNations.data())}},
          {"orders",
           orders.size(),
           {integers("key", orders.key), integers("customer", orders.customer),
            integers("day", orders.date)}},
          {"items",
           items.size(),
           {integers("order_key", items.order), integers("price", items.price),
            integers("day", items.ship_date), integers("quantity", items.quantity),
            integers("discount", items.discount), letter("flag", items.flag),
            letter("status", items.status)}}};
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

Source source_of(const Table& table, const std::string& name) {
  Source source{name, table.rows, {}};
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
  const std::string sums = kSums, date = kDate;
  const std::string queries[] = {
      report_sql("pricing",
                 "SELECT flag a, status b, " + sums + " FROM items WHERE day <= " +
                     std::to_string(day_of(1998, 9, 2)) + " GROUP BY flag, status",
                 "a, b"),
      report_sql("shipping",
                 "SELECT a, " + date + " b, n, q, g, net FROM (SELECT o.key a, o.day day, " + sums +
                     " FROM items i CROSS JOIN o ON o.key = i.order_key "
                     "CROSS JOIN c ON c.key = o.customer WHERE i.day > " +
                     std::to_string(day_of(1995, 3, 15)) + " AND o.day < " +
                     std::to_string(day_of(1995, 3, 15)) +
                     " AND segment = 'BUILDING' GROUP BY o.key ORDER BY net DESC, o.day, o.key "
                     "LIMIT 10)",
                 "net DESC, b, a"),
      report_sql("returns",
                 "SELECT printf('Customer#%09d', c.key) a, nation b, " + sums +
                     " FROM items i CROSS JOIN o ON o.key = i.order_key "
                     "CROSS JOIN c ON c.key = o.customer WHERE flag = 'R' AND o.day >= " +
                     std::to_string(day_of(1993, 10, 1)) + " AND o.day < " +
                     std::to_string(day_of(1994, 1, 1)) +
                     " GROUP BY c.key ORDER BY net DESC, c.key LIMIT 20",
                 "net DESC, a"),
      report_sql("nations",
                 "SELECT nation a, strftime('%Y', " + date +
                     ") b, sum(n) n, sum(q) q, sum(g) g, "
                     "sum(net) net FROM (SELECT nation, o.day day, " +
                     sums +
                     " FROM items i CROSS JOIN o ON o.key = i.order_key CROSS JOIN c ON c.key = "
                     "o.customer GROUP BY nation, o.day) GROUP BY a, b",
                 "a, b DESC")};
  std::string out = "report,rank,key,detail,rows,quantity,gross,net,average_net\n";
  for (const std::string& sql : queries) {
    db.query(sql, [&](sqlite3_stmt* row) {
      for (int c = 0; c < 9; ++c) {
        if (c > 0) out += ',';
        out += text_at(row, c);
      }
      out += '\n';
    });
  }
  return out;
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
