#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "seam/sink.hpp"

/// The append-only log of readings on the device's disk, with a cursor for each sink. `docs/formats/journal.md` has the
/// file's form and what it promises.
namespace perch::journal {

class Database;

struct Options {
  std::string vfs;  ///< the SQLite VFS that everything goes through; empty: the default. For tests
  /// Disk space held in a file of its own, given up when a full disk leaves no room even to delete; 0: none.
  std::uint64_t reserve_bytes = 4'000'000;
  int checkpoint_pages = 1000;  ///< pages of write-ahead log after which they are moved into the database
};

/// A cursor's new position: everything up to `seq` has been stored at the far end.
struct Advance {
  std::string cursor;
  Seq seq = 0;
};

/// Where a new cursor begins.
enum class Start : std::uint8_t {
  oldest,  ///< with the oldest reading there is
  newest   ///< with the next one to come
};

/// What was read for a sink.
struct Batch {
  std::vector<Reading> readings;  ///< ascending
  Seq last = 0;                   ///< the seq up to which the journal was read; where to go on, and what to advance to
  std::uint64_t damaged = 0;      ///< rows that could not be read, passed over
};

enum class Order : std::uint8_t { newest_first, oldest_first };

/// What to find. Empty parts match everything.
struct Query {
  std::string camera, task;
  std::optional<UtcTime> from;  ///< this time or later
  std::optional<UtcTime> to;    ///< before this time
  Order order = Order::newest_first;
  std::size_t limit = 100;  ///< at most kMostPage
  std::string page{};       ///< `Page::next` of the page before; empty: the first
};

inline constexpr std::size_t kMostPage = 10'000;

/// Readings as JSON lines, in the order of their times, those of one instant in the order of their seqs.
struct Page {
  std::vector<std::string> lines;
  std::string next;  ///< of the query for the page after; empty: there is none
};

/// What is kept. Sizes are those of readings and their indexes, without the write-ahead log.
struct Retention {
  std::optional<Nanoseconds> max_age;        ///< delivered readings older than this go
  std::uint64_t max_bytes = 1'000'000'000;   ///< beyond this delivered readings go, oldest first
  std::uint64_t hard_bytes = 2'000'000'000;  ///< beyond this undelivered ones go too, delivered first, then oldest
};

/// What was deleted.
struct Pruned {
  std::uint64_t delivered = 0;
  std::uint64_t lost = 0;      ///< readings that some sink had not delivered yet: worth a reading that says so
  std::uint64_t by_bytes = 0;  ///< how much the journal's content shrank
  bool more = false;           ///< there is more to delete: call again, other work may come between

  Pruned& operator+=(const Pruned& other);
};

/// What happened while a journal was opened.
struct Opened {
  bool fresh = false;               ///< the file was not there, or was set aside
  std::filesystem::path set_aside;  ///< where a damaged file was moved to, else empty
  std::string damage;               ///< what was wrong with it
};

/// The journal. Everything that returns a value has reached the disk. Not thread-safe, and blocks: owned by one thread
/// (`Service` has it). @thread one
///
/// Errors of everything here: full (no space left: see `release`), io, denied, exists (another process has it open),
/// invalid with `damaged()` (the file is broken: close it and open it with `set_aside`).
class Journal {
 public:
  /// Opens the journal, or makes it with a fresh id. A damaged file is moved aside, kept, and a fresh journal begun.
  /// Errors: also unsupported (written by a newer program), mismatch (a database, but no journal).
  static Result<std::unique_ptr<Journal>> open(const std::filesystem::path& path, const Clock& clock,
                                               const Options& options = {});
  /// Moves the files at `path` aside, as `open` does with damaged ones, and returns where to. Nothing may have it open.
  static Result<std::filesystem::path> set_aside(const std::filesystem::path& path, UtcTime now);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  const Opened& opened() const { return opened_; }

  /// A ULID made with the file. Seqs mean something only together with it.
  const std::string& id() const { return id_; }

