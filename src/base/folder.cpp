#include "base/folder.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/file.hpp"

namespace perch {

namespace {

namespace fs = std::filesystem;

void look_through(const fs::path& folder, const std::function<bool(const fs::path&)>& wanted, Depth depth,
                  FolderFiles& found) {
  std::error_code error;
  std::vector<fs::path> below;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code unseen;
    if (wanted(it->path()) && it->is_regular_file(unseen)) found.files.push_back(it->path());
    if (depth == Depth::deep && fs::is_directory(it->symlink_status(unseen))) below.push_back(it->path());
  }
  if (error) found.unread.push_back(file_error("read the folder", folder, error.value()));
  for (const fs::path& next : below) look_through(next, wanted, depth, found);
}

}  // namespace

FolderFiles find_files(const fs::path& folder, const std::function<bool(const fs::path&)>& wanted, Depth depth) {
  FolderFiles found;
  look_through(folder, wanted, depth, found);
  std::ranges::sort(found.files);
  return found;
}

Result<std::vector<fs::path>> list_files(const fs::path& folder, const std::function<bool(const fs::path&)>& wanted,
                                         Depth depth) {
  FolderFiles found = find_files(folder, wanted, depth);
  if (!found.unread.empty()) return fail(std::move(found.unread.front()));
  return std::move(found.files);
}

}  // namespace perch
