#include "base/file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace perch {

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Error file_error(std::string_view doing, const std::filesystem::path& path, int number) {
  Errc code = Errc::io;
  std::string remedy;
  if (number == ENOENT || number == ENOTDIR) {
    code = Errc::not_found;
    remedy = "check the path";
  } else if (number == EACCES || number == EPERM || number == EROFS) {
    code = Errc::denied;
    remedy = "check its permissions";
  } else if (number == ENOSPC || number == EDQUOT) {
    code = Errc::full;
    remedy = "free some space";
  } else if (number == EFBIG) {
    code = Errc::full;
    remedy = "raise the limit for the size of a file, or begin a new one earlier";
  } else if (number == EISDIR) {
    code = Errc::invalid;
    remedy = "name a file in it";
  }
  return {code, fmt::format("cannot {}: {}", doing, std::generic_category().message(number)), path.string(), remedy};
}

int write_all(const Descriptor& file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return 0;
}

Result<void> sync_file_system(const std::filesystem::path& folder) {
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!open.is_open() || ::syncfs(open.get()) != 0) return fail(file_error("sync", folder, errno));
  return {};
}

Result<void> sync_folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Descriptor open(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems cannot sync a folder, and some folders may be written but not read.
  if (open.is_open() && ::fsync(open.get()) != 0 && errno != EINVAL) return fail(file_error("sync", folder, errno));
  return {};
}

}  // namespace perch
