#include "journal/journal.hpp"

#include <algorithm>
#include <array>
#include <system_error>

#include <fmt/format.h>

#include "journal/journal_impl.hpp"
#include "journal/reading_json.hpp"
#include "journal/schema.hpp"

namespace perch::journal {

namespace {

constexpr std::int64_t kApplication = 0x50524a31;  ///< "PRJ1"

constexpr std::array kSchema{
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE stream(id INTEGER PRIMARY KEY, camera TEXT NOT NULL, task TEXT NOT NULL, UNIQUE(camera, task)) "
    "STRICT;"
    // AUTOINCREMENT: a seq is never used again, even when everything was pruned.
    "CREATE TABLE reading(seq INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL, at INTEGER NOT NULL,"
    "                     line TEXT NOT NULL) STRICT;"
    "CREATE INDEX reading_stream ON reading(stream, at);"
    "CREATE TABLE cursor(name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;"};

Result<void> configure(Database& db, const Options& options) {
  // The lock before anything is read: the write-ahead log then needs no shared memory. auto_vacuum before anything is
  // written: it cannot be changed later.
  PERCH_CHECK(db.execute("PRAGMA locking_mode = EXCLUSIVE"));
  PERCH_CHECK(db.execute("PRAGMA auto_vacuum = INCREMENTAL"));
  // EXTRA is FULL, and syncs the folder once the rollback journal of a file's first moments is deleted: one that came
  // back after a power cut would undo everything since.
  PERCH_CHECK(db.execute("PRAGMA synchronous = EXTRA"));
  // Debian's SQLite overwrites what is deleted unless told not to: twice the wear, and room that a full disk lacks.
  PERCH_CHECK(db.execute("PRAGMA secure_delete = OFF"));
  PERCH_CHECK(db.execute("PRAGMA temp_store = MEMORY"));
  PERCH_TRY(const std::string mode, db.text("PRAGMA journal_mode = WAL"));
  if (mode != "wal") return fail(Errc::unsupported, "the disk cannot hold a write-ahead log", db.path());
  return db.execute(fmt::format("PRAGMA wal_autocheckpoint = {}; PRAGMA journal_size_limit = {}",
                                options.checkpoint_pages, options.checkpoint_pages * 4096));
}

}  // namespace

Pruned& Pruned::operator+=(const Pruned& other) {
  delivered += other.delivered;
  lost += other.lost;
  by_bytes += other.by_bytes;
  more = other.more;
  return *this;
}

Result<std::int64_t> Journal::Impl::stream(const Stream& key) {
  if (const auto found = streams.find(key); found != streams.end()) return found->second;
  PERCH_TRY(const bool row, insert_stream.bind(1, key.first).bind(2, key.second).step());
  if (!row) return fail(Errc::internal, "a stream was not entered", path.string());
  const std::int64_t id = insert_stream.integer(0);
  insert_stream.reset();
  streams.emplace(key, id);
  return id;
}

Result<void> Journal::Impl::load_streams() {
  streams.clear();
  PERCH_TRY(auto all, db->prepare("SELECT id, camera, task FROM stream"));
  for (;;) {
    PERCH_TRY(const bool row, all.step());
    if (!row) return {};
    streams.emplace(Stream(all.text(1), all.text(2)), all.integer(0));
  }
}

Result<void> Journal::Impl::prepare() {
  const auto make = [&](Statement& statement, std::string_view sql) -> Result<void> {
    PERCH_TRY(statement, db->prepare(sql));
    return {};
  };
  PERCH_CHECK(make(insert_stream, "INSERT INTO stream(camera, task) VALUES(?1, ?2) RETURNING id"));
  PERCH_CHECK(make(insert_reading, "INSERT INTO reading(seq, stream, at, line) VALUES(?1, ?2, ?3, ?4)"));
  PERCH_CHECK(make(move_cursor, "UPDATE cursor SET seq = ?2 WHERE name = ?1"));
  PERCH_CHECK(make(read_after, "SELECT seq, line FROM reading WHERE seq > ?1 ORDER BY seq LIMIT ?2"));
  PERCH_CHECK(make(read_line, "SELECT line FROM reading WHERE seq = ?1"));
  PERCH_CHECK(make(find_newest,
                   "SELECT at, seq FROM reading INDEXED BY reading_stream WHERE stream = ?1 AND at >= ?2 AND at < ?3"
                   " AND (at, seq) < (?4, ?5) ORDER BY at DESC, seq DESC LIMIT ?6"));
  return make(find_oldest,
              "SELECT at, seq FROM reading INDEXED BY reading_stream WHERE stream = ?1 AND at >= ?2 AND at < ?3"
              " AND (at, seq) > (?4, ?5) ORDER BY at, seq LIMIT ?6");
}

Journal::Journal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::open(const std::filesystem::path& path, const Clock& clock,
                                               const Options& options) {
  auto journal = open_file(path, clock, options);
  if (journal || journal.error().code != Errc::invalid) return journal;
  PERCH_TRY(auto aside, set_aside(path, clock.now()));
  const std::string damage = journal.error().what;
  journal = open_file(path, clock, options);
  if (journal) (*journal)->opened_ = {true, std::move(aside), damage};
  return journal;
}

Result<std::filesystem::path> Journal::set_aside(const std::filesystem::path& path, UtcTime now) {
  std::string stamp = to_string(now);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  std::filesystem::path to;
  std::error_code error;
  for (int i = 1;; ++i) {
    to = path.string() + ".damaged-" + stamp + (i == 1 ? "" : fmt::format("-{}", i));
    if (!std::filesystem::exists(to, error)) break;
  }
  // The log first: a database without its log is the older truth, a log without its database is none.
  for (const char* const suffix : {"-wal", "-shm", "-journal", ""}) {
    const std::filesystem::path from = path.string() + suffix;
    if (!std::filesystem::exists(from, error)) continue;
    std::filesystem::rename(from, to.string() + suffix, error);
    if (error)
      return fail(Errc::io, fmt::format("cannot move the damaged file aside: {}", error.message()), from.string());
  }
  return to;
}

Result<std::unique_ptr<Journal>> Journal::open_file(const std::filesystem::path& path, const Clock& clock,
                                                    const Options& options) {
  auto impl = std::make_unique<Impl>(clock, options, path);
  PERCH_TRY(impl->db, Database::open(path, {options.vfs, false}));
  PERCH_CHECK(configure(*impl->db, options));
  PERCH_CHECK(claim(*impl->db, kApplication));
  PERCH_CHECK(migrate(*impl->db, kSchema));
  PERCH_CHECK(impl->prepare());
  std::unique_ptr<Journal> journal(new Journal(std::move(impl)));
  PERCH_CHECK(journal->load());
  journal->impl_->take_reserve();
  return journal;
}

Result<void> Journal::load() {
  Database& db = *impl_->db;
  auto id = db.text("SELECT value FROM meta WHERE key = 'journal'");
  if (!id && id.error().code != Errc::not_found) return fail(id.error());
  if (id) {
    id_ = *id;
  } else {
    PERCH_CHECK(renew_id());
  }
  PERCH_CHECK(impl_->load_streams());
  PERCH_TRY(auto cursors, db.prepare("SELECT name, seq FROM cursor"));
  for (;;) {
    PERCH_TRY(const bool row, cursors.step());
    if (!row) break;
    cursors_.emplace(cursors.text(0), static_cast<Seq>(cursors.integer(1)));
  }
  // Both, so that a counter that was lost can never give a seq that is there.
  PERCH_TRY(const std::int64_t counted,
            db.integer("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'reading'"));
  PERCH_TRY(const std::int64_t newest, db.integer("SELECT coalesce(max(seq), 0) FROM reading"));
  last_ = static_cast<Seq>(std::max({counted, newest, std::int64_t{0}}));
  opened_.fresh = !id && last_ == 0;
  return {};
}

Result<void> Journal::renew_id() {
  std::string id = make_ulid(impl_->clock.now());
  PERCH_TRY(auto write, impl_->db->prepare("INSERT OR REPLACE INTO meta(key, value) VALUES('journal', ?1)"));
  PERCH_CHECK(write.bind(1, id).run());
  id_ = std::move(id);
  return {};
}

bool Journal::damaged() const {
  return impl_->db->damaged();
}

Result<void> Journal::check(const Reading& reading) {
  constexpr UtcTime kEnd = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1};
  if (reading.device.empty() || reading.camera.empty())
    return fail(Errc::invalid, "a reading without the name of its device or camera");
  const UtcTime at = reading.observation.stamp.at;
  if (at < UtcTime{} || at >= kEnd) return fail(Errc::invalid, "a reading from a time that is none", reading.camera);
  return {};
}

