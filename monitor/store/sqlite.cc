#include "monitor/store/sqlite.h"

#include <sqlite3.h>

namespace monitor {

Sqlite::Sqlite(const std::filesystem::path& file, Mode mode) {
  const std::string name = mode == Mode::kMemory ? ":memory:" : file.string();
  const int flags = mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2(name.c_str(), &db_, flags | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK) {
    const std::string why = db_ != nullptr ? sqlite3_errmsg(db_) : "out of memory";
    sqlite3_close_v2(db_);
    throw StoreError(name + ": cannot open the database: " + why);
  }
  sqlite3_busy_timeout(db_, 5000);
}

Sqlite::~Sqlite() { sqlite3_close_v2(db_); }

void Sqlite::Run(const std::string& sql) {
  char* message = nullptr;
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &message) != SQLITE_OK) {
    const std::string why = message != nullptr ? message : "unknown fault";
    sqlite3_free(message);
    throw StoreError("database: " + why + " in: " + sql.substr(0, 200));
  }
}

std::int64_t Sqlite::Number(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.Step() ? statement.Int(0) : 0;
}

Statement::Statement(Sqlite& db, std::string_view sql) : db_(db) {
  if (sqlite3_prepare_v3(db.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement_,
                         nullptr) != SQLITE_OK) {
    throw StoreError(std::string("database: ") + sqlite3_errmsg(db.handle()) +
                     " in: " + std::string(sql.substr(0, 200)));
  }
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::Reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  next_ = 1;
  return *this;
}

Statement& Statement::Bind(std::int64_t value) {
  if (sqlite3_bind_int64(statement_, next_++, value) != SQLITE_OK) Fail("bind");
  return *this;
}

Statement& Statement::Bind(std::string_view text) {
  // A null pointer would bind NULL; an empty text is a text.
  const char* data = text.empty() ? "" : text.data();
  if (sqlite3_bind_text64(statement_, next_++, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK)
    Fail("bind");
  return *this;
}

Statement& Statement::BindBlob(std::string_view bytes) {
  const char* data = bytes.empty() ? "" : bytes.data();
  if (sqlite3_bind_blob64(statement_, next_++, data, bytes.size(), SQLITE_TRANSIENT) != SQLITE_OK) Fail("bind");
  return *this;
}

Statement& Statement::BindNull() {
  if (sqlite3_bind_null(statement_, next_++) != SQLITE_OK) Fail("bind");
  return *this;
}

bool Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Fail("step");
}

std::int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::Text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return data == nullptr ? std::string_view{} : std::string_view(data, sqlite3_column_bytes(statement_, column));
}

std::string_view Statement::Blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return data == nullptr ? std::string_view{} : std::string_view(data, sqlite3_column_bytes(statement_, column));
}

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

void Statement::Fail(const char* what) const {
  throw StoreError(std::string("database: ") + what + ": " + sqlite3_errmsg(db_.handle()) +
                   " in: " + sqlite3_sql(statement_));
}

}  // namespace monitor
