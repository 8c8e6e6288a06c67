#include <atomic>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "image/codec.hpp"
#include "support/digest_auth.hpp"
#include "support/looks.hpp"
#include "support/picture_files.hpp"
#include "support/source_rig.hpp"
#include "support/test_server.hpp"
#include "support/tls_identity.hpp"

using namespace perch;
using namespace std::chrono_literals;
using perch::test::Connection;
using perch::test::jpeg_of;
using perch::test::open_descriptors;
using perch::test::says;
using perch::test::SourceRig;
using perch::test::TestServer;

namespace {

std::string picture(int width) {
  return std::string(as_text(test::jpeg_file(width, 16)));
}

int width_of(ByteView bytes) {
  return image::probe(bytes).value().size.width;
}

constexpr std::string_view kHead = "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\n\r\n";

std::string part(std::string_view body, std::string_view type = "image/jpeg") {
  return fmt::format("--frame\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}\r\n", type, body.size(), body);
}

/// A camera that sends a picture, as wide as its number tells, whenever it may.
class Camera {
 public:
  Camera() : server_([this](Connection& c, const std::string&) { return serve(c); }) {}

  /// Lets it send pictures up to this width.
  void send_up_to(int width) { allowed_ = width; }

  TestServer& server() { return server_; }

  bool gone() const { return gone_; }

 private:
  bool serve(Connection& c) {
    gone_ = false;
    c.send(kHead);
    for (int width = 1;; ++width) {
      while (width > allowed_)
        if (c.closed_within(1ms)) {
          gone_ = true;
          return false;
        }
      c.send(part(picture(width)));
    }
  }

  std::atomic<int> allowed_ = 1;
  std::atomic<bool> gone_ = false;
  TestServer server_;
};

struct Rig : SourceRig {
  explicit Rig(const TestServer& server, std::string_view more = "") {
    const auto made = make(fmt::format("kind = 'mjpeg'\nurl = '{}'\n{}", server.url("/stream"), more));
    REQUIRE(made);
  }

  /// Runs until this holds; ends the test when it never does.
  template <class F>
  void run_until(F holds) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!holds()) {
      io.restart();
      io.run_one_for(5ms);
      REQUIRE(std::chrono::steady_clock::now() < deadline);
    }
  }
};

/// What the source makes of a server that does this.
Error error_of(const TestServer::Handler& handler, std::string_view more = "") {
  const TestServer server(handler);
  Rig rig(server, more);
  const auto frame = rig.next();
  REQUIRE_FALSE(frame);
  CHECK(frame.error().where == server.url("/stream"));
  return frame.error();
}

TestServer::Handler sending(const std::string& bytes) {
  return [bytes](Connection& c, const std::string&) {
    c.send(bytes);
    return false;
  };
}

/// Sends bytes and goes on sending others, until nobody listens.
TestServer::Handler sending_on(const std::string& bytes, const std::string& more, std::chrono::milliseconds pause) {
  return [=](Connection& c, const std::string&) {
    c.send(bytes);
    while (c.send(more))
      if (pause > 0ms && c.closed_within(pause)) break;
    return false;
  };
}

constexpr std::string_view kHasty = "timeout = '1s'";

}  // namespace

TEST_CASE("each picture of a stream is given as it came, stamped when it was complete; the source is live") {
  Camera camera;
  Rig rig(camera.server());
  CHECK(rig.source->pace() == Pace::live);
  rig.clock.advance(5s);
  const auto first = rig.next();
  REQUIRE(first);
  CHECK(as_text(jpeg_of(*first).view()) == picture(1));
  CHECK(first->stamp.monotonic == 5s);
  camera.send_up_to(2);
  const auto second = rig.next();
  REQUIRE(second);
  CHECK(width_of(jpeg_of(*second).view()) == 2);
  CHECK(camera.server().connections() == 1);
}

TEST_CASE("who watches sees every picture, who asks gets the newest") {
  Camera camera;
  Rig rig(camera.server());
  std::vector<int> seen;
  CHECK(rig.source->watch([&](const SharedBytes& bytes) { seen.push_back(width_of(bytes.view())); }));
  REQUIRE(rig.next());
  camera.send_up_to(5);
  rig.run_until([&] { return seen.size() == 5; });
  CHECK(seen == std::vector{1, 2, 3, 4, 5});
  const auto newest = rig.next();
  REQUIRE(newest);
  CHECK(width_of(jpeg_of(*newest).view()) == 5);

  CHECK(rig.source->watch({}));
  camera.send_up_to(6);
  CHECK(width_of(jpeg_of(rig.next().value()).view()) == 6);
  CHECK(seen.size() == 5);
}

