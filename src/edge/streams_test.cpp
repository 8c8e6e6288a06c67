#include "edge/streams.hpp"

#include "image/codec.hpp"
#include "support/edge_fixture.hpp"
#include "support/looks.hpp"

using namespace perch;
using namespace perch::edge;
using namespace perch::test;
using namespace std::chrono_literals;

namespace {

/// Somebody who watches a camera.
class Viewer : public RawClient {
 public:
  explicit Viewer(EdgeFixture& edge, const std::string& camera, int receive_buffer = 0)
      : RawClient(edge.http->port(), receive_buffer) {
    send("GET /api/cameras/" + camera + "/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::string head = read_until("\r\n\r\n");
    CHECK(head.starts_with("HTTP/1.1 200 "));
    CHECK(says(head, "Content-Type: multipart/x-mixed-replace; boundary=perch\r\n"));
  }

  /// The next picture whole, with the boundary behind it; empty when the stream has ended.
  std::string next() {
    if (std::exchange(first_, false)) {
      const std::string boundary = read_until("\r\n");
      if (boundary.empty()) return {};
      CHECK(boundary == "--perch\r\n");
    }
    const std::string head = read_until("\r\n\r\n");
    type = head.substr(0, head.find('\r'));
    const std::size_t at = head.find("Content-Length: ");
    if (at == std::string::npos) return {};
    std::string picture = read_bytes(static_cast<std::size_t>(std::atoll(head.c_str() + at + 16)));
    CHECK(read_bytes(11) == "\r\n--perch\r\n");
    return picture;
  }

  std::string type;

 private:
  bool first_ = true;
};

std::string text_of(const SharedBytes& bytes) {
  return std::string(as_text(bytes.view()));
}

/// Has a stream's camera send a picture.
void show(EdgeFixture& edge, Feed& feed, const SharedBytes& picture) {
  edge.on_loop([&] {
    if (feed.viewer) feed.viewer(picture);
  });
}

bool has_viewers(EdgeFixture& edge, const std::string& camera, std::size_t count) {
  return edge.comes_true([&] { return edge.streams->viewers({camera}) == count; });
}

}  // namespace

TEST_CASE(
    "any number of viewers share what the camera's one stream sends, and it is watched only while there are some") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard", true);
  CHECK(edge.on_loop([&] { return feed->watches; }) == 0);
  const SharedBytes one = a_jpeg(32), two = a_jpeg(40);
  {
    Viewer a(edge, "yard"), b(edge, "yard"), c(edge, "yard");
    REQUIRE(has_viewers(edge, "yard", 3));
    CHECK(edge.on_loop([&] { return feed->watches; }) == 1);
    for (const SharedBytes& picture : {one, two}) {
      show(edge, *feed, picture);
      for (Viewer* viewer : {&a, &b, &c}) {
        CHECK(viewer->next() == text_of(picture));
        CHECK(viewer->type == "Content-Type: image/jpeg");
      }
    }
    CHECK(edge.json("/api/cameras/yard").at("viewers") == 3);
    CHECK(says(edge.body("/metrics"), "perch_stream_viewers 3\n"));
  }
  REQUIRE(has_viewers(edge, "yard", 0));
  CHECK(edge.comes_true([&] { return !feed->viewer; }));
  Viewer again(edge, "yard");
  REQUIRE(has_viewers(edge, "yard", 1));
  CHECK(edge.on_loop([&] { return feed->watches; }) == 2);
}

TEST_CASE("a viewer sees at once what was seen last") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("meter", true);
  const SharedBytes latest = a_jpeg();
  edge.look("meter", *feed, frame_of(Jpeg{latest}));
  Viewer viewer(edge, "meter");
  CHECK(viewer.next() == text_of(latest));
}

TEST_CASE("of a camera that is no stream the frames that come in are shown, each once") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard");
  Viewer viewer(edge, "yard");
  REQUIRE(has_viewers(edge, "yard", 1));
  for (int width = 16; width < 64; width += 8) {
    const SharedBytes picture = a_jpeg(width);
    edge.look("yard", *feed, frame_of(Jpeg{picture}));
    CHECK(viewer.next() == text_of(picture));
  }
  CHECK(edge.on_loop([&] { return feed->watches; }) == 0);
}

