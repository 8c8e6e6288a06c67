#include <atomic>
#include <new>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include "support/looks.hpp"
#include "support/rtsp_server.hpp"
#include "support/source_rig.hpp"
#include "support/test_server.hpp"

using namespace perch;
using namespace std::chrono_literals;
using perch::test::Connection;
using perch::test::says;
using perch::test::SourceRig;
using perch::test::TestServer;

namespace {

using Server = perch::test::RtspServer;

constexpr image::Size kSize = Server::kSize;

struct Rig : SourceRig {
  explicit Rig(const std::string& url, std::string_view more = "timeout = '60s'") {
    const auto made = make(fmt::format("kind = 'rtsp'\nurl = '{}'\n{}", url, more));
    REQUIRE(made);
  }
};

/// Whether a frame is a whole picture with something in it: a white ball on black.
bool shows_the_ball(const Result<Frame>& frame) {
  if (!frame) {
    MESSAGE(frame.error().message());
    return false;
  }
  const auto& picture = std::get<image::Picture>(frame->payload);
  if (picture.size() != kSize || picture.channels() != 3) return false;
  int white = 0, black = 0;
  for (int y = 0; y < kSize.height; ++y)
    for (int x = 0; x < kSize.width; ++x) {
      const std::uint8_t* pixel = picture.view().row(y) + static_cast<std::ptrdiff_t>(3 * x);
      white += pixel[0] > 220 && pixel[1] > 220 && pixel[2] > 220 ? 1 : 0;
      black += pixel[0] < 30 && pixel[1] < 30 && pixel[2] < 30 ? 1 : 0;
    }
  return white > 500 && black > 50'000;
}

Error error_of(Result<Frame> frame) {
  REQUIRE_FALSE(frame);
  return std::move(frame).error();
}

}  // namespace

TEST_CASE("a stream gives whole pictures of the right size, over TCP and over UDP, of H.264 and of JPEG") {
  const Server server;
  for (const char* path : {"/live", "/jpeg"})
    for (const char* transport : {"tcp", "udp"}) {
      CAPTURE(std::string(path));
      CAPTURE(std::string(transport));
      Rig rig(server.url(path), fmt::format("transport = '{}'\ntimeout = '60s'", transport));
      CHECK(rig.source->pace() == Pace::live);
      CHECK_FALSE(rig.source->watch([](const SharedBytes&) {}));
      for (int i = 0; i < 5; ++i) REQUIRE(shows_the_ball(rig.next()));
    }
}

TEST_CASE("pictures move on, and are stamped when they came") {
  const Server server;
  Rig rig(server.url());
  REQUIRE(shows_the_ball(rig.next()));
  rig.clock.advance(3s);
  const auto first = rig.next();
  REQUIRE(first);
  CHECK(first->stamp.monotonic == 3s);
  const image::Picture& before = std::get<image::Picture>(first->payload);
  bool moved = false;
  for (int i = 0; i < 30 && !moved; ++i) {
    const auto later = rig.next();
    REQUIRE(later);
    const image::Picture& after = std::get<image::Picture>(later->payload);
    moved = !std::equal(before.data(), before.data() + before.stride() * kSize.height, after.data());
  }
  CHECK(moved);
}

TEST_CASE("key frames alone are pictures too") {
  const Server server;
  Rig rig(server.url(), "key_frames = true\ntimeout = '60s'");
  for (int i = 0; i < 3; ++i) CHECK(shows_the_ball(rig.next()));
}

TEST_CASE("a path that is not there is named as such") {
  const Server server;
  Rig rig(server.url("/nowhere"));
  const Error error = error_of(rig.next());
  CHECK(error.code == Errc::not_found);
  CHECK(error.what == "answered 404 (not found)");
  CHECK(error.where == server.url("/nowhere"));
}

TEST_CASE("a camera that dies is an error with its reason, and is reached again when it returns") {
  for (const char* transport : {"tcp", "udp"}) {
    CAPTURE(std::string(transport));
    Server server;
    Rig rig(server.url(), fmt::format("transport = '{}'\ntimeout = '20s'", transport));
    REQUIRE(shows_the_ball(rig.next()));
    server.kill();
    Result<Frame> frame = rig.next();
    for (int i = 0; frame && i < 100; ++i) frame = rig.next();  // what had come in before
    const Error broken = error_of(std::move(frame));
    CHECK_MESSAGE((broken.code == Errc::io || broken.code == Errc::timeout), broken.message());
    const Error dead = error_of(rig.next());
    CHECK(dead.code == Errc::io);
    CHECK_MESSAGE(says(dead.what, "cannot connect"), dead.message());
    server.start();
    for (int i = 0; i < 3; ++i) CHECK(shows_the_ball(rig.next()));
  }
}

TEST_CASE("what is thrown on a stream's thread is a failure of its camera, which connects anew") {
  struct BrokenClock final : Clock {
    UtcTime now() const override {
      if (broken.exchange(false)) throw std::bad_alloc();
      return {};
    }

    Nanoseconds monotonic() const override { return {}; }

    BootId boot() const override { return {"boot"}; }

    mutable std::atomic<bool> broken = true;
  };

  const Server server;
  BrokenClock clock;
  SourceRig rig;
  rig.context.clock = &clock;
  REQUIRE(rig.make(fmt::format("kind = 'rtsp'\nurl = '{}'\ntimeout = '60s'", server.url())));
  const Error thrown = error_of(rig.next());
  CHECK(thrown.code == Errc::internal);
  CHECK(thrown.what == "no memory left");
  CHECK(thrown.where == server.url());
  CHECK(shows_the_ball(rig.next()));
}

