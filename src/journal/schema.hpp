#pragma once
#include <span>

#include "journal/sqlite.hpp"

namespace perch::journal {

/// The steps from an empty file to the newest schema: `steps[i]` is the SQL that takes version i to version i + 1. A
/// step that was published is never changed.
using Migrations = std::span<const char* const>;

/// Brings the database to the newest version, each step in one transaction with the version it leads to, so that a
/// crash between them leaves a file that this program or the one before can open. SQLite's `user_version` holds it.
///
/// Errors: unsupported (a newer program wrote the file), and those of the database. @thread that of the database
Result<void> migrate(Database& database, Migrations steps);

/// Says whose file this is (SQLite's `application_id`), or marks an empty one. Errors: mismatch (another program's).
Result<void> claim(Database& database, std::int64_t application);

}  // namespace perch::journal
