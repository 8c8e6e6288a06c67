#include "base/bytes.hpp"

#include <csignal>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"

using namespace perch;
namespace fs = std::filesystem;

namespace {

/// A folder of its own that goes with the test.
struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("perch-bytes-{}-{}", ::getpid(), ++count);
  static inline int count = 0;

  Folder() { fs::create_directory(path); }

  ~Folder() { fs::remove_all(path); }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a file is read back as it was written, and nothing is left beside it") {
  const Folder folder;
  Bytes bytes(100'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 31);
  REQUIRE(write_file(folder.path / "a", bytes));
  CHECK(read_file(folder.path / "a").value() == bytes);
  REQUIRE(write_file(folder.path / "a", as_bytes("new")));
  CHECK(as_text(read_file(folder.path / "a").value()) == "new");
  REQUIRE(write_file(folder.path / "a", {}));
  CHECK(read_file(folder.path / "a").value().empty());
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("a file that is to be synced later is whole at once too, and a folder that is not there is named") {
  const Folder folder;
  REQUIRE(write_file_unsynced(folder.path / "a", as_bytes("old")));
  REQUIRE(write_file_unsynced(folder.path / "a", as_bytes("new")));
  CHECK(as_text(read_file(folder.path / "a").value()) == "new");
  CHECK(files_in(folder.path) == 1);
  CHECK(sync_file_system(folder.path));
  CHECK(write_file_unsynced(folder.path / "none" / "a", as_bytes("x")).error().code == Errc::not_found);
  CHECK(sync_file_system(folder.path / "none").error().code == Errc::not_found);
}

TEST_CASE("a file that is not there is named, with a remedy") {
  const Folder folder;
  const fs::path path = folder.path / "none.toml";
  const auto missing = read_file(path);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
  CHECK(missing.error().message() == path.string() + ": cannot open: No such file or directory; check the path");
  CHECK(read_file(folder.path / "none" / "x").error().code == Errc::not_found);
}

TEST_CASE("a folder is no file") {
  const Folder folder;
  CHECK(read_file(folder.path).error().code == Errc::invalid);
  CHECK(read_file(folder.path).error().what == "is a folder, not a file");
  fs::create_directory(folder.path / "taken");
  CHECK_FALSE(write_file(folder.path / "taken", as_bytes("x")));
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("a file over the limit is refused before it is read") {
  const Folder folder;
  REQUIRE(write_file(folder.path / "a", Bytes(1000)));
  CHECK(read_file(folder.path / "a", 1000));
  CHECK(read_file(folder.path / "a", 999).error().code == Errc::too_large);
  fs::resize_file(folder.path / "a", std::uintmax_t{1} << 40);  // sparse: a terabyte of nothing
  CHECK(read_file(folder.path / "a").error().message() ==
        (folder.path / "a").string() + ": 1.1 TB, over the limit of 1.1 GB");
}

TEST_CASE("a stream whose size is not known beforehand is read whole, up to the limit") {
  const Folder folder;
  const fs::path pipe = folder.path / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto feed = [&](std::size_t size) {
    return std::jthread([&pipe, size] {
      const int fd = ::open(pipe.c_str(), O_WRONLY);
      const Bytes bytes(size, 7);
      for (std::size_t done = 0; done < size;) {
        const ssize_t put = ::write(fd, bytes.data() + done, size - done);
        if (put <= 0) break;
        done += static_cast<std::size_t>(put);
      }
      ::close(fd);
    });
  };
  {
    const auto writer = feed(200'001);
    CHECK(read_file(pipe).value() == Bytes(200'001, 7));
  }
  {
    const auto writer = feed(1000);
    CHECK(read_file(pipe, 999).error().code == Errc::too_large);
  }
  CHECK(read_file("/proc/self/status").value().size() > 100);
}

TEST_CASE("a write that cannot be done leaves the old content") {
  const Folder folder;
  CHECK(write_file(folder.path / "none" / "a", as_bytes("x")).error().code == Errc::not_found);
  CHECK_FALSE(write_file("/dev/null/a", as_bytes("x")));
  REQUIRE(write_file(folder.path / "a", as_bytes("old")));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);  // as a full disk: the write stops half way
  const auto too_long = write_file(folder.path / "a", Bytes(5000));
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, ignored);
  CHECK_FALSE(too_long);
  CHECK(as_text(read_file(folder.path / "a").value()) == "old");
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("threads that write the same file at once leave one whole content") {
  const Folder folder;
  const fs::path path = folder.path / "a";
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i)
      writers.emplace_back([&path, i] {
        for (int round = 0; round < 5; ++round) CHECK(write_file(path, Bytes(50'000, static_cast<std::uint8_t>(i))));
      });
  }
  const Bytes content = read_file(path).value();
  CHECK(content.size() == 50'000);
  CHECK(std::ranges::all_of(content, [&](std::uint8_t byte) { return byte == content[0]; }));
  CHECK(files_in(folder.path) == 1);
}

TEST_CASE("SHA-256 gives the published values") {  // FIPS 180-4 examples
  CHECK(sha256_hex({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex(as_bytes("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex(Bytes(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("shared bytes are never null and are shared when copied") {
  CHECK(SharedBytes().size() == 0);
  const SharedBytes a(Bytes{1, 2, 3});
  const SharedBytes b = a;
  CHECK(a.view().data() == b.view().data());
}
