// Sqlite and Statement: an RAII connection and prepared statements over SQLite.
//
// Times are ns since 1970 as INTEGER, summaries are BLOB. Every fault throws StoreError with SQLite's own words and the
// statement. One connection belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace monitor {

class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Sqlite {
 public:
  enum class Mode { kReadWrite, kReadOnly, kMemory };

  Sqlite(const std::filesystem::path& file, Mode mode);
  ~Sqlite();
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  void Run(const std::string& sql);             // one or more statements without results
  std::int64_t Number(const std::string& sql);  // first column of the first row, 0 without a row
  sqlite3* handle() const { return db_; }

 private:
  sqlite3* db_ = nullptr;
};

// Bind in order, then Step; Reset before the next use. Views that Text and Blob return live until the next Step or
// Reset.
class Statement {
 public:
  Statement(Sqlite& db, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Reset();
  Statement& Bind(std::int64_t value);
  Statement& Bind(std::string_view text);
  Statement& BindBlob(std::string_view bytes);
  Statement& BindNull();
  bool Step();  // true: a row is there
  void Execute() {
    Step();
    Reset();
  }

  std::int64_t Int(int column) const;
  std::string_view Text(int column) const;
  std::string_view Blob(int column) const;
  bool IsNull(int column) const;

 private:
  [[noreturn]] void Fail(const char* what) const;

  Sqlite& db_;
  sqlite3_stmt* statement_ = nullptr;
  int next_ = 1;
};

}  // namespace monitor
