#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "journal/journal.hpp"
#include "journal/schema.hpp"
#include "pictures/store_impl.hpp"

namespace perch::pictures {

namespace fs = std::filesystem;
using journal::Database;
using journal::Statement;

namespace {

constexpr std::string_view kIndexName = "index.db";
constexpr std::string_view kPart = ".part";        ///< what the names of unfinished files end with
constexpr std::int64_t kApplication = 0x50525031;  ///< "PRP1"

constexpr std::array kSchema{
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    // Greater places are newer. `pins` counts the rows of `pin`, so that what may go is found without looking at the
    // rest.
    "CREATE TABLE picture(place INTEGER PRIMARY KEY, sha TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL,"
    "                     pins INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX picture_free ON picture(place) WHERE pins = 0;"
    "CREATE TABLE pin(owner TEXT NOT NULL, sha TEXT NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY(owner, sha))"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX pin_sha ON pin(sha);"
    "CREATE TRIGGER pin_set AFTER INSERT ON pin BEGIN"
    "  UPDATE picture SET pins = pins + 1 WHERE sha = new.sha; END;"
    "CREATE TRIGGER pin_taken AFTER DELETE ON pin BEGIN"
    "  UPDATE picture SET pins = pins - 1 WHERE sha = old.sha; END;"
    "CREATE TRIGGER picture_gone AFTER DELETE ON picture WHEN old.pins > 0 BEGIN"
    "  DELETE FROM pin WHERE sha = old.sha; END;"};

Result<void> sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int error = fd < 0 || (::fsync(fd) != 0 && errno != EINVAL) ? errno : 0;
  if (fd >= 0) ::close(fd);
  if (error == 0) return {};
  return fail(error == ENOSPC ? Errc::full : Errc::io,
              fmt::format("cannot sync: {}", std::generic_category().message(error)), folder.string());
}

/// What a scan finds in one of the store's folders.
struct Shelf {
  struct Picture {
    std::string sha;
    std::int64_t bytes = 0;
    std::int64_t at = 0;  ///< when it was written
  };

  std::vector<Picture> pictures;
  std::uint64_t leftovers = 0;  ///< unfinished files that were removed
  bool unread = false;          ///< there may be more that could not be looked at
};

/// Looks at one file of a shelf. False when it cannot be looked at.
bool look_at(const fs::directory_entry& entry, std::string_view prefix, Shelf& shelf) {
  const std::string name = entry.path().filename().string();
  std::error_code error;
  if (name.ends_with(kPart)) {
    if (fs::remove(entry.path(), error)) ++shelf.leftovers;
    return true;
  }
  if (name.size() != kHexDigits || !Sha::parse(name) || !name.starts_with(prefix)) return true;
  if (!entry.is_regular_file(error)) return !error;
  const std::uintmax_t size = entry.file_size(error);
  if (error) return false;
  const auto at = entry.last_write_time(error).time_since_epoch().count();
  if (error) return false;
  shelf.pictures.push_back({name, static_cast<std::int64_t>(size), static_cast<std::int64_t>(at)});
  return true;
}

Shelf read_shelf(const fs::directory_entry& folder) {
  Shelf shelf;
  std::error_code error;
  const std::string prefix = folder.path().filename().string();
  if (!folder.is_directory(error)) {
    shelf.unread = static_cast<bool>(error);
    return shelf;
  }
  for (fs::directory_iterator it(folder.path(), error), end; !error && it != end; it.increment(error))
    if (!look_at(*it, prefix, shelf)) shelf.unread = true;
  if (error) shelf.unread = true;
  return shelf;
}

}  // namespace

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  fs::create_directories(folder, error);
  if (error) {
    const Errc code = error == std::errc::no_space_on_device ? Errc::full
                      : error == std::errc::permission_denied || error == std::errc::read_only_file_system
                          ? Errc::denied
                          : Errc::io;
    return fail(code, fmt::format("cannot make the folder: {}", error.message()), folder.string());
  }
  return sync_folder(folder.parent_path());
}

Store::Store(fs::path folder, const StoreOptions& options, const Clock& clock)
    : folder_(std::move(folder)),
      options_(options),
      clock_(clock) {}

Store::~Store() {
  // The mark of a store that was closed: the next start need not look through the folder.
  if (index_ && index_->db && recovery_.unread == 0)
    static_cast<void>(index_->db->execute("INSERT OR REPLACE INTO meta VALUES('clean', '1')"));
}

Result<std::unique_ptr<Store>> Store::open(const fs::path& folder, const StoreOptions& options, const Clock& clock) {
  PERCH_CHECK(make_folder(folder));
  std::unique_ptr<Store> store(new Store(folder, options, clock));
  const std::lock_guard lock(store->mutex_);
  PERCH_CHECK(store->ready());
  PERCH_CHECK(store->keep_budget(0));
  return store;
}

/// Opens the index unless it is open and whole; one that is damaged is set aside first, and another made.
Result<void> Store::ready() {
  if (index_ && !index_->db->damaged()) return {};
  broken_ |= index_ != nullptr;
  index_.reset();
  Result<void> opened;
  if (!broken_) opened = open_index();
  if (broken_ || (!opened && opened.error().code == Errc::invalid)) {
    broken_ = true;  // until it is out of the way
    PERCH_TRY(const fs::path aside, journal::Journal::set_aside(folder_ / kIndexName, clock_.now()));
    broken_ = false;
    opened = open_index();
    recovery_.set_aside = aside;
    const std::string made =
        opened ? fmt::format("made again from the files: {} pictures, none of them pinned any more", recovery_.adopted)
               : "no other could be made: " + opened.error().what;
    troubles_.push_back(
        {Errc::invalid, fmt::format("the index was damaged; it is kept as {}, and {}", aside.filename().string(), made),
         folder_.string(), "when it happens again, look after the disk"});
  }
  if (opened && recovery_.unread > 0)
    troubles_.push_back(
        {Errc::io, fmt::format("{} of its folders cannot be read; what the index says of them stays", recovery_.unread),
         folder_.string(), "look after their permissions and the disk"});
  return opened;
}