Result<Seq> Journal::write(std::span<Reading> readings, std::span<const Advance> advances) {
  for (const Reading& reading : readings) PERCH_CHECK(check(reading));
  for (const Advance& to : advances) {
    PERCH_CHECK(cursor(to.cursor));
    if (to.seq > last_)
      return fail(Errc::invalid,
                  fmt::format("cursor '{}' cannot stand at {}: {} is the last", to.cursor, to.seq, last_));
  }
  Seq next = last_;
  const std::size_t known_streams = impl_->streams.size();
  const auto change = [&]() -> Result<void> {
    for (Reading& reading : readings) {
      reading.seq = ++next;
      reading.journal = id_;
      if (reading.id.empty()) reading.id = make_ulid(impl_->clock.now());
      const std::string line = to_json(reading);
      if (line.size() > kMostLineBytes)
        return fail(Errc::too_large, fmt::format("a reading of {} bytes", line.size()), reading.camera);
      PERCH_TRY(const std::int64_t stream, impl_->stream({reading.camera, reading.task}));
      impl_->insert_reading.bind(1, static_cast<std::int64_t>(reading.seq)).bind(2, stream);
      impl_->insert_reading.bind(3, reading.observation.stamp.at.time_since_epoch().count()).bind(4, line);
      PERCH_CHECK(impl_->insert_reading.run());
    }
    for (const Advance& to : advances)
      if (to.seq > cursors_.find(to.cursor)->second)
        PERCH_CHECK(impl_->move_cursor.bind(1, to.cursor).bind(2, static_cast<std::int64_t>(to.seq)).run());
    return {};
  };
  if (Result<void> done = impl_->db->transact(change); !done) {
    if (impl_->streams.size() != known_streams) PERCH_CHECK(impl_->load_streams());
    return fail(done.error());
  }
  last_ = next;
  for (const Advance& to : advances) {
    Seq& at = cursors_.find(to.cursor)->second;
    at = std::max(at, to.seq);
  }
  return last_;
}

