#include "edge/api.hpp"

#include "image/codec.hpp"
#include "support/edge_fixture.hpp"
#include "support/looks.hpp"
#include "support/readings.hpp"

using namespace perch;
using namespace perch::edge;
using namespace perch::test;
using namespace std::chrono_literals;
namespace bj = boost::json;

namespace {

constexpr UtcTime kBegin{1'800'000'000'000ms};

/// Readings of one camera and task, a second apart.
void append(EdgeFixture& edge, const std::string& camera, const std::string& task, int count) {
  std::vector<Reading> readings;
  for (int i = 0; i < count; ++i) readings.push_back(reading(camera, task, kBegin + i * 1s, i));
  REQUIRE(edge.await(edge.journal->append(std::move(readings))).has_value());
}

/// The counts of the readings of an answer.
std::vector<std::int64_t> counts(const bj::value& answer) {
  std::vector<std::int64_t> all;
  for (const bj::value& reading : answer.at("readings").as_array())
    all.push_back(reading.at("values").at("car").as_int64());
  return all;
}

std::string error_of(const bj::value& answer) {
  return std::string(answer.at("error").as_string()) + "; " + std::string(answer.at("remedy").as_string());
}

std::string header(const std::string& answer, const std::string& name) {
  const std::size_t at = answer.find(name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 2;
  return answer.substr(begin, answer.find('\r', begin) - begin);
}

std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

}  // namespace

TEST_CASE("info says what the device is, and what its journal holds") {
  EdgeFixture edge;
  edge.add_camera("yard");
  append(edge, "yard", "cars", 3);
  const bj::value info = edge.json("/api/info");
  CHECK(info.at("device") == "garage");
  CHECK(info.at("version") == "1.2.3");
  CHECK(info.at("config").at("revision") == 12);
  CHECK(info.at("cameras") == 1);
  CHECK(info.at("journal").at("last_seq") == 3);
  CHECK(info.at("sinks").at(0).at("delivered") == 2);
  CHECK(info.at("sinks").at(0).at("problem") == "the far end is away");
  edge.on_loop([&] { edge.device.problem = "perch.toml:3:1: no such key"; });
  CHECK(edge.json("/api/info").at("config").at("problem") == "perch.toml:3:1: no such key");
}

TEST_CASE("cameras tell their source, health, counters, tasks and latest observations") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard");
  edge.add_camera("door");
  const bj::value before = edge.json("/api/cameras/yard");
  CHECK(before.at("health").at("health") == "connecting");
  CHECK(before.at("latest_seq").is_null());
  CHECK(before.at("tasks").at(0).at("latest").is_null());

  edge.look("yard", *feed, frame_of(Jpeg{a_jpeg()}));
  const bj::value all = edge.json("/api/cameras");
  REQUIRE(all.at("cameras").as_array().size() == 2);
  CHECK(all.at("cameras").at(0).at("name") == "door");
  const bj::value yard = all.at("cameras").at(1);
  CHECK(yard == edge.json("/api/cameras/yard"));
  CHECK(yard.at("source") == "fed");
  CHECK(yard.at("every_ms") == 0);
  CHECK(yard.at("health").at("health") == "live");
  CHECK(yard.at("health").at("reason") == "");
  CHECK(parse_utc(std::string(yard.at("health").at("since").as_string())).has_value());
  CHECK(yard.at("counters").at("frames") == 1);
  CHECK(yard.at("counters").at("looked") == 1);
  CHECK(yard.at("latest_seq") == 1);
  const bj::value task = yard.at("tasks").at(0);
  CHECK(task.at("name") == "cars");
  CHECK(task.at("model") == "tiny@12345678");
  CHECK(task.at("record") == "every");
  CHECK(bj::serialize(task.at("outputs")) == R"([{"name":"n","unit":"cars","kind":"gauge","decimals":0}])");
  const bj::value& latest = task.at("latest");
  CHECK(latest.at("seq") == 1);
  CHECK(latest.at("status") == "ok");
  CHECK(bj::serialize(latest.at("detections")) == R"([{"label":"car","score":7.5E-1,"box":[1,2,3,4]}])");
  CHECK(bj::serialize(latest.at("size")) == "[32,24]");
}

