// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/sqlite_database.hpp"

#include <memory>

#include "pel/error.hpp"

namespace pel::apps::analytics {
namespace {

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
  const int sorted_by = static_cast<SourceTable*>(table)->source->sorted_by;
  info->orderByConsumed =
      info->nOrderBy == 1 && info->aOrderBy[0].iColumn == sorted_by && info->aOrderBy[0].desc == 0;
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

}  // namespace

Database::Database() {
  require(sqlite3_open_v2(
      ":memory:", &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr));
  run("PRAGMA journal_mode=OFF");
  run("PRAGMA temp_store=MEMORY");
}

void Database::require(int status) {
  if (status != SQLITE_OK) throw Error("SQLite", sqlite3_errmsg(db_));
}

void Database::show(const Source& source) {
  require(sqlite3_create_module(db_, source.name.c_str(), &kModule, const_cast<Source*>(&source)));
}

void Database::run(const std::string& sql) {
  require(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr));
}

void Database::query(const std::string& sql, const std::function<void(sqlite3_stmt*)>& row) {
  sqlite3_stmt* statement = nullptr;
  require(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr));
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owner(statement, sqlite3_finalize);
  int status = sqlite3_step(statement);
  for (; status == SQLITE_ROW; status = sqlite3_step(statement)) row(statement);
  if (status != SQLITE_DONE) require(status);
}

std::string text_at(sqlite3_stmt* statement, int column) {
  const auto* text = sqlite3_column_text(statement, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

void answer_text(sqlite3_context* context, std::string_view text) {
  sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

}  // namespace pel::apps::analytics
