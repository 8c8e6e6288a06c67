#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "journal/journal.hpp"
#include "seam/sink.hpp"

namespace perch::journal {

namespace asio = boost::asio;

/// What happened to the journal that somebody should know.
struct Event {
  enum class Kind : std::uint8_t {
    damaged,      ///< the file was broken, was set aside, and a fresh journal begun
    full,         ///< the disk is full; pictures and readings are given up for room
    space_again,  ///< writing works again
    lost          ///< readings were deleted that some sink had not delivered
  } kind = Kind::damaged;
  std::string text;            ///< for people
  std::uint64_t readings = 0;  ///< how many were lost
};

struct ServiceOptions {
  Options journal;
  std::size_t most_queued = 10'000;        ///< readings that wait to be written; beyond it who appends waits
  std::uint64_t free_at_once = 8'000'000;  ///< bytes to give up at a time when the disk is full

  // Called on the journal's thread; may be empty.

  std::function<void(const Event&)> on_event;
  /// Deletes pictures that may go, about so many bytes of them; returns how many bytes that gave.
  std::function<std::uint64_t(std::uint64_t bytes)> free_pictures;
  /// The reading that says that so many readings were lost. It is journalled as soon as there is room.
  std::function<Reading(std::uint64_t lost)> lost_reading;
};

struct Stats {
  std::string journal;
  Seq last = 0;
  std::uint64_t written = 0;       ///< readings since the service began
  std::uint64_t transactions = 0;  ///< they took
  std::uint64_t queued = 0;        ///< readings that wait to be written
  std::uint64_t disk_bytes = 0;
  std::map<std::string, std::uint64_t, std::less<>> lag;  ///< of each cursor
};

/// The one thread that owns the journal. Everything that is asked for at the same time is written in one transaction.
///
/// Its coroutines may be awaited on any executor that runs one handler at a time, and complete there. What is queued is
/// done even when the coroutine that asked is cancelled: an append whose result nobody awaits is still an append. All
/// of them return Errc::canceled once the service was stopped, and the errors of `Journal`. When the file turns out to
/// be damaged it is set aside and a fresh one begun, with the same cursors at its beginning.
class Service {
 public:
  /// Opens the journal and starts its thread. Errors: those of `Journal::open`. @thread any, blocks
  static Result<std::unique_ptr<Service>> start(const std::filesystem::path& path, const Clock& clock,
                                                ServiceOptions options = {});
  /// Stops it. The executors of those who still wait must be there.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Finishes what was asked for and closes the file. @thread any, blocks
  void stop();

  /// Writes readings; returns them with the ids and seqs that they got, once they are on the disk. Waits while too much
  /// is queued; only this wait can be cancelled. A full disk gives up pictures, delivered readings and the oldest, in
  /// this order, before Errc::full is returned.
  asio::awaitable<Result<std::vector<Reading>>> append(std::vector<Reading> readings);
  asio::awaitable<Result<Batch>> read(Seq after, std::size_t limit);
  asio::awaitable<Result<Page>> query(Query query);
  asio::awaitable<Result<Seq>> add_cursor(std::string name, Start start);
  asio::awaitable<Result<void>> remove_cursor(std::string name);
  /// Removes every cursor but those of these names; returns the names of the removed. A cursor that nobody moves any
  /// more would hold all readings after it for ever.
  asio::awaitable<Result<std::vector<std::string>>> keep_cursors(std::set<std::string> names);
  asio::awaitable<Result<Seq>> cursor(std::string name);
  asio::awaitable<Result<Seq>> advance(std::string name, Seq seq);
  /// Deletes all that need not be kept, in steps that let others in between.
  asio::awaitable<Result<Pruned>> prune(Retention retention);
  asio::awaitable<Result<void>> renew_id();
  asio::awaitable<Result<Stats>> stats();

  /// Waits until there is a reading beyond `seq`, or the journal is another one. Cancellation ends the wait at once.
  asio::awaitable<Result<void>> wait_beyond(Seq seq);
  /// What a cursor has to deliver next, at least one reading; waits for it. Readings that were pruned in between are
  /// skipped. Cancellation ends the wait at once.
  asio::awaitable<Result<Batch>> next(std::string cursor, std::size_t limit);

  /// The seq of the newest reading on the disk. @thread any
  Seq last() const;

  /// What was found when the journal was opened.
  const Opened& opened() const;

 private:
  class Impl;
  explicit Service(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace perch::journal