TEST_CASE("a camera's name that is none gets the nearest, however odd it is") {
  EdgeFixture edge;
  edge.add_camera("driveway");
  edge.add_camera("yard");
  for (const char* below : {"", "/latest.jpg", "/stream"})
    CHECK(error_of(edge.json("/api/cameras/drivway" + std::string(below), 404)) ==
          "there is no camera 'drivway'; did you mean 'driveway'?");
  CHECK(error_of(edge.json("/api/cameras/something-else", 404)) ==
        "there is no camera 'something-else'; known: driveway, yard");
  for (const std::string& name : {std::string("%22%3Cscript%3E"), std::string("%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
                                  std::string("%FF%FE"), std::string("y%20ard"), std::string("%F0%9F%9A%97"),
                                  std::string("yard%2Flatest.jpg"), std::string(8000, 'y')}) {
    CAPTURE(name);
    CHECK(says(error_of(edge.json("/api/cameras/" + name, 404)), "there is no camera '"));
    CHECK(says(error_of(edge.json("/api/cameras/" + name + "/latest.jpg", 404)), "there is no camera '"));
  }
  CHECK(says(error_of(edge.json("/api/cameras/%00", 400)), "control character"));
  CHECK(says(error_of(edge.json("/api/cameras/%zz", 400)), "percent"));
  CHECK(says(error_of(edge.json("/api/cameras//latest.jpg", 404)), "there is no /api/cameras//latest.jpg"));
  CHECK(edge.get("/api/cameras/yard", "", "DELETE").starts_with("HTTP/1.1 405 "));
}

TEST_CASE("readings come in pages, newest or oldest first, as the very lines of the journal") {
  EdgeFixture edge;
  edge.add_camera("yard");
  append(edge, "yard", "cars", 25);
  append(edge, "old", "cars", 1);  // of a camera that is no longer there
  for (const std::string order : {"newest", "oldest"}) {
    std::vector<std::int64_t> seen;
    std::string cursor;
    int pages = 0;
    for (;; ++pages) {
      REQUIRE(pages < 4);
      const bj::value page =
          edge.json(fmt::format("/api/readings?camera=yard&task=cars&limit=10&order={}{}", order, cursor));
      for (const std::int64_t count : counts(page)) seen.push_back(count);
      if (page.at("next").is_null()) break;
      cursor = "&cursor=" + std::string(page.at("next").as_string());
    }
    CHECK(pages == 2);
    if (order == "newest") std::ranges::reverse(seen);
    REQUIRE(seen.size() == 25);
    for (int i = 0; i < 25; ++i) CHECK(seen[static_cast<std::size_t>(i)] == i);
  }
  CHECK(counts(edge.json("/api/readings?camera=yard")).size() == 25);
  CHECK(counts(edge.json("/api/readings")).size() == 26);
  CHECK(counts(edge.json("/api/readings?camera=old")).size() == 1);
  CHECK(counts(edge.json("/api/readings?camera=yard&task=health")).empty());
  CHECK(counts(edge.json("/api/readings?camera=perch")).empty());  // the device's own: none yet
  const std::string from = to_string(kBegin + 5s), to = to_string(kBegin + 8s);
  CHECK(counts(edge.json("/api/readings?camera=yard&order=oldest&from=" + from + "&to=" + to)) ==
        std::vector<std::int64_t>{5, 6, 7});
  CHECK(counts(edge.json("/api/readings?camera=yard&from=2100-01-01T00:00:00Z")).empty());
  const auto line = edge.await(edge.journal->query({}))->lines.at(0);
  CHECK(says(edge.body("/api/readings?limit=1"), "{\"readings\":[" + line + "],\"next\":\""));
}

TEST_CASE("a question for readings that is mistyped is refused with what was meant") {
  EdgeFixture edge;
  edge.add_camera("yard");
  append(edge, "yard", "cars", 1);
  const auto refusal = [&](const std::string& query, int status = 400) {
    return error_of(edge.json("/api/readings?" + query, status));
  };
  CHECK(refusal("camra=yard") == "there is no parameter 'camra'; did you mean 'camera'?");
  const std::string beyond = "; give one of these; what is beyond comes with the answer's 'next' as cursor";
  CHECK(refusal("limit=0") == "limit: '0' is not a whole number from 1 to 1000" + beyond);
  CHECK(refusal("limit=ten") == "limit: 'ten' is not a whole number from 1 to 1000" + beyond);
  CHECK(refusal("limit=1001") == "limit: '1001' is not a whole number from 1 to 1000" + beyond);
  CHECK(refusal("order=newst") == "order: 'newst' is no order; did you mean 'newest'?");
  CHECK(refusal("from=yesterday") == "from: 'yesterday' is not a time; write it in UTC, as 2026-11-21T02:13:24.118Z");
  CHECK(says(refusal("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z"), "to: no time is"));
  CHECK(says(refusal("camera=yard&camera=door"), "camera: it is given twice"));
  CHECK(says(refusal("task="), "task: it is empty"));
  CHECK(says(refusal("cursor=junk"), "a page that is none"));
  CHECK(refusal("camera=yrd", 404) == "there is no camera 'yrd'; did you mean 'yard'?");
  CHECK(refusal("camera=yard&task=car", 404) == "there is no task 'car'; did you mean 'cars'?");
  CHECK(refusal("task=car", 404) == "there is no task 'car'; did you mean 'cars'?");
}

TEST_CASE("the latest picture is the very one that was analysed, and is not sent twice") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard");
  CHECK(error_of(edge.json("/api/cameras/yard/latest.jpg", 404)) == "no picture has come yet; try again later");
  const SharedBytes first = a_jpeg(32), second = a_jpeg(48);
  edge.look("yard", *feed, frame_of(Jpeg{first}));

  const std::string answer = edge.get("/api/cameras/yard/latest.jpg");
  CHECK(answer.starts_with("HTTP/1.1 200 "));
  CHECK(header(answer, "Content-Type") == "image/jpeg");
  CHECK(header(answer, "X-Perch-Seq") == "1");
  CHECK(parse_utc(header(answer, "X-Perch-At")).has_value());
  CHECK(body_of(answer) == as_text(first.view()));
  const std::string etag = header(answer, "ETag");
  CHECK(etag.starts_with("\"1-"));

  const std::string head = edge.get("/api/cameras/yard/latest.jpg", "", "HEAD");
  CHECK(head.starts_with("HTTP/1.1 200 "));
  CHECK(header(head, "Content-Length") == std::to_string(first.size()));
  CHECK(header(head, "ETag") == etag);
  CHECK(body_of(head).empty());

  const std::string condition = "If-None-Match: " + etag + "\r\n";
  const std::string again = edge.get("/api/cameras/yard/latest.jpg", condition);
  CHECK(again.starts_with("HTTP/1.1 304 "));
  CHECK(header(again, "X-Perch-Seq") == "1");
  CHECK(body_of(again).empty());

  edge.look("yard", *feed, frame_of(Jpeg{second}));
  const std::string newer = edge.get("/api/cameras/yard/latest.jpg", condition);
  CHECK(newer.starts_with("HTTP/1.1 200 "));
  CHECK(body_of(newer) == as_text(second.view()));

  // One that cannot be read leaves the picture, and says so in the observation.
  edge.look("yard", *feed, frame_of(Jpeg{SharedBytes(Bytes{1, 2, 3})}));
  CHECK(header(edge.get("/api/cameras/yard/latest.jpg"), "X-Perch-Seq") == "2");
  CHECK(edge.json("/api/cameras/yard").at("tasks").at(0).at("latest").at("status") == "unknown");
}

