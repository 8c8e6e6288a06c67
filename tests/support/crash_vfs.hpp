#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace perch::test {

/// A disk in memory, as a SQLite VFS, that forgets what was not synced when the power fails.
///
/// It counts what changes a file (writes, truncations, syncs, deletions) and can be told to fail from one of them on,
/// as a machine that dies in that moment. What a boot after that finds is what had been synced, and of the rest
/// nothing, everything, or some: each write by itself there, not there, or torn at a sector, whatever was written after
/// it. One connection a file; SQLite must use exclusive locking, for it has no shared memory. @thread one
class CrashDisk {
 public:
  /// What has become of what was not synced.
  enum class Unsynced : std::uint8_t { lost, kept, some };

  /// A file's content as it was synced, and what was done to it since.
  struct File {
    struct Change {
      enum class Kind : std::uint8_t { create, write, truncate, remove } kind = Kind::write;
      std::size_t offset = 0;  ///< where a write begins, or the size to truncate to
      Bytes bytes;
    };

    std::optional<Bytes> synced;  ///< nothing: there is no such file
    std::optional<Bytes> now;
    std::vector<Change> changes;  ///< that lead from `synced` to `now`
  };

  using Image = std::map<std::string, File>;

  CrashDisk();
  ~CrashDisk();
  CrashDisk(const CrashDisk&) = delete;
  CrashDisk& operator=(const CrashDisk&) = delete;

  /// The name to open databases with.
  const std::string& vfs() const { return name_; }

  /// Changes asked for so far.
  std::uint64_t operations() const { return operations_; }

  /// The `operation`th change from now on (the first is 1) fails, and every later one. 0: none.
  void fail_from(std::uint64_t operation) { failing_from_ = operation == 0 ? 0 : operations_ + operation; }

  /// The disk holds no more than this; what would grow it beyond is refused as on a full disk.
  void set_room(std::uint64_t bytes) { room_ = bytes; }

  /// From now on it says that it syncs, and does not: as some disks do. For showing that a test would notice.
  void lie() { lies_ = true; }

  std::uint64_t used() const;

  /// The disk in this moment, with everything that was not synced. To be taken before the database is closed.
  Image image() const { return files_; }

  /// The power comes back: the disk is what such an image leaves, and works. Nothing may be open.
  void boot(const Image& image, Unsynced unsynced, std::uint64_t seed = 0);

 private:
  friend struct CrashCalls;
  /// Whether this change is one that fails.
  bool fails();
  static void apply(std::optional<Bytes>& content, const File::Change& change);
  static void settle(File& file);

  std::string name_;
  struct Vfs;
  std::unique_ptr<Vfs> vfs_;
  Image files_;
  std::uint64_t operations_ = 0;
  std::uint64_t failing_from_ = 0;
  std::uint64_t room_ = UINT64_MAX;
  bool lies_ = false;
};

}  // namespace perch::test
