#include "edge/live.hpp"

#include "support/edge_fixture.hpp"
#include "support/looks.hpp"
#include "support/readings.hpp"

using namespace perch;
using namespace perch::edge;
using namespace perch::test;
using namespace std::chrono_literals;
namespace bj = boost::json;

namespace {

/// Opens `/api/live`.
struct Listener : RawClient {
  explicit Listener(EdgeFixture& edge, int receive_buffer = 0) : RawClient(edge.http->port(), receive_buffer) {
    CHECK(upgrade("/api/live", "").starts_with("HTTP/1.1 101 "));
  }

  /// The next message; null when the connection has ended.
  bj::value next() {
    const auto frame = read_frame();
    if (!frame || frame->opcode != 1) return nullptr;
    boost::system::error_code wrong;
    bj::value message = bj::parse(frame->payload, wrong);
    CHECK_FALSE(wrong);
    return message;
  }

  /// The next message of this type.
  bj::value next(const char* type) {
    for (;;) {
      bj::value message = next();
      if (message.is_null() || message.at("type") == type) return message;
    }
  }
};

}  // namespace

TEST_CASE("who begins to listen hears first how things stand") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard");
  edge.add_camera("door");
  edge.look("yard", *feed, frame_of(Jpeg{a_jpeg()}));
  Listener listener(edge);
  const bj::value hello = listener.next();
  CHECK(hello.at("type") == "hello");
  CHECK(hello.at("device") == "garage");
  CHECK(hello.at("version") == "1.2.3");
  CHECK(hello.at("config") == 12);
  const bj::array& cameras = hello.at("cameras").as_array();
  REQUIRE(cameras.size() == 2);
  CHECK(cameras[0].at("camera") == "door");
  CHECK(cameras[0].at("health").at("health") == "connecting");
  CHECK(cameras[0].at("observations").as_array().empty());
  CHECK(cameras[1].at("health").at("health") == "live");
  CHECK(cameras[1].at("observations").at(0).at("type") == "observation");
  CHECK(cameras[1].at("observations").at(0).at("seq") == 1);
}

TEST_CASE("each look is told, a message a task, with labels by name and where the time went") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard");
  Listener listener(edge);
  listener.next("hello");
  const Frame frame = frame_of(Jpeg{a_jpeg()});
  edge.look("yard", *feed, frame);
  const bj::value message = listener.next("observation");
  CHECK(message.at("camera") == "yard");
  CHECK(message.at("task") == "cars");
  CHECK(message.at("seq") == 1);
  CHECK(std::string(message.at("at").as_string()) == to_string(frame.stamp.at));
  CHECK(message.at("mono_ms") == std::chrono::duration_cast<Milliseconds>(frame.stamp.monotonic).count());
  CHECK(message.at("status") == "ok");
  CHECK(message.at("values").at("n") == 1);
  CHECK(message.at("confidence") == 0.5);
  CHECK(message.at("detections").at(0).at("label") == "car");
  CHECK(message.at("still") == false);
  CHECK(message.at("size").at(0) == 32);
  const bj::object& ms = message.at("ms").as_object();
  double parts = 0;
  for (const char* part : {"wait", "gate", "decode", "preprocess", "infer", "decode_findings", "analysis"}) {
    CHECK(ms.at(part).to_number<double>() >= 0);
    parts += ms.at(part).to_number<double>();
  }
  CHECK(ms.at("total").to_number<double>() >= parts - 0.01);
  // It is what the page can ask for, too.
  CHECK(message == edge.json("/api/cameras/yard").at("tasks").at(0).at("latest"));

  edge.look("yard", *feed, frame_of(Jpeg{SharedBytes(Bytes{1, 2, 3})}));
  const bj::value broken = listener.next("observation");
  CHECK(broken.at("status") == "unknown");
  CHECK(says(std::string(broken.at("reason").as_string()), "no JPEG or PNG: starts with 01 02 03"));
}

