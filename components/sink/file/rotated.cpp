#include "sink/file/rotated.hpp"

#include <algorithm>
#include <system_error>

#include "base/folder.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace perch::sink::file {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kStampForm = "00000000T000000.000Z";

std::string stamp_of(UtcTime time) {
  std::string stamp = to_string(time);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return stamp;
}

bool is_stamp(std::string_view text) {
  return std::ranges::equal(text, kStampForm,
                            [](char c, char form) { return form == '0' ? c >= '0' && c <= '9' : c == form; });
}

/// The time that a stamp stands for.
Result<UtcTime> time_of(std::string stamp) {
  for (const std::size_t at : {13U, 11U}) stamp.insert(at, ":");
  for (const std::size_t at : {6U, 4U}) stamp.insert(at, "-");
  return parse_utc(stamp);
}

/// The stamp in the name of a file that `path` was rotated into; empty for another file.
std::string stamp_in(const fs::path& path, const fs::path& rotated) {
  const std::string name = rotated.filename().string(), extension = path.extension().string();
  const std::string begin = path.stem().string() + "-";
  if (name.size() != begin.size() + kStampForm.size() + extension.size()) return {};
  std::string stamp = name.substr(begin.size(), kStampForm.size());
  return name.starts_with(begin) && name.ends_with(extension) && is_stamp(stamp) ? stamp : std::string();
}

}  // namespace

std::vector<fs::path> list_rotated(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const auto is_rotated = [&](const fs::path& file) { return !stamp_in(path, file).empty(); };
  return find_files(folder, is_rotated).files;
}

fs::path next_rotated(const fs::path& path, UtcTime now) {
  const std::vector<fs::path> before = list_rotated(path);
  if (!before.empty()) {
    const Result<UtcTime> last = time_of(stamp_in(path, before.back()));
    if (last && *last >= now) now = *last + Milliseconds{1};
  }
  return path.parent_path() / (path.stem().string() + "-" + stamp_of(now) + path.extension().string());
}

void remove_rotated(const fs::path& path, int keep) {
  const std::vector<fs::path> all = list_rotated(path);
  for (std::size_t i = 0; i + static_cast<std::size_t>(keep) < all.size(); ++i) {
    std::error_code error;
    fs::remove(all[i], error);
    if (error) log::warning("{}: cannot remove it: {}", printable(all[i].string(), 300), error.message());
  }
}

}  // namespace perch::sink::file
