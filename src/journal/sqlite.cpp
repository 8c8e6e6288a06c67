#include "journal/sqlite.hpp"

#include <cerrno>

#include <sqlite3.h>

namespace perch::journal {

namespace {

/// What kind of failure a result code of SQLite is. `system` is the operating system's error behind it, or 0.
Errc kind_of(int code, int system) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return Errc::full;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::invalid;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::exists;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return Errc::denied;
    case SQLITE_IOERR:
      return system == ENOSPC || system == EDQUOT ? Errc::full : Errc::io;
    case SQLITE_CANTOPEN:
      if (system == ENOSPC || system == EDQUOT) return Errc::full;
      if (system == EACCES || system == EPERM || system == EROFS) return Errc::denied;
      return system == ENOENT || system == ENOTDIR ? Errc::not_found : Errc::io;
    default:
      return Errc::internal;
  }
}

std::string remedy_for(Errc code) {
  switch (code) {
    case Errc::full:
      return "free some space";
    case Errc::exists:
      return "another process uses it; stop that one, or choose another data folder";
    case Errc::denied:
    case Errc::not_found:
      return "check the path and its permissions";
    default:
      return {};
  }
}

}  // namespace

void Statement::Finish::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement& Statement::bind(int index, std::int64_t value) {
  if (sqlite3_bind_int64(statement_.get(), index, value) != SQLITE_OK) bound_badly_ = true;
  return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
  const int code = sqlite3_bind_text64(statement_.get(), index, text.data() == nullptr ? "" : text.data(), text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) bound_badly_ = true;
  return *this;
}

Result<bool> Statement::step() {
  if (bound_badly_) {
    bound_badly_ = false;
    sqlite3_reset(statement_.get());
    return fail(Errc::internal, "a parameter does not fit its statement", database_->path());
  }
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  auto failure = database_->failure("use");
  sqlite3_reset(statement_.get());
  return failure;
}

Result<void> Statement::run() {
  for (;;) {
    PERCH_TRY(const bool row, step());
    if (!row) return {};
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
  const auto* const text = sqlite3_column_text(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path, const Options& options) {
  std::unique_ptr<Database> database(new Database);
  database->path_ = path.string();
  const int flags =
      SQLITE_OPEN_NOMUTEX | (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(database->path_.c_str(), &database->handle_, flags,
                                   options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (database->handle_ == nullptr) return fail(Errc::full, "no memory to open it", database->path_);
  if (code != SQLITE_OK) return database->failure("open");
  sqlite3_extended_result_codes(database->handle_, 1);
  return database;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

Result<void> Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure("use");
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return failure("use");
  return Statement(this, statement);
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  PERCH_TRY(auto statement, prepare(sql));
  PERCH_TRY(const bool row, statement.step());
  if (!row) return fail(Errc::not_found, "no row", path_);
  return statement.integer(0);
}

Result<std::string> Database::text(std::string_view sql) {
  PERCH_TRY(auto statement, prepare(sql));
  PERCH_TRY(const bool row, statement.step());
  if (!row) return fail(Errc::not_found, "no row", path_);
  return std::string(statement.text(0));
}

std::uint64_t Database::changes() const {
  return static_cast<std::uint64_t>(sqlite3_changes64(handle_));
}

std::uint64_t Database::log_bytes() const {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(handle_, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&file)) != SQLITE_OK)
    return 0;
  sqlite3_int64 bytes = 0;
  if (file == nullptr || file->pMethods == nullptr || file->pMethods->xFileSize(file, &bytes) != SQLITE_OK) return 0;
  return static_cast<std::uint64_t>(bytes);
}

tl::unexpected<Error> Database::failure(std::string_view doing) {
  const int code = sqlite3_extended_errcode(handle_);
  const Errc kind = kind_of(code, sqlite3_system_errno(handle_));
  if (kind == Errc::invalid) damaged_ = true;
  return fail(kind, fmt::format("cannot {}: {} ({})", doing, sqlite3_errmsg(handle_), code), path_, remedy_for(kind));
}

void Database::roll_back() {
  // SQLite has rolled back by itself after some failures; then there is nothing to do.
  if (sqlite3_get_autocommit(handle_) == 0) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace perch::journal
