#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <map>
#include <set>

#include <sys/stat.h>

#include "e2e/edge_place.hpp"
#include "support/small_disk.hpp"

using namespace perch;
namespace json = boost::json;

namespace {

using e2e::get;
using e2e::Place;
using e2e::until;
using test::SmallDisk;

constexpr std::uint64_t kDataBytes = 12'000'000;  // the journal keeps a reserve of 4 MB of it
constexpr std::uint64_t kArchiveBytes = 100'000;

/// A file that takes all the room there is.
void fill(const std::filesystem::path& path) {
  std::ofstream file(path, std::ios::binary);
  const std::array<char, 4096> block{};
  while (file.write(block.data(), block.size()).flush()) {
  }
}

/// The kept pictures, as the disk numbers their files: one that is written again is another.
std::set<ino_t> pictures_in(const std::filesystem::path& data) {
  constexpr std::size_t kSha = 64;
  std::set<ino_t> found;
  std::error_code gone;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data / "pictures", gone)) {
    struct stat file{};
    if (entry.path().filename().string().size() == kSha && ::stat(entry.path().c_str(), &file) == 0)
      found.insert(file.st_ino);
  }
  return found;
}

bool none_of(const std::set<ino_t>& those, const std::set<ino_t>& here) {
  return std::ranges::none_of(those, [&](ino_t one) { return here.contains(one); });
}

json::value archive(const std::string& url) {
  return get(url + "/api/info").at("sinks").at(0);
}

std::string problem(const std::string& url) {
  return std::string(archive(url).at("problem").as_string());
}

/// What the journal still holds: the reading of each seq.
std::map<std::int64_t, json::value> readings(const std::string& url) {
  std::map<std::int64_t, json::value> found;
  std::string page;
  do {
    const json::value answer = get(url + "/api/readings?limit=1000" + (page.empty() ? "" : "&cursor=" + page));
    for (const json::value& reading : answer.at("readings").as_array())
      found.emplace(reading.at("seq").as_int64(), reading);
    const json::value& next = answer.at("next");
    page = next.is_null() ? std::string() : std::string(next.as_string());
  } while (!page.empty());
  return found;
}

}  // namespace

TEST_CASE("on a full disk pictures go first, then what was delivered, then the oldest, which a reading counts") {
  if (const std::string trouble = SmallDisk::trouble(); !trouble.empty()) {
    MESSAGE("skipped: " << trouble);
    return;
  }
  Place place;
  const std::filesystem::path archive_folder = place.folder / "archive";
  std::filesystem::create_directory(place.data);
  std::filesystem::create_directory(archive_folder);
  const SmallDisk disk(place.data, kDataBytes);
  SmallDisk far_end(archive_folder, kArchiveBytes);
  const std::string sink = "[[sink]]\nkind = 'file'\npath = '" + (archive_folder / "readings.jsonl").string() + "'\n";
  const std::string yard = e2e::camera("yard", e2e::folder_source(500)) + "keep_picture = true\n";
  place.configure(yard + sink);
  test::RunningProgram edge(place.command());
  const std::string url = e2e::url_of(edge);

  // The archive takes a part and is full then; the interface says so.
  until([&] { return archive(url).at("delivered").as_int64() > 0 && !problem(url).empty(); });
  CHECK(problem(url).find("No space left") != std::string::npos);
  const std::int64_t delivered = archive(url).at("delivered").as_int64();
  const std::set<ino_t> pictures = pictures_in(disk.folder());
  CHECK(pictures.size() == 3);

  // Something else takes the rest of the disk.
  fill(disk.folder() / "ballast");
  edge.wait_for("event=journal.disk_full");
  edge.wait_for("event=journal.lost");
  CHECK(none_of(pictures, pictures_in(disk.folder())));
  CHECK(archive(url).at("delivered").as_int64() == delivered);

  // Once there is room nothing more is lost, and the archive gets all that is left.
  std::filesystem::remove(disk.folder() / "ballast");
  until([&] { return pictures_in(disk.folder()).size() == 3; });
  far_end.resize(kDataBytes);
  until([&] { return problem(url).empty(); });
  place.configure(sink);
  edge.wait_for("event=config.taken_up");
  until([&] { return archive(url).at("delivered").as_int64() == e2e::last_seq(url); });
  const std::map<std::int64_t, json::value> left = readings(url);
  REQUIRE_FALSE(left.empty());
  std::int64_t told = 0;
  for (const auto& [seq, reading] : left)
    if (reading.at("task").as_string() == "journal") told += reading.at("values").at("lost").as_int64();
  CHECK(told > 0);
  CHECK(told == left.begin()->first - 1 - delivered);  // the oldest went, and all that was delivered before them
  CHECK(left.rbegin()->first - left.begin()->first + 1 == static_cast<std::int64_t>(left.size()));
  edge.signal(SIGTERM);
  CHECK(edge.wait() == 0);
  // Nothing twice, and nothing missing but what went: of that the archive may have had a part in hand already.
  std::map<std::int64_t, int> times;
  for (const json::value& reading : e2e::lines_of(archive_folder)) ++times[reading.at("seq").as_int64()];
  std::string wrong;
  for (std::int64_t seq = 1; seq <= left.rbegin()->first; ++seq) {
    const bool went = seq > delivered && seq < left.begin()->first;
    if (times[seq] != 1 && !(went && times[seq] == 0)) wrong += fmt::format(" {} is there {} times;", seq, times[seq]);
  }
  INFO(delivered, " delivered, then ", left.begin()->first, " to ", left.rbegin()->first);
  CHECK(wrong == "");
}