TEST_CASE("a picture is given once: the next call waits for a newer one, and can be cancelled") {
  Camera camera;
  Rig rig(camera.server());
  REQUIRE(rig.next());
  std::optional<Result<Frame>> next;
  asio::cancellation_signal cancel;
  const auto ask = [&] {
    next.reset();
    asio::co_spawn(rig.io, rig.source->next(),
                   asio::bind_cancellation_slot(
                       cancel.slot(), [&](const std::exception_ptr&, Result<Frame> got) { next = std::move(got); }));
  };
  ask();
  rig.io.restart();
  rig.io.run_for(20ms);
  CHECK_FALSE(next);
  cancel.emit(asio::cancellation_type::terminal);
  rig.run_until([&] { return next.has_value(); });
  REQUIRE_FALSE(*next);
  CHECK(next->error().code == Errc::canceled);
}

TEST_CASE("a stream goes on in whatever size its pictures come") {
  const TestServer server([](Connection& c, const std::string&) {
    c.send(kHead);
    for (const int width : {640, 8, 320})
      if (!c.send(part(picture(width))) || c.closed_within(20ms)) return false;
    c.hang();
    return false;
  });
  Rig rig(server);
  std::vector<int> seen;
  rig.source->watch([&](const SharedBytes& bytes) { seen.push_back(width_of(bytes.view())); });
  REQUIRE(rig.next());
  rig.run_until([&] { return seen.size() == 3; });
  CHECK(seen == std::vector{640, 8, 320});
}

TEST_CASE("parts that are no pictures are passed over, and named when nothing else comes") {
  const TestServer server(
      sending_on(std::string(kHead) + part("event=motion", "text/plain") + part(picture(3)), "", 5s));
  Rig rig(server);
  CHECK(width_of(jpeg_of(rig.next().value()).view()) == 3);

  const Error error = error_of(sending_on(std::string(kHead), part("out of memory", "text/plain"), 5ms), kHasty);
  CHECK(error.code == Errc::timeout);
  CHECK(error.what == "no whole picture within 1.0 s: it sends text/plain: \"out of memory\", no picture");
}

TEST_CASE("a stream that ends is an error, after its last picture, and is opened anew by the next call") {
  const TestServer server(sending(std::string(kHead) + part(picture(7))));
  Rig rig(server);
  for (int round = 1; round <= 3; ++round) {
    const auto frame = rig.next();
    REQUIRE(frame);
    CHECK(width_of(jpeg_of(*frame).view()) == 7);
    const auto ended = rig.next();
    REQUIRE_FALSE(ended);
    CHECK(ended.error().code == Errc::io);
    CHECK(ended.error().what == "the stream has ended");
    CHECK(server.connections() == round);
  }
}

TEST_CASE("of a stream that has ended in between no old picture is given") {
  std::atomic<bool> end = false;
  const TestServer server([&](Connection& c, const std::string&) {
    c.send(std::string(kHead) + part(picture(1)));
    while (!end) c.closed_within(1ms);
    c.send(part(picture(2)));
    return false;
  });
  Rig rig(server);
  int seen = 0;
  rig.source->watch([&](const SharedBytes&) { ++seen; });
  REQUIRE(rig.next());
  const std::size_t connected = open_descriptors();
  end = true;
  rig.run_until([&] { return seen == 2 && open_descriptors() <= connected - 2; });
  const auto next = rig.next();
  REQUIRE_FALSE(next);
  CHECK(next.error().what == "the stream has ended");
}

TEST_CASE("a camera that dies and returns is reached again") {
  Camera camera;
  Rig rig(camera.server());
  REQUIRE(rig.next());
  camera.server().stop();
  const auto broken = rig.next();
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Errc::io);
  const auto dead = rig.next();
  REQUIRE_FALSE(dead);
  CHECK(says(dead.error().what, "cannot connect"));
  camera.server().restart();
  CHECK(rig.next());
}

TEST_CASE("a source may go away while its stream is opened, is read, or shows a picture") {
  SUBCASE("opened") {
    std::atomic<bool> gone = false;
    const TestServer server([&](Connection& c, const std::string&) {
      c.hang();
      gone = true;
      return false;
    });
    Rig rig(server);
    std::optional<Result<Frame>> next;
    asio::cancellation_signal cancel;
    asio::co_spawn(rig.io, rig.source->next(),
                   asio::bind_cancellation_slot(
                       cancel.slot(), [&](const std::exception_ptr&, Result<Frame> got) { next = std::move(got); }));
    rig.run_until([&] { return server.requests() == 1; });
    cancel.emit(asio::cancellation_type::terminal);
    rig.run_until([&] { return next.has_value(); });
    rig.source.reset();
    rig.run_until([&] { return gone.load(); });
  }
  SUBCASE("read") {
    Camera camera;
    Rig rig(camera.server());
    REQUIRE(rig.next());
    rig.source.reset();
    rig.run_until([&] { return camera.gone(); });
  }
  SUBCASE("shown") {
    Camera camera;
    Rig rig(camera.server());
    REQUIRE(rig.next());
    rig.source->watch([&](const SharedBytes&) { rig.source.reset(); });
    camera.send_up_to(9);
    rig.run_until([&] { return camera.gone(); });
    CHECK_FALSE(rig.source);
  }
  SUBCASE("with the loop") {
    Camera camera;
    Rig rig(camera.server());
    REQUIRE(rig.next());
  }
}