TEST_CASE("a camera that stops sending is a timeout") {
  const Server server;
  Rig rig(server.url(), "timeout = '5s'");
  REQUIRE(shows_the_ball(rig.next()));
  server.signal(SIGSTOP);
  Result<Frame> frame = rig.next();
  for (int i = 0; frame && i < 100; ++i) frame = rig.next();
  const Error stalled = error_of(std::move(frame));
  CHECK(stalled.code == Errc::timeout);
  CHECK(says(stalled.what, "5.0 s"));
  server.signal(SIGCONT);
  CHECK(shows_the_ball(rig.next()));
}

TEST_CASE("user and password are sent as the camera asks, in whatever characters, and shown in no message") {
  const Server server({"eve", "s3cr@t:/ü"});
  CHECK(shows_the_ball(Rig(server.url(), "user = 'eve'\npassword = 's3cr@t:/ü'\ntimeout = '60s'").next()));
  const std::string in_url = fmt::format("rtsp://eve:s3cr%40t%3A%2F%C3%BC@127.0.0.1:{}/live", server.port());
  CHECK(shows_the_ball(Rig(in_url).next()));
  for (const std::string& more : {std::string("user = 'eve'\npassword = 'wr0ng'"), std::string("timeout = '60s'")}) {
    const Error refused = error_of(Rig(server.url(), more).next());
    CHECK(refused.code == Errc::denied);
    CHECK(says(refused.remedy, "password"));
    CHECK_FALSE(says(refused.message(), "wr0ng"));
  }
  const Error nowhere = error_of(Rig(fmt::format("rtsp://eve:wr0ng@127.0.0.1:{}/x", server.port())).next());
  CHECK_FALSE(says(nowhere.message(), "wr0ng"));
}

TEST_CASE("a server that accepts and never answers is a timeout") {
  const TestServer server([](Connection& c, const std::string&) {
    c.hang();
    return false;
  });
  const Error error = error_of(Rig(fmt::format("rtsp://127.0.0.1:{}/x", server.port()), "timeout = '300ms'").next());
  CHECK(error.code == Errc::timeout);
  CHECK(error.what == "no answer within 300 ms");
}

TEST_CASE("a source may go away at any time: while it connects, and while it reads") {
  SUBCASE("while it connects to a server that never answers") {
    std::atomic<bool> gone = false;
    const TestServer server([&](Connection& c, const std::string&) {
      c.hang();
      gone = true;
      return false;
    });
    std::optional<Result<Frame>> next;
    {
      Rig rig(fmt::format("rtsp://127.0.0.1:{}/x", server.port()), "timeout = '5min'");
      asio::cancellation_signal cancel;
      asio::co_spawn(rig.io, rig.source->next(),
                     asio::bind_cancellation_slot(
                         cancel.slot(), [&](const std::exception_ptr&, Result<Frame> got) { next = std::move(got); }));
      while (server.requests() == 0) rig.io.run_one_for(5ms);
      cancel.emit(asio::cancellation_type::terminal);
      while (!next) rig.io.run_one_for(5ms);
    }  // which waits for its thread
    CHECK(next->error().code == Errc::canceled);
    while (!gone) std::this_thread::yield();
  }
  SUBCASE("while it reads") {
    const Server server;
    Rig rig(server.url(), "timeout = '5min'");
    CHECK(shows_the_ball(rig.next()));
  }
}

TEST_CASE("what speaks another language, or is nowhere, is said") {
  const TestServer web([](Connection& c, const std::string&) {
    c.respond(400, "text/html", "what?");
    return false;
  });
  const Error other = error_of(Rig(fmt::format("rtsp://127.0.0.1:{}/x", web.port())).next());
  CHECK_MESSAGE(other.code == Errc::invalid, other.message());
  CHECK(says(other.what, "does not answer in RTSP"));
  const TestServer mute([](Connection&, const std::string&) { return false; });
  const Error closed = error_of(Rig(fmt::format("rtsp://127.0.0.1:{}/x", mute.port())).next());
  CHECK_MESSAGE(says(closed.what, "does not answer in RTSP"), closed.message());
  const Error nowhere = error_of(Rig("rtsp://u:s3cret@nowhere.invalid/x").next());
  CHECK(nowhere.code == Errc::not_found);
  CHECK(nowhere.message() == "rtsp://nowhere.invalid/x: host not found; check its name");
}

TEST_CASE("an address that cannot be is refused when the source is made") {
  SourceRig rig;
  for (const char* url : {"http://cam/x", "rtsp://", "file:///etc/passwd", ""}) {
    CAPTURE(std::string(url));
    const auto made = rig.make(fmt::format("kind = 'rtsp'\nurl = '{}'", url));
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::invalid);
  }
  const auto long_one =
      rig.make(fmt::format("kind = 'rtsp'\nurl = 'rtsp://cam/x'\nuser = '{}'", std::string(200, 'u')));
  REQUIRE_FALSE(long_one);
  CHECK(long_one.error().code == Errc::too_large);
  CHECK_FALSE(rig.make("kind = 'rtsp'\nurl = 'rtsp://cam/x'\ntransport = 'pigeon'"));
}
