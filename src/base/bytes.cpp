#include "base/bytes.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.hpp"
#include "base/text.hpp"

namespace perch {

namespace {

tl::unexpected<Error> fail_errno(std::string_view doing, const std::filesystem::path& path, int number) {
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
  }
  return fail(code, fmt::format("cannot {}: {}", doing, std::generic_category().message(number)), path.string(),
              remedy);
}

/// An open file descriptor with one owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}

  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

const std::shared_ptr<const Bytes>& SharedBytes::empty() {
  static const auto nothing = std::make_shared<const Bytes>();
  return nothing;
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t limit_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return fail_errno("open", path, errno);
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return fail_errno("read", path, errno);
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
      if (got < 0) return fail_errno("read", path, errno);
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
    if (got < 0) return fail_errno("read", path, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Result<void> write_file(const std::filesystem::path& path, ByteView bytes) {
  static std::atomic<unsigned> count = 0;  // two threads may write the same file: the last one's content stays whole
  const std::filesystem::path beside = path.string() + fmt::format(".{}-{}.part", ::getpid(), ++count);
  {
    const Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (file.get() < 0) return fail_errno("write", path, errno);
    const auto give_up = [&](int number) {
      ::unlink(beside.c_str());
      return fail_errno("write", path, number);
    };
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t put = ::write(file.get(), bytes.data() + done, bytes.size() - done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return give_up(errno);
      done += static_cast<std::size_t>(put);
    }
    if (::fsync(file.get()) != 0) return give_up(errno);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const int number = errno;
    ::unlink(beside.c_str());
    return fail_errno("write", path, number);
  }
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Descriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0 && ::fsync(folder.get()) != 0 && errno != EINVAL) return fail_errno("sync", parent, errno);
  return {};
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