Result<void> Store::open_index() {
  recovery_ = {};
  index_ = std::make_unique<Index>();
  Result<void> filled = fill_index();
  if (!filled) index_.reset();
  return filled;
}

Result<void> Store::fill_index() {
  PERCH_TRY(index_->db, Database::open(folder_ / kIndexName, {}));
  Database& db = *index_->db;
  PERCH_CHECK(
      db.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = OFF;"
                 "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 250"));
  PERCH_CHECK(journal::claim(db, kApplication));
  PERCH_CHECK(journal::migrate(db, kSchema));
  PERCH_CHECK(prepare());
  auto clean = db.text("SELECT value FROM meta WHERE key = 'clean'");
  if (!clean && clean.error().code != Errc::not_found) return fail(clean.error());
  PERCH_CHECK(db.execute("INSERT OR REPLACE INTO meta VALUES('clean', '0')"));
  if (!clean || *clean != "1") PERCH_CHECK(scan());
  return count();
}

Result<void> Store::prepare() {
  const auto make = [&](Statement& statement, std::string_view sql) -> Result<void> {
    PERCH_TRY(statement, index_->db->prepare(sql));
    return {};
  };
  PERCH_CHECK(make(index_->find, "SELECT bytes FROM picture WHERE sha = ?1"));
  PERCH_CHECK(make(index_->insert, "INSERT INTO picture(sha, bytes) VALUES(?1, ?2)"));
  PERCH_CHECK(make(index_->renew,
                   "UPDATE picture SET place = (SELECT max(place) + 1 FROM picture) WHERE sha = ?1"
                   " AND place < (SELECT max(place) FROM picture)"));
  PERCH_CHECK(make(index_->pin,
                   "INSERT INTO pin(owner, sha, mark) VALUES(?1, ?2, ?3)"
                   " ON CONFLICT DO UPDATE SET mark = max(mark, excluded.mark)"));
  PERCH_CHECK(make(index_->oldest_free, "SELECT sha, bytes FROM picture WHERE pins = 0 ORDER BY place LIMIT ?1"));
  return make(index_->remove, "DELETE FROM picture WHERE sha = ?1");
}

Result<void> Store::count() {
  PERCH_TRY(const std::int64_t bytes, index_->db->integer("SELECT coalesce(sum(bytes), 0) FROM picture"));
  PERCH_TRY(const std::int64_t pictures, index_->db->integer("SELECT count(*) FROM picture"));
  bytes_ = static_cast<std::uint64_t>(bytes);
  pictures_ = static_cast<std::uint64_t>(pictures);
  return {};
}

/// Looks through the folder: removes what was never finished, and makes the index say what is there. Of a shelf that
/// cannot be read it goes on saying what it said: the pictures may be there again when the disk is.
Result<void> Store::scan() {
  recovery_.scanned = true;
  Database& db = *index_->db;
  PERCH_CHECK(
      db.execute("CREATE TEMP TABLE found(sha TEXT PRIMARY KEY, bytes INTEGER, at INTEGER);"
                 "CREATE TEMP TABLE unread(prefix TEXT PRIMARY KEY)"));
  PERCH_TRY(auto add, db.prepare("INSERT OR IGNORE INTO found VALUES(?1, ?2, ?3)"));
  PERCH_TRY(auto pass_over, db.prepare("INSERT INTO unread VALUES(?1)"));
  std::error_code error;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    const std::string prefix = it->path().filename().string();
    if (prefix.size() != 2 || !is_hex(prefix)) continue;
    const Shelf shelf = read_shelf(*it);
    recovery_.leftovers += shelf.leftovers;
    for (const Shelf::Picture& picture : shelf.pictures)
      PERCH_CHECK(add.bind(1, picture.sha).bind(2, picture.bytes).bind(3, picture.at).run());
    if (!shelf.unread) continue;
    ++recovery_.unread;
    PERCH_CHECK(pass_over.bind(1, prefix).run());
  }
  if (error)
    return fail(Errc::io, fmt::format("cannot look through the folder: {}", error.message()), folder_.string());
  PERCH_CHECK(adopt());
  return db.execute("DROP TABLE found; DROP TABLE unread");
}

Result<void> Store::adopt() {
  Database& db = *index_->db;
  return db.transact([&]() -> Result<void> {
    PERCH_CHECK(
        db.execute("DELETE FROM picture WHERE sha NOT IN (SELECT sha FROM found)"
                   " AND substr(sha, 1, 2) NOT IN (SELECT prefix FROM unread)"));
    recovery_.missing = db.changes();
    PERCH_CHECK(
        db.execute("UPDATE picture SET bytes = (SELECT bytes FROM found WHERE found.sha = picture.sha)"
                   " WHERE sha IN (SELECT sha FROM found)"));
    PERCH_CHECK(
        db.execute("INSERT INTO picture(sha, bytes) SELECT sha, bytes FROM found"
                   " WHERE sha NOT IN (SELECT sha FROM picture) ORDER BY at"));
    recovery_.adopted = db.changes();
    return {};
  });
}

}  // namespace perch::pictures
