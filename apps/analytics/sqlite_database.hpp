// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pel::apps::analytics {

// A table as SQLite is shown it: a column answers with one of sqlite3_result_*.
struct SourceColumn {
  std::string declaration;  // "price INT"
  std::function<void(sqlite3_context*, std::size_t)> answer;
};
struct Source {
  std::string name;
  int sorted_by = -1;  // the column by which the rows ascend, if there is one
  std::size_t rows = 0;
  std::vector<SourceColumn> columns;
};

// A database in memory that is shown tables where they lie: nothing is copied or loaded.
class Database {
 public:
  Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { sqlite3_close(db_); }

  // `source` must outlive the database.
  void show(const Source& source);
  void run(const std::string& sql);
  // Calls row(statement) for each row.
  void query(const std::string& sql, const std::function<void(sqlite3_stmt*)>& row);

 private:
  void require(int status);
  sqlite3* db_ = nullptr;
};

std::string text_at(sqlite3_stmt* statement, int column);
void answer_text(sqlite3_context* context, std::string_view text);

}  // namespace pel::apps::analytics
