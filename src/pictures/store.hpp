#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

/// Kept pictures and clips on the device's disk, and the ring of the last seconds in memory.
namespace perch::pictures {

/// A SHA-256 in lower-case hexadecimal: the name of a picture. Only made of 64 such characters, so it can be part of a
/// path.
class Sha {
 public:
  /// Takes `sha256:…` too. Errors: invalid.
  static Result<Sha> parse(std::string_view text);
  static Sha of(ByteView bytes);

  const std::string& hex() const { return hex_; }

  /// As readings carry it: `sha256:…`.
  std::string reference() const { return "sha256:" + hex_; }

  auto operator<=>(const Sha&) const = default;

 private:
  explicit Sha(std::string hex) : hex_(std::move(hex)) {}

  std::string hex_;
};

struct StoreOptions {
  std::uint64_t budget_bytes = 2'000'000'000;  ///< beyond it the oldest pictures that nothing has pinned go
  /// Writes a file durably. For tests, whose disks can be full.
  std::function<Result<void>(const std::filesystem::path&, ByteView)> write = write_file;
};

/// A pin that is set together with writing a picture.
struct Pin {
  std::string owner;
  std::uint64_t mark = 0;
};

/// What was found when a store was opened.
struct Recovery {
  bool scanned = false;             ///< the folder was read, because the store was not closed or its index was lost
  std::uint64_t leftovers = 0;      ///< unfinished files removed
  std::uint64_t adopted = 0;        ///< pictures that the index did not know
  std::uint64_t missing = 0;        ///< pictures of the index that were not there
  std::uint64_t unread = 0;         ///< folders that could not be read; the index keeps what it says of them
  std::filesystem::path set_aside;  ///< where a damaged index was moved to, else empty
};

/// Pictures in files named by their SHA-256, with an index of sizes, order and pins (`docs/formats/pictures.md`).
///
/// A picture that was put is on the disk, and so is a pin. The budget is kept by deleting the pictures that were put
/// longest ago and that nobody has pinned. An index that is damaged, when it is opened or later, is set aside and made
/// again from the files, and `take_troubles` says so. Errors of everything here: full (what may go has gone, and there
/// is still no room), io, denied. @thread any, blocks
class Store {
 public:
  /// Opens a store or makes it; the clock outlives it. Errors: also exists (another process has it open), mismatch,
  /// unsupported.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& folder, const StoreOptions& options,
                                             const Clock& clock);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// What was found when the index was last opened. Not while others use the store.
  const Recovery& recovery() const { return recovery_; }

  /// What went wrong with the store itself since the last call, each with what to do: for the log and for readings.
  std::vector<Error> take_troubles();

  /// Writes a picture, unless it is there already, and pins it for each of `pins`. Either way it is now the newest.
  /// Errors: also full, when pinned pictures take the budget; too_large, when it is larger than the whole budget.
  Result<Sha> put(ByteView bytes, const std::vector<Pin>& pins = {});

  /// The bytes of a picture. Errors: also not_found; mismatch (the file is damaged: it is forgotten).
  Result<Bytes> read(const Sha& sha);
  /// The file of a picture, for whoever opens it at once. Errors: not_found.
  Result<std::filesystem::path> path(const Sha& sha) const;
  bool contains(const Sha& sha) const;

  /// Keeps a picture as long as this owner wants it (`alert/17`, `dataset/lot`, `sink/hub`). A mark is the owner's own
  /// number, such as the seq of the reading that refers to the picture; of two the greater stays. Errors: not_found.
  Result<void> pin(const std::string& owner, const Sha& sha, std::uint64_t mark = 0);
  /// Takes back one pin, all pins of an owner, or those with a mark up to `mark`. Nothing happens where there are none.
  Result<void> unpin(const std::string& owner, const Sha& sha);
  Result<void> unpin(const std::string& owner);
  Result<void> unpin_up_to(const std::string& owner, std::uint64_t mark);
  bool pinned(const Sha& sha) const;

  /// Deletes about `bytes` of the oldest pictures that nothing has pinned; returns how many bytes it was.
  Result<std::uint64_t> evict(std::uint64_t bytes);
  /// Changes the budget, and keeps it.
  Result<void> set_budget(std::uint64_t bytes);

  /// What the pictures take, and how many there are, without waiting for whoever writes or deletes some. @thread any
  std::uint64_t bytes() const { return bytes_; }

  std::size_t size() const { return pictures_; }

 private:
  Store(std::filesystem::path folder, const StoreOptions& options, const Clock& clock);
  // All that follows wants the lock.
  Result<void> ready();
  Result<void> open_index();
  Result<void> fill_index();
  Result<Sha> put_locked(ByteView bytes, const std::vector<Pin>& pins);
  Result<void> prepare();
  Result<void> scan();
  Result<void> adopt();
  Result<void> enter(const Sha& sha, std::uint64_t bytes, const std::vector<Pin>& pins);
  Result<void> forget(const Sha& sha);
  Result<std::uint64_t> evict_locked(std::uint64_t bytes);
  Result<void> keep_budget(std::uint64_t coming_bytes);
  Result<void> write_making_room(const Sha& sha, ByteView bytes);
  Result<void> count();
  Result<std::optional<std::uint64_t>> bytes_of(const Sha& sha) const;
  std::filesystem::path file(const Sha& sha) const;

  struct Index;
  const std::filesystem::path folder_;
  StoreOptions options_;
  const Clock& clock_;
  Recovery recovery_;

  mutable std::mutex mutex_;      // guards what follows
  std::unique_ptr<Index> index_;  ///< nothing while it cannot be opened
  bool broken_ = false;           ///< the index has yet to be set aside
  std::vector<Error> troubles_;
  std::atomic<std::uint64_t> bytes_ = 0;  ///< changed under the lock, read without
  std::atomic<std::uint64_t> pictures_ = 0;
};

}  // namespace perch::pictures
