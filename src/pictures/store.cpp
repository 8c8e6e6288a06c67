#include "pictures/store.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "pictures/store_impl.hpp"

namespace perch::pictures {

namespace fs = std::filesystem;
using journal::Statement;

namespace {

constexpr std::uint64_t kLeastEviction = 1'000'000;  ///< on a full disk one file more is soon asked for

}  // namespace

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
  const std::lock_guard lock(mutex_);
  PERCH_CHECK(ready());
  Result<Sha> done = put_locked(bytes, pins);
  if (done || !index_->db->damaged()) return done;
  PERCH_CHECK(ready());
  return put_locked(bytes, pins);
}

Result<Sha> Store::put_locked(ByteView bytes, const std::vector<Pin>& pins) {
  Sha sha = Sha::of(bytes);
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
              fmt::format("pinned pictures take {} of the {} there are for pictures", format_size(bytes_.load()),
                          format_size(options_.budget_bytes)),
              folder_.string(), "raise the budget, or deliver or close what holds them");
}

Result<Bytes> Store::read(const Sha& sha) {
  PERCH_TRY(const auto path, this->path(sha));
  auto bytes = read_file(path);
  if (bytes && Sha::of(*bytes) == sha) return bytes;
  if (!bytes && bytes.error().code != Errc::not_found) return bytes;
  const std::lock_guard lock(mutex_);
  PERCH_CHECK(ready());
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
  if (!index_) return false;
  const auto known = bytes_of(sha);
  return known && *known;
}

Result<void> Store::pin(const std::string& owner, const Sha& sha, std::uint64_t mark) {
  const std::lock_guard lock(mutex_);
  PERCH_CHECK(ready());
  PERCH_TRY(const auto known, bytes_of(sha));
  if (!known) return fail(Errc::not_found, "there is no such picture", sha.reference());
  return index_->pin.bind(1, owner).bind(2, sha.hex()).bind(3, static_cast<std::int64_t>(mark)).run();
}

Result<void> Store::unpin(const std::string& owner, const Sha& sha) {
  const std::lock_guard lock(mutex_);
  PERCH_CHECK(ready());
  PERCH_TRY(auto drop, index_->db->prepare("DELETE FROM pin WHERE owner = ?1 AND sha = ?2"));
  return drop.bind(1, owner).bind(2, sha.hex()).run();
}

Result<void> Store::unpin(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  PERCH_CHECK(ready());
  PERCH_TRY(auto drop, index_->db->prepare("DELETE FROM pin WHERE owner = ?1"));
  return drop.bind(1, owner).run();
}

Result<void> Store::unpin_up_to(const std::string& owner, std::uint64_t mark) {
  const std::lock_guard lock(mutex_);
  PERCH_CHECK(ready());
  PERCH_TRY(auto drop, index_->db->prepare("DELETE FROM pin WHERE owner = ?1 AND mark <= ?2"));
  return drop.bind(1, owner).bind(2, static_cast<std::int64_t>(mark)).run();
}

bool Store::pinned(const Sha& sha) const {
  const std::lock_guard lock(mutex_);
  if (!index_) return false;
  auto find = index_->db->prepare("SELECT 1 FROM pin WHERE sha = ?1");
  if (!find) return false;
  const auto row = find->bind(1, sha.hex()).step();
  return row && *row;
}

Result<std::uint64_t> Store::evict(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  PERCH_CHECK(ready());
  return evict_locked(bytes);
}

Result<void> Store::set_budget(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  options_.budget_bytes = bytes;
  PERCH_CHECK(ready());
  return keep_budget(0);
}

std::vector<Error> Store::take_troubles() {
  const std::lock_guard lock(mutex_);
  return std::exchange(troubles_, {});
}

}  // namespace perch::pictures