  /// Gives the journal a fresh id: to be done once to a journal restored from a backup, whose seqs may already have
  /// been used for other readings. What it holds keeps the id that it was written under.
  Result<void> renew_id();

  /// Whether the file was found to be broken.
  bool damaged() const;

  /// The seq of the newest reading ever written, 0 at first.
  Seq last() const { return last_; }

  /// The reading's own mistakes that no retry mends. Errors: invalid (a name or a time that it cannot be without),
  /// too_large.
  static Result<void> check(const Reading& reading);

  /// Writes readings and moves cursors, all of it or nothing, in one transaction. Readings get this journal's id and
  /// the next seqs, and an id of their own if they have none; a cursor that is already there stays. Returns `last()`.
  /// Errors: also what `check` says; not_found (no such cursor); invalid (a cursor beyond the last reading written
  /// before).
  Result<Seq> write(std::span<Reading> readings, std::span<const Advance> advances);

  /// Writes readings. As `write`.
  Result<Seq> append(std::span<Reading> readings) { return write(readings, {}); }

  /// The readings after `after`, at most `limit` and about `most_bytes` of JSON, at least one.
  Result<Batch> read(Seq after, std::size_t limit, std::size_t most_bytes = 4'000'000);
  /// Errors: also invalid (a page or limit that is none).
  Result<Page> query(const Query& query);

  /// Makes a cursor, or leaves the one of this name as it is; returns the seq it stands at. Errors: also invalid (no
  /// name).
  Result<Seq> add_cursor(const std::string& name, Start start);
  /// Nothing happens when there is none.
  Result<void> remove_cursor(const std::string& name);
  /// Errors: not_found.
  Result<Seq> cursor(const std::string& name) const;
  /// Moves a cursor; never back. Returns where it stands now. Errors: as `write`.
  Result<Seq> advance(const std::string& name, Seq seq);

  const std::map<std::string, Seq, std::less<>>& cursors() const { return cursors_; }

  /// How many readings this cursor has yet to deliver, at most: those pruned in between are counted. Errors: not_found.
  Result<std::uint64_t> lag(const std::string& name) const;
  /// Everything up to here is delivered by every cursor. Without cursors nothing waits for delivery: `last()`.
  Seq delivered() const;

  /// Deletes what need not be kept, at most `most_rows` a call. A reading stamped before 2020 comes from a clock that
  /// had not been set; its age is not known, so it goes by bytes alone.
  Result<Pruned> prune(const Retention& retention, std::size_t most_rows = 2000);

  /// Gives space back to a full disk: deletes about `bytes` of the oldest delivered readings or, with `undelivered`, of
  /// the oldest of all. Works when there is no room left at all: the reserve is for this.
  Result<Pruned> release(std::uint64_t bytes, bool undelivered, std::size_t most_rows = 2000);

  /// What the readings and their indexes take.
  Result<std::uint64_t> content_bytes() const;
  /// What the journal takes on disk: content, free pages not given back yet, and the write-ahead log; without the
  /// reserve.
  Result<std::uint64_t> disk_bytes() const;
  /// Moves the write-ahead log into the database and gives free pages back to the disk.
  Result<void> compact();

 private:
  struct Impl;
  explicit Journal(std::unique_ptr<Impl> impl);
  static Result<std::unique_ptr<Journal>> open_file(const std::filesystem::path& path, const Clock& clock,
                                                    const Options& options);
  Result<void> load();
  Result<Pruned> erase(Seq bound, std::uint64_t until_bytes, std::size_t most_rows);
  Result<std::uint64_t> erase_by_age(UtcTime before, std::size_t most_rows);
  Result<Pruned> prune_once(const Retention& retention, std::size_t most_rows);
  Result<void> give_back(std::int64_t keep_pages);

  std::unique_ptr<Impl> impl_;
  Opened opened_;
  std::string id_;
  Seq last_ = 0;
  std::map<std::string, Seq, std::less<>> cursors_;
};

}  // namespace perch::journal
