#include "pictures/store.hpp"

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
#include "journal/sqlite.hpp"

namespace perch::pictures {

namespace fs = std::filesystem;
using journal::Database;
using journal::Statement;

namespace {

constexpr std::size_t kHexDigits = 64;
constexpr std::string_view kIndexName = "index.db";
constexpr std::string_view kPart = ".part";          ///< what the names of unfinished files end with
constexpr std::uint64_t kLeastEviction = 1'000'000;  ///< on a full disk one file more is soon asked for
constexpr std::int64_t kApplication = 0x50525031;    ///< "PRP1"

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

/// Makes a folder so that it is there after a power cut.
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

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

struct Store::Index {
  std::unique_ptr<Database> db;
  Statement find, insert, renew, pin, oldest_free, remove;
};

Result<Sha> Sha::parse(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  std::string_view hex = text;
  if (hex.starts_with(kPrefix)) hex.remove_prefix(kPrefix.size());
  if (hex.size() != kHexDigits || !is_hex(hex))
    return fail(Errc::invalid, fmt::format("'{}' is not a SHA-256", printable(text, 80)), {},
                "give 64 digits, 0 to 9 and a to f");
  return Sha(std::string(hex));
}

Sha Sha::of(ByteView bytes) {
  return Sha(sha256_hex(bytes));
}

Store::Store(fs::path folder, const StoreOptions& options) : folder_(std::move(folder)), options_(options) {}

Store::~Store() {
  // The mark of a store that was closed: the next start need not look through the folder.
  if (index_ && index_->db) static_cast<void>(index_->db->execute("INSERT OR REPLACE INTO meta VALUES('clean', '1')"));
}

Result<std::unique_ptr<Store>> Store::open(const fs::path& folder, const StoreOptions& options, const Clock& clock) {
  PERCH_CHECK(make_folder(folder));
  std::unique_ptr<Store> store(new Store(folder, options));
  Result<void> opened = store->open_index();
  if (!opened && opened.error().code == Errc::invalid) {
    store->index_.reset();
    PERCH_TRY(store->recovery_.set_aside, journal::Journal::set_aside(folder / kIndexName, clock.now()));
    opened = store->open_index();
  }
  if (!opened) {
    store->index_.reset();
    return fail(std::move(opened).error());
  }
  const std::lock_guard lock(store->mutex_);
  PERCH_CHECK(store->keep_budget(0));
  return store;
}

Result<void> Store::open_index() {
  const std::lock_guard lock(mutex_);
  auto index = std::make_unique<Index>();
  PERCH_TRY(index->db, Database::open(folder_ / kIndexName, {}));
  Database& db = *index->db;
  PERCH_CHECK(
      db.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = OFF;"
                 "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 250"));
  PERCH_CHECK(journal::claim(db, kApplication));
  PERCH_CHECK(journal::migrate(db, kSchema));
  index_ = std::move(index);
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

/// Looks through the folder: removes what was never finished, and makes the index say what is there.
Result<void> Store::scan() {
  recovery_.scanned = true;
  Database& db = *index_->db;
  PERCH_CHECK(db.execute("CREATE TEMP TABLE found(sha TEXT PRIMARY KEY, bytes INTEGER, at INTEGER)"));
  PERCH_TRY(auto add, db.prepare("INSERT OR IGNORE INTO found VALUES(?1, ?2, ?3)"));
  std::error_code error;
  for (const fs::directory_entry& shelf : fs::directory_iterator(folder_, error)) {
    const std::string prefix = shelf.path().filename().string();
    if (prefix.size() != 2 || !is_hex(prefix) || !shelf.is_directory(error)) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(shelf.path(), error)) {
      const std::string name = entry.path().filename().string();
      if (name.ends_with(kPart)) {
        if (fs::remove(entry.path(), error)) ++recovery_.leftovers;
        continue;
      }
      const auto sha = Sha::parse(name);
      if (!sha || name.size() != kHexDigits || !name.starts_with(prefix) || !entry.is_regular_file(error)) continue;
      const auto size = entry.file_size(error);
      if (error) continue;
      const auto at = entry.last_write_time(error).time_since_epoch().count();
      PERCH_CHECK(
          add.bind(1, name).bind(2, static_cast<std::int64_t>(size)).bind(3, static_cast<std::int64_t>(at)).run());
    }
  }
  if (error)
    return fail(Errc::io, fmt::format("cannot look through the folder: {}", error.message()), folder_.string());
  PERCH_CHECK(adopt());
  return db.execute("DROP TABLE found");
}

Result<void> Store::adopt() {
  Database& db = *index_->db;
  return db.transact([&]() -> Result<void> {
    PERCH_CHECK(db.execute("DELETE FROM picture WHERE sha NOT IN (SELECT sha FROM found)"));
    recovery_.missing = db.changes();
    PERCH_CHECK(db.execute("UPDATE picture SET bytes = (SELECT bytes FROM found WHERE found.sha = picture.sha)"));
    PERCH_CHECK(
        db.execute("INSERT INTO picture(sha, bytes) SELECT sha, bytes FROM found"
                   " WHERE sha NOT IN (SELECT sha FROM picture) ORDER BY at"));
    recovery_.adopted = db.changes();
    return {};
  });
}

fs::path Store::file(const Sha& sha) const {
  return folder_ / sha.hex().substr(0, 2) / sha.hex();
}

Result<std::optional<std::uint64_t>> Store::bytes_of(const Sha& sha) const {
  PERCH_TRY(const bool row, index_->find.bind(1, sha.hex()).step());
  if (!row) return std::nullopt;
  const auto bytes = static_cast<std::uint64_t>(index_->find.integer(0));
  index_->find.reset();
  return bytes;
}

Result<Sha> Store::put(ByteView bytes, const std::vector<Pin>& pins) {
  Sha sha = Sha::of(bytes);
  const std::lock_guard lock(mutex_);
  if (bytes.size() > options_.budget_bytes)
    return fail(Errc::too_large,
                fmt::format("a picture of {}, larger than the whole budget", format_size(bytes.size())),
                folder_.string());
  PERCH_TRY(const auto known, bytes_of(sha));
  std::error_code error;
  const bool there = known && fs::file_size(file(sha), error) == bytes.size() && !error;
  if (!there) {
    if (known) PERCH_CHECK(forget(sha));
    PERCH_CHECK(keep_budget(bytes.size()));
    PERCH_CHECK(write_making_room(sha, bytes));
  }
  Result<void> entered = enter(sha, bytes.size(), pins);
  if (!entered && entered.error().code == Errc::full && evict_locked(kLeastEviction).value_or(0) > 0)
    entered = enter(sha, bytes.size(), pins);
  if (!entered) {
    if (!there) fs::remove(file(sha), error);
    return fail(std::move(entered).error());
  }
  return sha;
}

Result<void> Store::write_making_room(const Sha& sha, ByteView bytes) {
  for (;;) {
    Result<void> written = make_folder(file(sha).parent_path());
    if (written) written = options_.write(file(sha), bytes);
    if (written || written.error().code != Errc::full) return written;
    const auto freed = evict_locked(std::max<std::uint64_t>(bytes.size(), kLeastEviction));
    if (freed.value_or(0) == 0) return written;
  }
}

Result<void> Store::enter(const Sha& sha, std::uint64_t bytes, const std::vector<Pin>& pins) {
  bool fresh = false;
  const auto change = [&]() -> Result<void> {
    PERCH_TRY(const auto known, bytes_of(sha));
    fresh = !known;
    if (fresh) {
      PERCH_CHECK(index_->insert.bind(1, sha.hex()).bind(2, static_cast<std::int64_t>(bytes)).run());
    } else {
      PERCH_CHECK(index_->renew.bind(1, sha.hex()).run());
    }
    for (const Pin& pin : pins)
      PERCH_CHECK(index_->pin.bind(1, pin.owner).bind(2, sha.hex()).bind(3, static_cast<std::int64_t>(pin.mark)).run());
    return {};
  };
  PERCH_CHECK(index_->db->transact(change));
  if (fresh) {
    bytes_ += bytes;
    ++pictures_;
  }
  return {};
}

Result<void> Store::forget(const Sha& sha) {
  PERCH_TRY(const auto known, bytes_of(sha));
  if (!known) return {};
  std::error_code error;
  fs::remove(file(sha), error);
  PERCH_CHECK(index_->remove.bind(1, sha.hex()).run());
  bytes_ -= *known;
  --pictures_;
  return {};
}

Result<std::uint64_t> Store::evict_locked(std::uint64_t bytes) {
  constexpr std::int64_t kAtOnce = 64;
  std::uint64_t freed = 0;
  while (freed < bytes) {
    std::vector<std::pair<Sha, std::uint64_t>> going;
    std::uint64_t sum = freed;
    Statement& rows = index_->oldest_free.bind(1, kAtOnce);
    for (;;) {
      PERCH_TRY(const bool row, rows.step());
      if (!row) break;
      if (sum >= bytes) continue;
      PERCH_TRY(Sha sha, Sha::parse(rows.text(0)));
      sum += static_cast<std::uint64_t>(rows.integer(1));
      going.emplace_back(std::move(sha), static_cast<std::uint64_t>(rows.integer(1)));
    }
    if (going.empty()) break;
    // The files first: on a full disk the index needs the room.
    std::error_code error;
    std::uint64_t removed = 0;
    for (const auto& [sha, size] : going)
      if (fs::remove(file(sha), error)) removed += size;
    const auto change = [&]() -> Result<void> {
      for (const auto& [sha, size] : going) PERCH_CHECK(index_->remove.bind(1, sha.hex()).run());
      return {};
    };
    if (const Result<void> changed = index_->db->transact(change); !changed) {
      if (freed + removed > 0) return freed + removed;  // the index is put right when they are next asked for
      return fail(changed.error());
    }
    freed = sum;
    for (const auto& [sha, size] : going) bytes_ -= size;
    pictures_ -= going.size();
  }
  return freed;
}

Result<void> Store::keep_budget(std::uint64_t coming_bytes) {
  const std::uint64_t wanted = bytes_ + coming_bytes;
  if (wanted <= options_.budget_bytes) return {};
  PERCH_CHECK(evict_locked(wanted - options_.budget_bytes));
  if (coming_bytes == 0 || bytes_ + coming_bytes <= options_.budget_bytes) return {};
  return fail(Errc::full,
              fmt::format("pinned pictures take {} of the {} there are for pictures", format_size(bytes_),
                          format_size(options_.budget_bytes)),
              folder_.string(), "raise the budget, or deliver or close what holds them");
}

Result<Bytes> Store::read(const Sha& sha) {
  PERCH_TRY(const auto path, this->path(sha));
  auto bytes = read_file(path);
  if (bytes && Sha::of(*bytes) == sha) return bytes;
  if (!bytes && bytes.error().code != Errc::not_found) return bytes;
  const std::lock_guard lock(mutex_);
  PERCH_CHECK(forget(sha));
  if (!bytes) return bytes;
  return fail(Errc::mismatch, "the kept picture is damaged", path.string());
}

Result<fs::path> Store::path(const Sha& sha) const {
  if (!contains(sha)) return fail(Errc::not_found, "there is no such picture", sha.reference());
  return file(sha);
}

bool Store::contains(const Sha& sha) const {
  const std::lock_guard lock(mutex_);
  const auto known = bytes_of(sha);
  return known && *known;
}

Result<void> Store::pin(const std::string& owner, const Sha& sha, std::uint64_t mark) {
  const std::lock_guard lock(mutex_);
  PERCH_TRY(const auto known, bytes_of(sha));
  if (!known) return fail(Errc::not_found, "there is no such picture", sha.reference());
  return index_->pin.bind(1, owner).bind(2, sha.hex()).bind(3, static_cast<std::int64_t>(mark)).run();
}

Result<void> Store::unpin(const std::string& owner, const Sha& sha) {
  const std::lock_guard lock(mutex_);
  PERCH_TRY(auto drop, index_->db->prepare("DELETE FROM pin WHERE owner = ?1 AND sha = ?2"));
  return drop.bind(1, owner).bind(2, sha.hex()).run();
}

Result<void> Store::unpin(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  PERCH_TRY(auto drop, index_->db->prepare("DELETE FROM pin WHERE owner = ?1"));
  return drop.bind(1, owner).run();
}

Result<void> Store::unpin_up_to(const std::string& owner, std::uint64_t mark) {
  const std::lock_guard lock(mutex_);
  PERCH_TRY(auto drop, index_->db->prepare("DELETE FROM pin WHERE owner = ?1 AND mark <= ?2"));
  return drop.bind(1, owner).bind(2, static_cast<std::int64_t>(mark)).run();
}

bool Store::pinned(const Sha& sha) const {
  const std::lock_guard lock(mutex_);
  auto find = index_->db->prepare("SELECT 1 FROM pin WHERE sha = ?1");
  if (!find) return false;
  const auto row = find->bind(1, sha.hex()).step();
  return row && *row;
}

Result<std::uint64_t> Store::evict(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  return evict_locked(bytes);
}

Result<void> Store::set_budget(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  options_.budget_bytes = bytes;
  return keep_budget(0);
}

std::uint64_t Store::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t Store::size() const {
  const std::lock_guard lock(mutex_);
  return pictures_;
}

}  // namespace perch::pictures
