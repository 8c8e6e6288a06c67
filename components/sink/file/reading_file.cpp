#include "sink/file/reading_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "journal/reading_json.hpp"
#include "sink/file/rotated.hpp"

namespace perch::sink::file {

Result<void> ReadingFile::append(std::span<const Reading> readings) {
  Result<void> done = try_append(readings);
  if (!done) file_ = {};  // the next call finds out what has become of it
  return done;
}

Result<void> ReadingFile::try_append(std::span<const Reading> readings) {
  PERCH_CHECK(make_ready());
  if (bytes_ > 0 && is_over(clock_.now())) PERCH_CHECK(rotate());
  Newest newest = newest_;
  std::string lines;
  const auto write_lines = [&]() -> Result<void> {
    PERCH_CHECK(write(lines));
    newest_ = newest;
    return {};
  };
  for (const Reading& reading : readings) {
    if (has(newest, reading.journal, reading.seq)) continue;
    const std::string line = journal::to_json(reading) + '\n';
    const std::uint64_t before = bytes_ + lines.size();
    if (rotation_.bytes > 0 && before > 0 && before + line.size() > rotation_.bytes) {
      PERCH_CHECK(write_lines());
      PERCH_CHECK(rotate());
    }
    lines += line;
    note(newest, reading.journal, reading.seq);
  }
  return write_lines();
}

/// Whether another period has begun, or the clock was set back into an earlier one.
bool ReadingFile::is_over(UtcTime now) const {
  if (rotation_.every.count() <= 0) return false;
  const auto period = [&](UtcTime time) { return time.time_since_epoch() / rotation_.every; };
  return period(now) != period(begun_);
}

/// Has the file open that is at the path now: others may have moved it away, removed it, or cut it.
Result<void> ReadingFile::make_ready() {
  struct stat open_one{}, named{};
  if (file_.is_open() && ::fstat(file_.get(), &open_one) == 0 && ::stat(path_.c_str(), &named) == 0 &&
      open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino) {
    bytes_ = static_cast<std::uint64_t>(open_one.st_size);
    return {};
  }
  return open();
}

Result<void> ReadingFile::open() {
  file_ = {};
  Descriptor file(::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644));
  if (!file.is_open()) {
    Error error = file_error("open", path_, errno);
    if (error.code == Errc::not_found) error.remedy = "make its folder, or see whether its disk is there";
    return fail(std::move(error));
  }
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return fail(file_error("open", path_, errno));
  if (!S_ISREG(info.st_mode)) return fail(Errc::invalid, "is not a regular file", path_.string(), "name another file");
  // Some file systems have no locks; then nobody is kept out.
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return fail(Errc::exists, "another program, or another sink, writes it", path_.string(),
                "give each sink a file of its own");
  file_ = std::move(file);
  PERCH_TRY(const Tail tail, read_tail(file_, path_));
  PERCH_CHECK(mend(tail));
  begun_ = clock_.now();
  if (bytes_ > 0 && rotation_.every.count() > 0) begun_ = time_of_first(file_).value_or(begun_);
  for (const auto& [journal, seq] : tail.newest) note(newest_, journal, seq);
  return newest_.empty() ? read_predecessors() : Result<void>{};
}

/// Cuts off what was torn, and has the rest on the disk: what a killed program wrote may not be there yet.
Result<void> ReadingFile::mend(const Tail& tail) {
  if (tail.whole_bytes < tail.bytes) {
    if (::ftruncate(file_.get(), static_cast<off_t>(tail.whole_bytes)) != 0)
      return fail(file_error("mend", path_, errno));
    log::info("{}: cut off {} of a reading that was not written to its end", printable(path_.string(), 300),
              format_size(tail.bytes - tail.whole_bytes));
  }
  bytes_ = tail.whole_bytes;
  if (::fsync(file_.get()) != 0) return fail(file_error("sync", path_, errno));
  return sync_folder_of(path_);
}

/// The file has no reading yet: what was written last is in the one before it, ours or logrotate's.
Result<void> ReadingFile::read_predecessors() {
  std::vector<std::filesystem::path> before = list_rotated(path_);
  if (before.size() > 1) before.erase(before.begin(), before.end() - 1);
  before.emplace_back(path_.string() + ".1");
  for (const std::filesystem::path& path : before) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open() && errno == ENOENT) continue;
    if (!file.is_open()) return fail(file_error("read", path, errno));
    const Result<Tail> tail = read_tail(file, path);
    if (!tail && tail.error().code == Errc::mismatch) continue;
    if (!tail) return fail(tail.error());
    for (const auto& [journal, seq] : tail->newest) note(newest_, journal, seq);
  }
  return {};
}

/// Writes whole lines and has them on the disk, or nothing of them in the file.
Result<void> ReadingFile::write(std::string& lines) {
  if (lines.empty()) return {};
  int error = write_all(file_, as_bytes(lines));
  if (error == 0 && ::fsync(file_.get()) != 0) error = errno;
  if (error != 0) {
    // If this fails too, the line that was torn is mended when the file is opened again.
    [[maybe_unused]] const int ignored = ::ftruncate(file_.get(), static_cast<off_t>(bytes_));
    return fail(file_error("write", path_, error));
  }
  if (bytes_ == 0) begun_ = clock_.now();
  bytes_ += lines.size();
  lines.clear();
  return {};
}

Result<void> ReadingFile::rotate() {
  const std::filesystem::path to = next_rotated(path_, clock_.now());
  if (::rename(path_.c_str(), to.c_str()) != 0) return fail(file_error("rotate", path_, errno));
  if (rotation_.keep > 0) remove_rotated(path_, rotation_.keep);
  return open();
}

}  // namespace perch::sink::file
