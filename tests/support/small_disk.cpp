#include "support/small_disk.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <sched.h>
#include <sys/mount.h>

namespace perch::test {

namespace {

void must_mount(const std::filesystem::path& folder, std::uint64_t bytes, unsigned long flags) {
  const std::string options = "size=" + std::to_string(bytes);
  if (::mount("perch-test", folder.c_str(), "tmpfs", flags, options.c_str()) == 0) return;
  std::fprintf(stderr, "%s: cannot be mounted: %s\n", folder.c_str(),
               std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
  std::abort();
}

}  // namespace

std::string SmallDisk::trouble() {
  static const bool allowed =
      ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return allowed ? "" : "mount namespaces are not permitted here";
}

SmallDisk::SmallDisk(std::filesystem::path folder, std::uint64_t bytes) : folder_(std::move(folder)) {
  must_mount(folder_, bytes, 0);
}

SmallDisk::~SmallDisk() {
  ::umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::resize(std::uint64_t bytes) {
  must_mount(folder_, bytes, MS_REMOUNT);
}

}  // namespace perch::test