TEST_CASE("a picture of a camera that began anew is another, even with the same number") {
  EdgeFixture edge;
  auto feed = edge.add_camera("yard");
  edge.look("yard", *feed, frame_of(Jpeg{a_jpeg()}));
  const std::string etag = header(edge.get("/api/cameras/yard/latest.jpg"), "ETag");
  edge.remove_camera("yard");
  feed = edge.add_camera("yard");
  Frame frame = frame_of(Jpeg{a_jpeg()});
  frame.stamp.at += 1s;
  edge.look("yard", *feed, std::move(frame));
  const std::string answer = edge.get("/api/cameras/yard/latest.jpg", "If-None-Match: " + etag + "\r\n");
  CHECK(answer.starts_with("HTTP/1.1 200 "));
  CHECK(header(answer, "X-Perch-Seq") == "1");
}

TEST_CASE("decoded pictures are encoded for who asks, PNGs go as they are, records are no pictures") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("clip");
  edge.look("clip", *feed, frame_of(a_picture(40)));
  const std::string answer = edge.get("/api/cameras/clip/latest.jpg");
  CHECK(header(answer, "Content-Type") == "image/jpeg");
  const std::string jpeg = body_of(answer);
  const auto info = image::probe(as_bytes(jpeg));
  REQUIRE(info.has_value());
  CHECK(info->size == image::Size{40, 24});
  CHECK(body_of(edge.get("/api/cameras/clip/latest.jpg")) == jpeg);
  const std::string condition = "If-None-Match: " + header(answer, "ETag") + "\r\n";
  CHECK(edge.get("/api/cameras/clip/latest.jpg", condition).starts_with("HTTP/1.1 304 "));

  const Bytes png = png_file(16, 16);
  edge.look("clip", *feed, frame_of(Jpeg{SharedBytes(png)}));
  const std::string lossless = edge.get("/api/cameras/clip/latest.jpg");
  CHECK(header(lossless, "Content-Type") == "image/png");
  CHECK(body_of(lossless) == as_text(png));

  edge.look("clip", *feed, frame_of(ThermalGrid{24, 32, std::vector<float>(24 * 32, 30)}));
  const auto drawn = image::probe(as_bytes(body_of(edge.get("/api/cameras/clip/latest.jpg"))));
  REQUIRE(drawn.has_value());
  CHECK(drawn->size == image::Size{640, 480});

  edge.look("clip", *feed, frame_of(Record{{{"speed", 3.0}}}));
  CHECK(says(error_of(edge.json("/api/cameras/clip/latest.jpg", 404)), "are no pictures"));
  CHECK(says(error_of(edge.json("/api/cameras/clip/stream", 404)), "are no pictures"));
}

