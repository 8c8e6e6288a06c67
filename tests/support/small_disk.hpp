#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace perch::test {

/// A file system of a few megabytes in memory, mounted over a folder, for tests of a full disk. The first one moves the
/// whole test program, and what it starts from then on, into a mount namespace of its own: nothing outside ever sees
/// it, and nothing is left behind, whatever becomes of the test. @thread one
class SmallDisk {
 public:
  /// Why there can be none here; empty when there can. Makes the namespace.
  static std::string trouble();

  /// @param folder  exists; what is in it is hidden meanwhile. @pre trouble() is empty
  SmallDisk(std::filesystem::path folder, std::uint64_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

  /// Changes how large it is, with all that is on it.
  void resize(std::uint64_t bytes);

 private:
  std::filesystem::path folder_;
};

}  // namespace perch::test
