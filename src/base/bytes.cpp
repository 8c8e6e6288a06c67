#include "base/bytes.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace perch {

const std::shared_ptr<const Bytes>& SharedBytes::empty() {
  static const auto nothing = std::make_shared<const Bytes>();
  return nothing;
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return fail(file_error("open", path, errno));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return fail(file_error("read", path, errno));
  if (S_ISDIR(info.st_mode)) return fail(Errc::invalid, "is a folder, not a file", path.string());
  if (static_cast<std::uint64_t>(info.st_size) > limit_bytes)
    return fail(Errc::too_large,
                fmt::format("{}, over the limit of {}", format_size(static_cast<std::uint64_t>(info.st_size)),
                            format_size(limit_bytes)),
                path.string());
  Bytes bytes(static_cast<std::size_t>(info.st_size));
  std::size_t filled = 0;
  for (;;) {
    if (filled == bytes.size()) {  // a pipe, or a file that grows: its size was not the whole truth
      std::uint8_t more = 0;
      const ssize_t got = ::read(file.get(), &more, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(file_error("read", path, errno));
      if (got == 0) return bytes;
      if (filled >= limit_bytes)
        return fail(Errc::too_large, fmt::format("over the limit of {}", format_size(limit_bytes)), path.string());
      bytes.push_back(more);
      bytes.resize(std::min(limit_bytes, bytes.size() + 65536));
      ++filled;
      continue;
    }
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(file_error("read", path, errno));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

namespace {

/// Writes beside and renames, so that a reader sees the old or the new content.
Result<void> replace_file(const std::filesystem::path& path, ByteView bytes, bool sync) {
  static std::atomic<unsigned> count = 0;  // two threads may write the same file: the last one's content stays whole
  const std::filesystem::path beside = path.string() + fmt::format(".{}-{}.part", ::getpid(), ++count);
  {
    const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!file.is_open()) return fail(file_error("write", path, errno));
    const auto give_up = [&](int number) {
      ::unlink(beside.c_str());
      return fail(file_error("write", path, number));
    };
    if (const int error = write_all(file, bytes); error != 0) return give_up(error);
    if (sync && ::fsync(file.get()) != 0) return give_up(errno);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const int number = errno;
    ::unlink(beside.c_str());
    return fail(file_error("write", path, number));
  }
  return sync ? sync_folder_of(path) : Result<void>{};
}

}  // namespace

Result<void> write_file(const std::filesystem::path& path, ByteView bytes) {
  return replace_file(path, bytes, true);
}

Result<void> write_file_unsynced(const std::filesystem::path& path, ByteView bytes) {
  return replace_file(path, bytes, false);
}

std::string sha256_hex(ByteView bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  PERCH_ASSERT(done == 1 && size == 32);
  std::string hex;
  hex.reserve(64);
  for (unsigned i = 0; i < size; ++i) fmt::format_to(std::back_inserter(hex), "{:02x}", digest[i]);
  return hex;
}

}  // namespace perch
