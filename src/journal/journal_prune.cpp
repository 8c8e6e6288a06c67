#include <algorithm>
#include <cerrno>
#include <limits>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/journal.hpp"
#include "journal/journal_impl.hpp"

namespace perch::journal {

namespace {

constexpr std::int64_t kChunk = 200;  ///< rows deleted between two looks at the size
/// Free pages that stay in the file when there is no need: the next readings take them, and nothing is moved twice.
constexpr std::int64_t kSparePages = 256;
constexpr std::int64_t kPagesAtOnce = 256;  ///< given back between two checkpoints of the write-ahead log
constexpr UtcTime kClocksAreSet = std::chrono::sys_days{std::chrono::year{2020} / 1 / 1};

std::filesystem::path reserve_path(const std::filesystem::path& path) {
  return path.string() + "-reserve";
}

}  // namespace

void Journal::Impl::take_reserve() const {
  if (options.reserve_bytes == 0 || !options.vfs.empty()) return;
  const auto reserve = reserve_path(path);
  const auto bytes = static_cast<off_t>(options.reserve_bytes);
  const int fd = ::open(reserve.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return;
  struct stat found{};
  const bool there = ::fstat(fd, &found) == 0 && found.st_size >= bytes;
  const bool taken = there || ::posix_fallocate(fd, 0, bytes) == 0;
  ::close(fd);
  if (!taken) ::unlink(reserve.c_str());
}

bool Journal::Impl::give_up_reserve() const {
  return ::unlink(reserve_path(path).c_str()) == 0;
}

Result<std::uint64_t> Journal::content_bytes() const {
  Database& db = *impl_->db;
  PERCH_TRY(const std::int64_t size, db.integer("PRAGMA page_size"));
  PERCH_TRY(const std::int64_t pages, db.integer("PRAGMA page_count"));
  PERCH_TRY(const std::int64_t free, db.integer("PRAGMA freelist_count"));
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, pages - free) * size);
}

Result<std::uint64_t> Journal::disk_bytes() const {
  Database& db = *impl_->db;
  PERCH_TRY(const std::int64_t size, db.integer("PRAGMA page_size"));
  PERCH_TRY(const std::int64_t pages, db.integer("PRAGMA page_count"));
  return static_cast<std::uint64_t>(pages * size) + db.log_bytes();
}

