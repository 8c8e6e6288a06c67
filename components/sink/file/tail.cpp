#include "sink/file/tail.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "journal/reading_json.hpp"

namespace perch::sink::file {

namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

/// The bytes from `at` on, at most `count`.
Result<std::string> read_at(const Descriptor& file, const std::filesystem::path& path, std::uint64_t at,
                            std::uint64_t count) {
  std::string text(count, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t got =
        ::pread(file.get(), text.data() + filled, text.size() - filled, static_cast<off_t>(at + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(file_error("read", path, errno));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

/// Where the whole lines of a text end.
std::size_t end_of_whole_lines(std::string_view text) {
  const std::string_view written = text.substr(0, text.find('\0'));
  const std::size_t newline = written.rfind('\n');
  return newline == kNowhere ? 0 : newline + 1;
}

/// Whether a line that is not whole can be the beginning of a reading.
bool may_be_reading(std::string_view torn) {
  constexpr std::string_view kBegin = R"({"id":")";
  const std::string_view begin = torn.substr(0, std::min(torn.find('\0'), kBegin.size()));
  return kBegin.starts_with(begin);
}

}  // namespace

bool has(const Newest& newest, std::string_view journal, Seq seq) {
  const auto found = newest.find(journal);
  return found != newest.end() && found->second >= seq;
}

void note(Newest& newest, std::string_view journal, Seq seq) {
  auto found = newest.find(journal);
  if (found == newest.end()) found = newest.emplace(journal, Seq{0}).first;
  found->second = std::max(found->second, seq);
}

Result<Tail> read_tail(const Descriptor& file, const std::filesystem::path& path) {
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return fail(file_error("read", path, errno));
  Tail tail;
  tail.bytes = static_cast<std::uint64_t>(info.st_size);
  std::uint64_t begin = tail.bytes - std::min(tail.bytes, kTailBytes);
  PERCH_TRY(const std::string all, read_at(file, path, begin, kTailBytes));
  std::string_view text = all;
  if (begin > 0) {  // the rest of a line
    const std::size_t skipped = std::min(text.find('\n'), text.size() - 1) + 1;
    text.remove_prefix(skipped);
    begin += skipped;
  }
  const std::size_t end = end_of_whole_lines(text);
  const std::string_view torn = text.substr(end);
  tail.whole_bytes = begin + end;

  bool others = false;
  for (std::string_view rest = text.substr(0, end); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (const Result<Reading> reading = journal::reading_from_json(line))
      note(tail.newest, reading->journal, reading->seq);
    else
      others = others || !trim(line).empty();
  }
  if (tail.newest.empty() && (begin > 0 || others || !may_be_reading(torn)))
    return fail(Errc::mismatch, "holds something that is no reading", path.string(), "name another file");
  return tail;
}

std::optional<UtcTime> time_of_first(const Descriptor& file) {
  const Result<std::string> text = read_at(file, {}, 0, journal::kMostLineBytes);
  if (!text) return std::nullopt;
  const Result<Reading> reading = journal::reading_from_json(std::string_view(*text).substr(0, text->find('\n')));
  if (!reading) return std::nullopt;
  return reading->observation.stamp.at;
}

}  // namespace perch::sink::file