TEST_CASE("changes of health, readings on the disk and a changed configuration are told") {
  EdgeFixture edge;
  edge.add_camera("yard");
  Listener listener(edge);
  listener.next("hello");
  edge.on_loop([&] {
    edge.live->health(edge.infos.at({"yard"}),
                      {pipeline::Health::gone, "no answer within 5 s", edge.clock.monotonic(), true});
    edge.device.config = 13;
    edge.live->changed();
    std::vector<Reading> readings{reading("yard", "cars", UtcTime{1'800'000'000'000ms}, 2)};
    readings[0].id = "01KAJ";
    const Nanoseconds took = 12'500us;
    edge.live->committed(readings, {&took, 1});
  });
  const bj::value health = listener.next();
  CHECK(health.at("type") == "health");
  CHECK(health.at("camera") == "yard");
  CHECK(health.at("health") == "gone");
  CHECK(health.at("reason") == "no answer within 5 s");
  CHECK(parse_utc(std::string(health.at("since").as_string())).has_value());
  const bj::value cameras = listener.next();
  CHECK(cameras.at("type") == "cameras");
  CHECK(cameras.at("config") == 13);
  const bj::value reading = listener.next();
  CHECK(reading.at("type") == "reading");
  CHECK(reading.at("ms").at("committed") == 12.5);
  CHECK(reading.at("reading").at("id") == "01KAJ");
  CHECK(reading.at("reading").at("values").at("car") == 2);
  const bj::value camera = edge.json("/api/cameras/yard");
  CHECK(camera.at("health").at("health") == "gone");
}

TEST_CASE("what a camera was is forgotten with it") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard");
  edge.look("yard", *feed, frame_of(Jpeg{a_jpeg()}));
  edge.remove_camera("yard");
  CHECK(edge.on_loop([&] { return edge.live->latest({"yard"}) == nullptr; }));
  Listener listener(edge);
  CHECK(listener.next().at("cameras").as_array().empty());
  edge.add_camera("yard");
  CHECK(edge.json("/api/cameras/yard").at("latest_seq").is_null());
}

TEST_CASE("a listener who does not keep up is dropped, and the others get everything") {
  net::WebSocketLimits limits = Live::limits();
  limits.most_queued_messages = 20;
  EdgeFixture edge(limits);
  edge.add_camera("yard");
  Listener slow(edge, 4096);
  Listener good(edge);
  good.next("hello");
  REQUIRE(edge.comes_true([&] { return edge.live->hub()->clients() == 2; }));
  Reading reading = test::reading("yard", "cars", UtcTime{1'800'000'000'000ms});
  reading.observation.findings.embeddings.push_back({0, std::vector<float>(10'000, 0.123456F)});
  const Nanoseconds took = 1ms;
  std::int64_t sent = 0;
  while (edge.on_loop([&] { return edge.live->hub()->clients(); }) == 2) {
    REQUIRE(sent < 10'000);
    reading.seq = static_cast<Seq>(++sent);
    edge.on_loop([&] { edge.live->committed({&reading, 1}, {&took, 1}); });
    CHECK(good.next("reading").at("reading").at("seq") == sent);
  }
  CHECK(edge.on_loop([&] { return edge.live->hub()->dropped(); }) == 1);
  reading.seq = static_cast<Seq>(++sent);
  edge.on_loop([&] { edge.live->committed({&reading, 1}, {&took, 1}); });
  CHECK(good.next("reading").at("reading").at("seq") == sent);
  const std::string metrics = edge.body("/metrics");
  CHECK(says(metrics, "perch_live_clients 1\n"));
  CHECK(says(metrics, "perch_live_dropped_total 1\n"));
}

TEST_CASE("whatever a listener says is passed over") {
  EdgeFixture edge;
  const auto feed = edge.add_camera("yard");
  Listener listener(edge);
  listener.next("hello");
  for (const char* text : {"", "{", "hello", R"({"type":"observation"})", "\x01"}) listener.send_frame(1, text);
  edge.look("yard", *feed, frame_of(Jpeg{a_jpeg()}));
  CHECK(listener.next("observation").at("seq") == 1);
}