Result<Batch> Journal::read(Seq after, std::size_t limit, std::size_t most_bytes) {
  Batch batch;
  batch.last = after;
  if (after >= last_) return batch;
  const auto most = static_cast<std::int64_t>(std::clamp<std::size_t>(limit, 1, kMostPage));
  Statement& rows = impl_->read_after.bind(1, static_cast<std::int64_t>(after)).bind(2, most);
  std::size_t bytes = 0;
  for (std::int64_t count = 0;; ++count) {
    PERCH_TRY(const bool row, rows.step());
    if (!row) {
      if (count < most) batch.last = last_;
      return batch;
    }
    batch.last = static_cast<Seq>(rows.integer(0));
    const std::string_view line = rows.text(1);
    if (auto reading = reading_from_json(line))
      batch.readings.push_back(std::move(*reading));
    else
      ++batch.damaged;
    bytes += line.size();
    if (bytes >= most_bytes) {
      rows.reset();
      return batch;
    }
  }
}

Result<Seq> Journal::add_cursor(const std::string& name, Start start) {
  if (name.empty()) return fail(Errc::invalid, "a cursor without a name");
  if (const auto found = cursors_.find(name); found != cursors_.end()) return found->second;
  const Seq at = start == Start::newest ? last_ : 0;
  PERCH_TRY(auto write, impl_->db->prepare("INSERT INTO cursor(name, seq) VALUES(?1, ?2)"));
  PERCH_CHECK(write.bind(1, name).bind(2, static_cast<std::int64_t>(at)).run());
  cursors_.emplace(name, at);
  return at;
}

Result<void> Journal::remove_cursor(const std::string& name) {
  PERCH_TRY(auto write, impl_->db->prepare("DELETE FROM cursor WHERE name = ?1"));
  PERCH_CHECK(write.bind(1, name).run());
  cursors_.erase(name);
  return {};
}

Result<Seq> Journal::cursor(const std::string& name) const {
  const auto found = cursors_.find(name);
  if (found == cursors_.end()) return fail(Errc::not_found, fmt::format("no cursor '{}'", name));
  return found->second;
}

Result<Seq> Journal::advance(const std::string& name, Seq seq) {
  const Advance to{name, seq};
  PERCH_CHECK(write({}, {&to, 1}));
  return cursor(name);
}

Result<std::uint64_t> Journal::lag(const std::string& name) const {
  PERCH_TRY(const Seq at, cursor(name));
  PERCH_TRY(const std::int64_t oldest, impl_->db->integer("SELECT coalesce(min(seq), 0) FROM reading"));
  const Seq before = oldest == 0 ? last_ : static_cast<Seq>(oldest) - 1;
  return last_ - std::max(at, before);
}

Seq Journal::delivered() const {
  Seq least = last_;
  for (const auto& [name, seq] : cursors_) least = std::min(least, seq);
  return least;
}

}  // namespace perch::journal