TEST_CASE("the page is there, and may load and reach nothing but this device") {
  EdgeFixture edge;
  const std::string page = edge.get("/");
  CHECK(page.starts_with("HTTP/1.1 200 "));
  CHECK(header(page, "Content-Type") == "text/html; charset=utf-8");
  CHECK(says(header(page, "Content-Security-Policy"), "default-src 'none'; script-src 'self'"));
  CHECK(says(body_of(page), "src=\"/page/page.js\""));
  CHECK_FALSE(says(body_of(page), "<script>"));
  for (const auto& [path, type] :
       {std::pair{"/page/page.js", "text/javascript; charset=utf-8"},
        std::pair{"/page/draw.js", "text/javascript; charset=utf-8"},
        std::pair{"/page/page.css", "text/css; charset=utf-8"}, std::pair{"/page/icon.svg", "image/svg+xml"}}) {
    const std::string answer = edge.get(path);
    CHECK(answer.starts_with("HTTP/1.1 200 "));
    CHECK(header(answer, "Content-Type") == type);
    CHECK_FALSE(header(answer, "Content-Security-Policy").empty());
  }
  edge.json("/page/nothing.js", 404);
}

TEST_CASE("kept pictures never change, so they are cached for ever") {
  EdgeFixture edge;
  const Bytes bytes = jpeg_file(20, 20);
  const auto sha = edge.pictures->put(bytes);
  REQUIRE(sha.has_value());
  for (const std::string& name : {sha->hex(), sha->reference()}) {
    const std::string answer = edge.get("/api/pictures/" + name);
    CHECK(answer.starts_with("HTTP/1.1 200 "));
    CHECK(header(answer, "Content-Type") == "image/jpeg");
    CHECK(says(header(answer, "Cache-Control"), "immutable"));
    CHECK(body_of(answer) == as_text(bytes));
  }
  const std::string condition = "If-None-Match: \"" + sha->hex() + "\"\r\n";
  CHECK(edge.get("/api/pictures/" + sha->hex(), condition).starts_with("HTTP/1.1 304 "));
  CHECK(says(error_of(edge.json("/api/pictures/" + std::string(64, 'a'), 404)), "there is no such picture"));
  edge.json("/api/pictures/nothing", 400);
  edge.json("/api/pictures/..%2f..%2fjournal.db", 400);
  // A file that was damaged meanwhile is no picture any more.
  for (const auto& file : std::filesystem::recursive_directory_iterator(edge.folder / "pictures"))
    if (file.path().filename().string().starts_with(sha->hex())) write_test_file(file.path(), "rubbish");
  edge.json("/api/pictures/" + sha->hex(), 404);
}