Result<void> Journal::compact() {
  // In steps: what moves pages goes through the write-ahead log first, and the disk may be all but full.
  for (;;) {
    PERCH_CHECK(impl_->db->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    PERCH_TRY(const std::int64_t free, impl_->db->integer("PRAGMA freelist_count"));
    if (free == 0) return {};
    PERCH_CHECK(give_back(std::max<std::int64_t>(0, free - kPagesAtOnce)));
  }
}

Result<void> Journal::give_back(std::int64_t keep_pages) {
  PERCH_TRY(const std::int64_t free, impl_->db->integer("PRAGMA freelist_count"));
  if (free <= keep_pages) return {};
  return impl_->db->execute(fmt::format("PRAGMA incremental_vacuum({})", free - keep_pages));
}

/// Deletes the oldest readings up to seq `bound` until the content takes no more than `until_bytes`.
Result<Pruned> Journal::erase(Seq bound, std::uint64_t until_bytes, std::size_t most_rows) {
  Pruned pruned;
  const Seq delivered = this->delivered();
  PERCH_TRY(auto find, impl_->db->prepare("SELECT max(seq), count(*), count(*) FILTER (WHERE seq <= ?3) FROM"
                                          " (SELECT seq FROM reading WHERE seq <= ?1 ORDER BY seq LIMIT ?2)"));
  PERCH_TRY(auto drop, impl_->db->prepare("DELETE FROM reading WHERE seq <= ?1"));
  for (;;) {
    PERCH_TRY(const std::uint64_t bytes, content_bytes());
    if (bytes <= until_bytes) return pruned;
    const auto gone = static_cast<std::int64_t>(pruned.delivered + pruned.lost);
    const std::int64_t left = std::min(kChunk, static_cast<std::int64_t>(most_rows) - gone);
    pruned.more = left <= 0;
    if (left <= 0) return pruned;
    find.bind(1, static_cast<std::int64_t>(bound)).bind(2, left).bind(3, static_cast<std::int64_t>(delivered));
    PERCH_TRY(const bool row, find.step());
    const std::int64_t last = find.integer(0), count = find.integer(1), of_delivered = find.integer(2);
    find.reset();
    if (!row || count == 0) return pruned;
    PERCH_CHECK(drop.bind(1, last).run());
    pruned.delivered += static_cast<std::uint64_t>(of_delivered);
    pruned.lost += static_cast<std::uint64_t>(count - of_delivered);
  }
}

/// Deletes delivered readings from before a time; returns how many.
Result<std::uint64_t> Journal::erase_by_age(UtcTime before, std::size_t most_rows) {
  std::uint64_t gone = 0;
  PERCH_TRY(auto drop,
            impl_->db->prepare("DELETE FROM reading WHERE seq IN (SELECT seq FROM reading INDEXED BY reading_stream"
                               " WHERE stream = ?1 AND at >= ?2 AND at < ?3 AND seq <= ?4 ORDER BY at LIMIT ?5)"));
  for (const auto& [stream, id] : impl_->streams) {
    if (gone >= most_rows) break;
    drop.bind(1, id).bind(2, kClocksAreSet.time_since_epoch().count()).bind(3, before.time_since_epoch().count());
    drop.bind(4, static_cast<std::int64_t>(delivered())).bind(5, static_cast<std::int64_t>(most_rows - gone));
    PERCH_CHECK(drop.run());
    gone += impl_->db->changes();
  }
  return gone;
}

Result<Pruned> Journal::prune_once(const Retention& retention, std::size_t most_rows) {
  Pruned pruned;
  PERCH_TRY(const std::uint64_t before, content_bytes());
  const auto change = [&]() -> Result<void> {
    if (retention.max_age) {
      const UtcTime oldest = impl_->clock.now() - std::chrono::floor<Milliseconds>(*retention.max_age);
      PERCH_TRY(pruned.delivered, erase_by_age(oldest, most_rows));
    }
    const auto step = [&](Seq bound, std::uint64_t bytes) -> Result<void> {
      const std::size_t gone = pruned.delivered + pruned.lost;
      PERCH_TRY(const Pruned more, erase(bound, bytes, most_rows - std::min(gone, most_rows)));
      pruned += more;
      return {};
    };
    PERCH_CHECK(step(delivered(), std::min(retention.max_bytes, retention.hard_bytes)));
    return pruned.more ? Result<void>() : step(last_, retention.hard_bytes);
  };
  PERCH_CHECK(impl_->db->transact(change));
  pruned.more = pruned.more || pruned.delivered + pruned.lost >= most_rows;
  PERCH_TRY(const std::uint64_t after, content_bytes());
  pruned.by_bytes = before - std::min(before, after);
  return pruned;
}

Result<Pruned> Journal::prune(const Retention& retention, std::size_t most_rows) {
  impl_->take_reserve();
  Result<Pruned> pruned = prune_once(retention, most_rows);
  if (!pruned && pruned.error().code == Errc::full && impl_->give_up_reserve())
    pruned = prune_once(retention, most_rows);
  if (!pruned) return pruned;
  if (!pruned->more) PERCH_CHECK(give_back(kSparePages));
  return pruned;
}

Result<Pruned> Journal::release(std::uint64_t bytes, bool undelivered, std::size_t most_rows) {
  PERCH_TRY(const std::uint64_t before, content_bytes());
  const std::uint64_t until = before - std::min(before, bytes);
  Pruned pruned;
  // A chunk at a time, out of the write-ahead log before the next: deleting takes room first.
  const auto once = [&]() -> Result<Pruned> {
    for (std::size_t left = most_rows; left > 0; left -= std::min<std::size_t>(left, kChunk)) {
      PERCH_CHECK(impl_->db->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
      Pruned chunk;
      const auto change = [&]() -> Result<void> {
        PERCH_TRY(chunk, erase(undelivered ? last_ : delivered(), until, std::min<std::size_t>(left, kChunk)));
        return {};
      };
      PERCH_CHECK(impl_->db->transact(change));
      pruned += chunk;
      if (!chunk.more) break;
    }
    PERCH_CHECK(compact());
    PERCH_TRY(const std::uint64_t after, content_bytes());
    pruned.by_bytes = before - std::min(before, after);
    return pruned;
  };
  Result<Pruned> released = once();
  if (!released && released.error().code == Errc::full && impl_->give_up_reserve()) released = once();
  impl_->take_reserve();                                               // for the next time: the disk will be full again
  if (!released && pruned.delivered + pruned.lost > 0) return pruned;  // what is gone is to be known
  return released;
}

}  // namespace perch::journal
