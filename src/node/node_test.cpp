#include "node/node.hpp"

#include <atomic>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "image/codec.hpp"
#include "node/controls.hpp"
#include "seam/thermal_form.hpp"
#include "support/raw_client.hpp"
#include "support/run_coroutine.hpp"

using namespace perch;
using namespace perch::node;
namespace asio = boost::asio;

namespace {

/// A checkerboard that changes with every look, and can be told to fail.
class BoardEye final : public Eye {
 public:
  explicit BoardEye(std::shared_ptr<std::atomic<bool>> broken) : broken_(std::move(broken)) {}

  Result<void> look(double, Sight& out) override {
    if (*broken_) return fail(Errc::io, "the sensor does not answer");
    out.picture.reset(160, 120);
    ++looks_;
    for (int y = 0; y < 120; ++y)
      for (int x = 0; x < 160; ++x)
        for (int c = 0; c < 3; ++c)
          out.picture.at(x, y)[c] = static_cast<std::uint8_t>(((x / 8 + y / 8) % 2) * 200 + looks_ % 40);
    out.grid = {2, 2, {20, 21, 22, 23.5F}};
    out.truth = fmt::format("{{\"look\":{}}}", looks_);
    return {};
  }

 private:
  std::shared_ptr<std::atomic<bool>> broken_;
  int looks_ = 0;
};

/// A node on loopback that is not announced, on a thread of its own.
class Rig {
 public:
  explicit Rig(const std::vector<std::string>& faults = {}, bool broken = false)
      : broken_(std::make_shared<std::atomic<bool>>(broken)) {
    film_ = std::make_shared<const LiveFilm>(std::make_unique<BoardEye>(broken_), std::chrono::milliseconds(5));
    NodeConfig config;
    config.address = "127.0.0.1";
    for (const std::string& fault : faults) config.faults.push_back(parse_fault(fault).value());
    node_ = Node::create(io_.get_executor(), blocking_.get_executor(), clock, film_, nullptr, config).value();
    thread_ = std::jthread([this] { io_.run(); });
  }

  ~Rig() {
    asio::co_spawn(io_, node_->stop(), [](const std::exception_ptr&) {});
    thread_.join();
    node_.reset();
    blocking_.join();
  }

  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  std::string get(const std::string& path) {
    test::RawClient client(node_->port());
    client.send("GET " + path + " HTTP/1.1\r\nHost: cam.local\r\nConnection: close\r\n\r\n");
    return client.read_all();
  }

  /// Asks until the answer has this status.
  std::string get_until(const std::string& path, const std::string& status) {
    for (;;) {
      const std::string answer = get(path);
      if (answer.starts_with("HTTP/1.1 " + status)) return answer;
      std::this_thread::yield();
    }
  }

  std::uint16_t port() const { return node_->port(); }

  ManualClock clock;

 private:
  std::shared_ptr<std::atomic<bool>> broken_;
  asio::io_context io_{1};
  asio::thread_pool blocking_{1};
  std::shared_ptr<const Film> film_;
  std::shared_ptr<Node> node_;
  std::jthread thread_;
};

std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

image::Picture decoded(const std::string& body) {
  image::Picture picture;
  REQUIRE(image::PictureDecoder().decode(as_bytes(body), picture));
  return picture;
}

int brightest(const image::Picture& picture) {
  int most = 0;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 0; x < picture.width(); ++x) most = std::max<int>(most, picture.at(x, y)[0]);
  return most;
}

/// Mean difference of neighbours: how sharp it is.
double sharpness(const image::Picture& picture) {
  double sum = 0;
  for (int y = 0; y < picture.height(); ++y)
    for (int x = 1; x < picture.width(); ++x) sum += std::abs(picture.at(x, y)[0] - picture.at(x - 1, y)[0]);
  return sum / (picture.width() * picture.height());
}

}  // namespace

TEST_CASE("a camera answers as the firmware of an ESP32 does") {
  Rig rig;
  for (const char* path : {"/jpg", "/capture"}) {
    const std::string answer = rig.get_until(path, "200");
    CHECK(answer.find("Content-Type: image/jpeg\r\n") != std::string::npos);
    CHECK(answer.find("Content-Disposition: inline; filename=capture.jpg\r\n") != std::string::npos);
    CHECK(decoded(body_of(answer)).size() == image::Size{160, 120});
  }
  CHECK(node_name(0x1a2b) == "indoor-camera-1a2b");
  CHECK(node_name(7) == "indoor-camera-0007");
  CHECK(body_of(rig.get("/status")).find("\"framesize\":1") != std::string::npos);
  CHECK(body_of(rig.get("/truth")).starts_with("{\"look\":"));
}

TEST_CASE("a thermal camera sends its temperatures, with the faults of the wire") {
  Rig rig;
  const std::string answer = rig.get_until("/thermal", "200");
  CHECK(answer.find("Content-Type: application/x-thermal-f32; rows=2; cols=2\r\n") != std::string::npos);
  const auto grid = thermal_grid("application/x-thermal-f32; rows=2; cols=2", as_bytes(body_of(answer)));
  REQUIRE(grid);
  CHECK(grid->celsius == std::vector<float>{20, 21, 22, 23.5F});
  Rig torn({"truncate"});
  CHECK(body_of(torn.get_until("/thermal", "200")).size() == 8);
}

