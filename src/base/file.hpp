#pragma once
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"

/// What code that works on open files shares. Blocks.
namespace perch {

/// An open file descriptor with one owner.
class Descriptor {
 public:
  Descriptor() = default;

  /// Takes over what `open` returned; negative: none.
  explicit Descriptor(int fd) : fd_(fd) {}

  ~Descriptor();

  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  bool is_open() const { return fd_ >= 0; }

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

/// `cannot DOING: …` for a call on a file that failed with this `errno`: not_found, denied, full, invalid (a folder) or
/// io, with what to do.
Error file_error(std::string_view doing, const std::filesystem::path& path, int number);

/// Writes all of it. Returns 0, or the `errno` of what stopped it; some of it may then be written.
int write_all(const Descriptor& file, ByteView bytes);

/// As `write_file`, but it is sure to be on the disk only after `sync_file_system`: for thousands of files that are of
/// use only together. Errors: as `file_error`.
Result<void> write_file_unsynced(const std::filesystem::path& path, ByteView bytes);

/// Brings everything that was written to the file system of a folder onto its disk. Errors: as `file_error`, of writing
/// that failed meanwhile too.
Result<void> sync_file_system(const std::filesystem::path& folder);

/// Makes names that were made, changed or removed in the folder of `path` last. Errors: as `file_error`.
Result<void> sync_folder_of(const std::filesystem::path& path);

}  // namespace perch
