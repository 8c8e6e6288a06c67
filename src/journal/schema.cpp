#include "journal/schema.hpp"

#include <string>

#include <fmt/format.h>

namespace perch::journal {

Result<void> migrate(Database& database, Migrations steps) {
  PERCH_TRY(const std::int64_t found, database.integer("PRAGMA user_version"));
  const auto newest = static_cast<std::int64_t>(steps.size());
  if (found > newest || found < 0)
    return fail(Errc::unsupported,
                fmt::format("was written by a newer Perch (version {} of the file; this program knows up to {})", found,
                            newest),
                database.path(), "update this program, or move the file away to begin a new one");
  for (std::int64_t version = found; version < newest; ++version) {
    const auto step = [&]() -> Result<void> {
      PERCH_CHECK(database.execute(steps[static_cast<std::size_t>(version)]));
      return database.execute(fmt::format("PRAGMA user_version = {}", version + 1));
    };
    PERCH_CHECK(database.transact(step));
  }
  return {};
}

Result<void> claim(Database& database, std::int64_t application) {
  PERCH_TRY(const std::int64_t found, database.integer("PRAGMA application_id"));
  if (found == application) return {};
  PERCH_TRY(const std::int64_t tables, database.integer("SELECT count(*) FROM sqlite_schema"));
  if (found != 0 || tables != 0)
    return fail(Errc::mismatch, "is a database of another program", database.path(),
                "move it away, or choose another data folder");
  return database.execute(fmt::format("PRAGMA application_id = {}", application));
}

}  // namespace perch::journal