TEST_CASE("what comes instead of a stream is said") {
  const Error page = error_of(
      [](Connection& c, const std::string&) { return c.respond(200, "text/html", "<title>Login to camera</title>"); });
  CHECK(page.code == Errc::invalid);
  CHECK(page.what == "sends text/html: \"Login to camera\", no picture");

  const Error single =
      error_of([](Connection& c, const std::string&) { return c.respond(200, "image/jpeg", picture(4)); });
  CHECK(single.code == Errc::invalid);
  CHECK(single.what == "sends a single picture (image/jpeg), no stream of them");
  CHECK(says(single.remedy, "'http'"));

  CHECK(error_of([](Connection& c, const std::string&) { return c.respond(404, "text/html", ""); }).code ==
        Errc::not_found);
  CHECK(error_of(sending("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")).code == Errc::io);
}

TEST_CASE("a camera that accepts and never answers, stalls or drips is a timeout") {
  const Error silent = error_of(sending_on("", "", 10s), kHasty);
  CHECK(silent.code == Errc::timeout);

  const Error stalled = error_of(sending_on(std::string(kHead) + part(picture(9)).substr(0, 200), "", 10s), kHasty);
  CHECK(stalled.code == Errc::timeout);
  CHECK(says(stalled.what, "1.0 s"));

  const Error dripping = error_of(sending_on(std::string(kHead) + part(picture(9)).substr(0, 200), "x", 10ms), kHasty);
  CHECK(dripping.code == Errc::timeout);
  CHECK(dripping.what == "no whole picture within 1.0 s");
}

TEST_CASE("a stream that stalls between two pictures is a timeout too") {
  Camera camera;
  Rig rig(camera.server(), kHasty);
  REQUIRE(rig.next());
  const auto stalled = rig.next();
  REQUIRE_FALSE(stalled);
  CHECK(stalled.error().code == Errc::timeout);
  CHECK(rig.next());
}

TEST_CASE("a stream that breaks off in the middle of a picture gives none of it") {
  const Error cut = error_of(sending(std::string(kHead) + part(picture(9)).substr(0, 200)));
  CHECK(cut.code == Errc::io);
}

TEST_CASE("streams without measure are given up before they cost memory") {
  const Error headers = error_of(sending_on("HTTP/1.1 200 OK\r\n", "X-More: " + std::string(1000, 'x') + "\r\n", 0ms));
  CHECK(headers.code == Errc::too_large);

  const std::string start = std::string(kHead) + "--frame\r\nContent-Length: 2147483648\r\n\r\n\xFF\xD8\xFF\xDA";
  const Error huge = error_of(sending_on(start, std::string(1 << 20, 'x'), 0ms));
  CHECK(huge.code == Errc::too_large);
  CHECK(says(huge.what, "16 MB"));

  const Error junk = error_of(sending_on(std::string(kHead), std::string(1 << 16, 'x'), 0ms));
  CHECK(junk.code == Errc::invalid);
  CHECK(says(junk.what, "no picture within"));
}

TEST_CASE("user and password are sent as the camera asks, and shown in no message") {
  const test::DigestAuth digest("eve", "s3cret", "n0nce");
  const TestServer server([&](Connection& c, const std::string& head) {
    if (!digest.accepts(head)) {
      return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: " + digest.challenge() + "\r\nContent-Length: 0\r\n\r\n");
    }
    c.send(std::string(kHead) + part(picture(5)));
    c.hang();
    return false;
  });
  Rig rig(server, "user = 'eve'\npassword = 's3cret'");
  CHECK(rig.next());
  REQUIRE(rig.make(fmt::format("kind = 'mjpeg'\nurl = 'http://eve:wr0ng@127.0.0.1:{}/'", server.port())));
  const auto refused = rig.next();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::denied);
  CHECK_FALSE(says(refused.error().message(), "wr0ng"));
}

TEST_CASE("a certificate must be trusted before a stream is read") {
  const test::TlsIdentity identity;
  const TestServer server(
      [](Connection& c, const std::string&) {
        c.send(std::string(kHead) + part(picture(5)));
        c.hang();
        return false;
      },
      identity);
  CHECK(Rig(server).next().error().code == Errc::denied);
  CHECK(Rig(server, "any_certificate = true").next());
}