TEST_CASE("a slow viewer gets the newest picture, and holds up nobody") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard", true);
  Viewer slow(edge, "yard", 4096);
  Viewer quick(edge, "yard");
  REQUIRE(has_viewers(edge, "yard", 2));
  constexpr std::size_t kBytes = 400'000;
  for (int i = 0; i < 50; ++i) {
    Bytes bytes(kBytes, static_cast<std::uint8_t>(i));
    show(edge, *feed, SharedBytes(std::move(bytes)));
    CHECK(quick.next() == std::string(kBytes, static_cast<char>(i)));
  }
  int count = 0, last = -1;
  while (last < 49) {
    const std::string picture = slow.next();
    REQUIRE(picture.size() == kBytes);
    const int number = static_cast<unsigned char>(picture[0]);
    CHECK(number > last);
    last = number;
    ++count;
  }
  CHECK(count < 50);
}

TEST_CASE("decoded pictures are encoded only while somebody watches, and the newest is shown in the end") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("clip");
  edge.look("clip", *feed, frame_of(a_picture(16)));
  Viewer viewer(edge, "clip");
  const auto width_of = [](const std::string& jpeg) { return image::probe(as_bytes(jpeg)).value().size.width; };
  CHECK(width_of(viewer.next()) == 16);
  for (int width = 24; width <= 240; width += 8) edge.look("clip", *feed, frame_of(a_picture(width)));
  int width = 16;
  while (width < 240) {
    const int next = width_of(viewer.next());
    REQUIRE(next > width);
    width = next;
  }
}

TEST_CASE("a stream goes on with the camera that takes the place of the one before") {
  EdgeFixture edge;
  const auto before = edge.add_camera("yard", true);
  Viewer viewer(edge, "yard");
  REQUIRE(has_viewers(edge, "yard", 1));
  show(edge, *before, a_jpeg(16));
  CHECK(!viewer.next().empty());
  edge.remove_camera("yard");
  const auto after = edge.add_camera("yard", true);
  edge.on_loop([&] { edge.streams->changed(); });
  REQUIRE(edge.comes_true([&] { return before->gone && after->viewer; }));
  const SharedBytes picture = a_jpeg(24);
  show(edge, *after, picture);
  CHECK(viewer.next() == text_of(picture));
  CHECK(edge.on_loop([&] { return after->watches; }) == 1);

  // Without being told, with the first frame of it.
  edge.remove_camera("yard");
  const auto third = edge.add_camera("yard");
  const SharedBytes another = a_jpeg(32);
  edge.look("yard", *third, frame_of(Jpeg{another}));
  CHECK(viewer.next() == text_of(another));
}

TEST_CASE("a stream ends with its camera, and one of the same name later is another") {
  EdgeFixture edge;
  auto feed = edge.add_camera("yard", true);
  Viewer viewer(edge, "yard");
  REQUIRE(has_viewers(edge, "yard", 1));
  edge.remove_camera("yard");
  edge.on_loop([&] { edge.streams->changed(); });
  CHECK(viewer.next().empty());
  CHECK(viewer.closed());
  feed = edge.add_camera("yard", true);
  Viewer later(edge, "yard");
  REQUIRE(edge.comes_true([&] { return feed->watches == 1; }));
  const SharedBytes picture = a_jpeg(16);
  show(edge, *feed, picture);
  CHECK(later.next() == text_of(picture));
}

TEST_CASE("a HEAD begins no stream") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard", true);
  CHECK(edge.get("/api/cameras/yard/stream", "", "HEAD").starts_with("HTTP/1.1 200 "));
  CHECK(edge.on_loop([&] { return feed->watches; }) == 0);
}

TEST_CASE("a camera that could not be started has no stream") {
  EdgeFixture edge;
  edge.add_camera("yard");
  edge.on_loop([&] { edge.cameras->remove({"yard"}); });
  CHECK(says(edge.body("/api/cameras/yard/stream", 404), "not at work"));
}
