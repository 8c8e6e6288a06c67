#include "journal/schema.hpp"

#include <array>

#include <doctest/doctest.h>

#include "support/program.hpp"

using namespace perch;
using journal::Database;

namespace {

constexpr std::array kOld{"CREATE TABLE t(a INTEGER) STRICT; INSERT INTO t VALUES(7);"};
constexpr std::array kNew{kOld[0], "ALTER TABLE t ADD COLUMN b INTEGER; UPDATE t SET b = a * 2;"};
constexpr std::array kBroken{kOld[0], "ALTER TABLE t ADD COLUMN b INTEGER; UPDATE t SET nothing = 1;"};

std::unique_ptr<Database> open(const test::TempFolder& folder) {
  auto db = Database::open(folder / "x.db", {});
  REQUIRE(db);
  return std::move(*db);
}

}  // namespace

TEST_CASE("a file of an older version is brought to the newest, with what it holds") {
  const test::TempFolder folder;
  {
    const auto db = open(folder);
    REQUIRE(journal::migrate(*db, kOld));
    CHECK(db->integer("PRAGMA user_version") == 1);
  }
  const auto db = open(folder);
  REQUIRE(journal::migrate(*db, kNew));
  CHECK(db->integer("PRAGMA user_version") == 2);
  CHECK(db->integer("SELECT b FROM t") == 14);
  REQUIRE(journal::migrate(*db, kNew));
  CHECK(db->integer("SELECT count(*) FROM t") == 1);
}

TEST_CASE("a migration that fails leaves the file as the older program wrote it") {
  const test::TempFolder folder;
  const auto db = open(folder);
  REQUIRE(journal::migrate(*db, kOld));
  CHECK_FALSE(journal::migrate(*db, kBroken));
  CHECK(db->integer("PRAGMA user_version") == 1);
  CHECK_FALSE(db->integer("SELECT b FROM t"));
  REQUIRE(journal::migrate(*db, kNew));
}

TEST_CASE("a file of a newer program is refused in words that help") {
  const test::TempFolder folder;
  const auto db = open(folder);
  REQUIRE(journal::migrate(*db, kNew));
  const auto refused = journal::migrate(*db, kOld);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::unsupported);
  CHECK(refused.error().message().find("newer Perch (version 2") != std::string::npos);
}

TEST_CASE("another program's database is not taken for ours") {
  const test::TempFolder folder;
  const auto db = open(folder);
  REQUIRE(db->execute("CREATE TABLE songs(title TEXT)"));
  const auto claimed = journal::claim(*db, 77);
  REQUIRE_FALSE(claimed);
  CHECK(claimed.error().code == Errc::mismatch);
}

TEST_CASE("a transaction that fails leaves nothing") {
  const test::TempFolder folder;
  const auto db = open(folder);
  REQUIRE(db->execute("CREATE TABLE t(a INTEGER)"));
  const auto done = db->transact([&]() -> Result<void> {
    PERCH_CHECK(db->execute("INSERT INTO t VALUES(1)"));
    return fail(Errc::invalid, "no");
  });
  CHECK_FALSE(done);
  CHECK(db->integer("SELECT count(*) FROM t") == 0);
  REQUIRE(db->transact([&] { return db->execute("INSERT INTO t VALUES(1)"); }));
  CHECK(db->integer("SELECT count(*) FROM t") == 1);
}
