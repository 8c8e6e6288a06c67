#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/thrown.hpp"

struct sqlite3;
struct sqlite3_stmt;

/// What the journal and the picture store need of SQLite, with errors as values.
///
/// Errors of everything here: full (no space left), invalid (the file is damaged: see `Database::damaged`), exists
/// (another process holds the file), denied, not_found (its folder), io, internal.
namespace perch::journal {

class Database;

/// A prepared statement. Lives no longer than its database. @thread that of its database
class Statement {
 public:
  Statement() = default;

  /// Binds the parameter `?index`, from 1. Text is copied.
  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, std::string_view text);

  /// Runs to the next row; false when there is none, and the statement is ready to be bound and run anew.
  Result<bool> step();
  /// Runs a statement that gives no rows to its end.
  Result<void> run();

  /// The value of column `column`, from 0, of the row that `step` came to. Text is valid until the next step.
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  bool is_null(int column) const;

  /// Gives up the rows that are left.
  void reset();

 private:
  friend class Database;

  struct Finish {
    void operator()(sqlite3_stmt* statement) const;
  };

  Statement(Database* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}

  Database* database_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finish> statement_;
  bool bound_badly_ = false;
};

/// An open database file. Not to be moved: statements point to it. @thread one, its owner's
class Database {
 public:
  struct Options {
    std::string vfs;  ///< the name of a registered SQLite VFS; empty: the default
    bool read_only = false;
  };

  /// Opens the file or makes it.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path, const Options& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs statements without parameters and drops what they give.
  Result<void> execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  /// The first column of the first row: a pragma's value, a count. Errors: also not_found, when there is no row.
  Result<std::int64_t> integer(std::string_view sql);
  Result<std::string> text(std::string_view sql);

  /// Runs `change` within one transaction: committed when it returns a value, rolled back when it returns an error
  /// or throws, which is an error too.
  template <class F>
  Result<void> transact(F change) {
    PERCH_CHECK(execute("BEGIN IMMEDIATE"));
    Result<void> done = without_throwing(change);
    if (done) done = execute("COMMIT");
    if (!done) roll_back();
    return done;
  }

  /// Whether some call has found that the file is damaged, or no database at all.
  bool damaged() const { return damaged_; }

  /// Rows that the last statement changed.
  std::uint64_t changes() const;

  /// Bytes of the write-ahead log on disk.
  std::uint64_t log_bytes() const;

  const std::string& path() const { return path_; }

  /// The failure that SQLite has just reported, for what was being done.
  tl::unexpected<Error> failure(std::string_view doing);

 private:
  Database() = default;
  void roll_back();

  std::string path_;
  sqlite3* handle_ = nullptr;
  bool damaged_ = false;
};

}  // namespace perch::journal
