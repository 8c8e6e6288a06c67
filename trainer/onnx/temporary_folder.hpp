#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace perch::trainer {

/// A new folder that goes, with all in it, when this does.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::filesystem::path root = std::filesystem::temp_directory_path(error);
    if (error) root = "/tmp";
    std::string name = (root / "perch-XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
  }

  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// Empty when none could be made.
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace perch::trainer