TEST_CASE("a capture that fails is a 500") {
  Rig rig({}, true);
  const std::string answer = rig.get("/jpg");
  CHECK(answer.starts_with("HTTP/1.1 500 "));
  CHECK(rig.get("/truth").starts_with("HTTP/1.1 500 "));
}

TEST_CASE("controls change the pictures that come next") {
  Rig rig;
  rig.get_until("/jpg", "200");
  CHECK(rig.get("/control?var=framesize&val=5").starts_with("HTTP/1.1 200 "));
  const std::string fine = body_of(rig.get("/jpg"));
  CHECK(decoded(fine).size() == image::Size{320, 240});
  CHECK(rig.get("/control?var=quality&val=60").starts_with("HTTP/1.1 200 "));
  CHECK(body_of(rig.get("/jpg")).size() < fine.size());
  CHECK(body_of(rig.get("/status")).find("\"framesize\":5,\"quality\":60") != std::string::npos);
  const std::string beyond = rig.get("/control?var=framesize&val=99");
  CHECK(beyond.starts_with("HTTP/1.1 500 "));
  CHECK(body_of(beyond) == R"({"error":"framesize is 99, but must be between 0 and 13",)"
                           R"("remedy":"/control?var=framesize&val=13"})");
  CHECK(body_of(rig.get("/control?var=quality&val=3")).ends_with(R"("remedy":"/control?var=quality&val=4"})"));
  CHECK(body_of(rig.get("/control?var=quality&val=x")).find("/control?var=quality&val=12") != std::string::npos);
  CHECK(rig.get("/control?var=framsize&val=1").find("did you mean 'framesize'?") != std::string::npos);
  CHECK(rig.get("/control?var=framesize").starts_with("HTTP/1.1 404 "));
}

TEST_CASE("a stream is motion JPEG with the firmware's boundary, and every picture in it is new") {
  Rig rig;
  test::RawClient client(rig.port());
  client.send("GET /stream HTTP/1.1\r\nHost: cam.local\r\n\r\n");
  CHECK(client.read_until("boundary=123456789000000000000987654321").find("200") != std::string::npos);
  for (int i = 0; i < 3; ++i) client.read_until("--123456789000000000000987654321\r\nContent-Type: image/jpeg");
}

TEST_CASE("faults of the view are in the picture") {
  Rig healthy;
  const image::Picture usual = decoded(body_of(healthy.get_until("/jpg", "200")));
  CHECK(brightest(usual) > 180);
  const auto with = [](const char* fault) {
    Rig rig({fault});
    return decoded(body_of(rig.get_until("/jpg", "200")));
  };
  CHECK(brightest(with("dark")) < 20);
  const image::Picture covered = with("covered");
  CHECK(brightest(covered) < 120);
  CHECK(brightest(covered) > 60);
  CHECK(sharpness(with("blurred")) < sharpness(usual) / 4);
  const image::Picture moved = with("moved");
  CHECK(moved.size() == usual.size());
  CHECK(std::abs(moved.at(4, 4)[0] - usual.at(36, 16)[0]) < 60);
}

TEST_CASE("a frozen camera sends the very same bytes, and lives on when it thaws") {
  Rig rig({"frozen@1s+10s"});
  rig.get_until("/jpg", "200");
  rig.clock.advance(std::chrono::seconds(2));
  const std::string first = body_of(rig.get("/jpg"));
  for (int i = 0; i < 3; ++i) CHECK(body_of(rig.get("/jpg")) == first);
  rig.clock.advance(std::chrono::seconds(10));
  while (body_of(rig.get("/jpg")) == first) std::this_thread::yield();
}

TEST_CASE("faults of the wire are in the answer") {
  {
    Rig rig({"truncate"});
    const std::string body = body_of(rig.get_until("/jpg", "200"));
    image::Picture picture;
    CHECK(body.starts_with("\xff\xd8"));
    CHECK_FALSE(image::PictureDecoder().decode(as_bytes(body), picture));
  }
  {
    Rig rig({"garbage"});
    const std::string answer = rig.get_until("/jpg", "200");
    CHECK(answer.find("image/jpeg") != std::string::npos);
    CHECK(body_of(answer).starts_with("<html>"));
  }
  {
    Rig rig({"hang"});
    test::RawClient client(rig.port());
    client.send("GET /jpg HTTP/1.1\r\nHost: cam.local\r\n\r\n");
    CHECK(rig.get("/status").starts_with("HTTP/1.1 200 "));  // it lives, and the client waits
  }
  {
    Rig rig({"drip"});
    rig.get_until("/truth", "200");
    test::RawClient client(rig.port());
    client.send("GET /jpg HTTP/1.1\r\nHost: cam.local\r\n\r\n");
    CHECK(client.read_until("\xff\xd8").ends_with("\xff\xd8"));  // it begins, drop by drop
  }
}