TEST_CASE("healthz fails with the reasons that there are") {
  EdgeFixture edge;
  CHECK(edge.body("/healthz") == R"({"status":"ok","reasons":[]})");
  edge.on_loop([&] { edge.trouble = {"the journal cannot be written: no space left"}; });
  CHECK(edge.body("/healthz", 503) ==
        R"({"status":"failing","reasons":["the journal cannot be written: no space left"]})");
}

TEST_CASE("what needs the journal says so when it is gone, everything else goes on") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard");
  edge.look("yard", *feed, frame_of(Jpeg{a_jpeg()}));
  edge.journal->stop();
  CHECK(says(error_of(edge.json("/api/readings", 503)), "the journal was stopped"));
  CHECK(edge.json("/api/info").at("journal").is_null());
  const std::string metrics = edge.body("/metrics");
  CHECK(says(metrics, "perch_camera_looked_total{camera=\"yard\"} 1\n"));
  CHECK_FALSE(says(metrics, "perch_journal_last_seq"));
  CHECK(edge.json("/api/cameras").at("cameras").as_array().size() == 1);
}

TEST_CASE("another server shows the same while the first one goes") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard");
  edge.look("yard", *feed, frame_of(Jpeg{a_jpeg()}));
  const std::string before = edge.body("/api/cameras");
  RawClient listener(edge.http->port());
  CHECK(listener.upgrade("/api/live", "").starts_with("HTTP/1.1 101 "));
  edge.on_loop([&] { edge.second = edge.serve(); });
  edge.await(edge.http->stop(100ms));
  CHECK(listener.read_frame()->opcode == 1);  // hello
  CHECK(listener.read_frame()->opcode == 8);  // goodbye
  edge.on_loop([&] { std::swap(edge.http, edge.second); });
  CHECK(edge.body("/api/cameras") == before);
}

TEST_CASE("pages of other sites get nothing live, and a stranger's host nothing at all") {
  EdgeFixture edge;
  RawClient foreign(edge.http->port());
  CHECK(foreign.upgrade("/api/live", "Origin: http://evil.example\r\n").starts_with("HTTP/1.1 403 "));
  RawClient rebound(edge.http->port());
  rebound.send("GET /api/cameras HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  CHECK(rebound.read_answer().starts_with("HTTP/1.1 403 "));
}
