#include <atomic>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "image/codec.hpp"
#include "seam/thermal_form.hpp"
#include "support/digest_auth.hpp"
#include "support/looks.hpp"
#include "support/picture_files.hpp"
#include "support/program.hpp"
#include "support/source_rig.hpp"
#include "support/test_server.hpp"
#include "support/tls_identity.hpp"

using namespace perch;
using namespace std::chrono_literals;
using perch::test::Connection;
using perch::test::jpeg_of;
using perch::test::says;
using perch::test::SourceRig;
using perch::test::TestServer;

namespace {

/// A JPEG as text, of this size.
std::string picture(int width = 32, int height = 24) {
  return std::string(as_text(test::jpeg_file(width, height)));
}

/// What a source makes of a server that sends this and hangs up.
Error error_of(const TestServer::Handler& handler, std::string_view more = "") {
  const TestServer server(handler);
  SourceRig rig;
  REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'\n{}", server.url("/jpg"), more)));
  const auto frame = rig.next();
  REQUIRE_FALSE(frame);
  CHECK(frame.error().where == server.url("/jpg"));
  return frame.error();
}

TestServer::Handler sending(const std::string& bytes) {
  return [bytes](Connection& c, const std::string&) {
    c.send(bytes);
    return false;
  };
}

constexpr std::string_view kHasty = "timeout = '150ms'";

}  // namespace

TEST_CASE("each request is a picture as it came, stamped when it was complete; the source is live") {
  const std::string sent = picture();
  SourceRig rig;
  const TestServer server([&](Connection& c, const std::string& head) {
    CHECK(says(head, "GET /capture?a=1 HTTP/1.1"));
    rig.clock.advance(1s);
    return c.respond(200, "image/jpeg", sent);
  });
  REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'", server.url("/capture?a=1"))));
  CHECK(rig.source->pace() == Pace::live);
  CHECK_FALSE(rig.source->watch([](const SharedBytes&) {}));
  const auto before = rig.clock.monotonic();
  const auto frame = rig.next();
  REQUIRE(frame);
  CHECK(as_text(jpeg_of(*frame).view()) == sent);
  CHECK(frame->stamp.monotonic == before + 1s);
  REQUIRE(rig.next());
  CHECK(server.connections() == 1);
}

TEST_CASE("a PNG is a picture too, and a type is not believed") {
  const std::string png(as_text(test::png_file(8, 8)));
  for (const char* type : {"image/png", "text/html", "application/octet-stream"}) {
    const TestServer server([&](Connection& c, const std::string&) { return c.respond(200, type, png); });
    SourceRig rig;
    REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'", server.url())));
    CHECK(rig.next());
  }
}

TEST_CASE("identical bytes are the very same object, other bytes another") {
  std::atomic<int> width = 32;
  const TestServer server(
      [&](Connection& c, const std::string&) { return c.respond(200, "image/jpeg", picture(width)); });
  SourceRig rig;
  REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'", server.url())));
  const auto first = rig.next(), second = rig.next();
  REQUIRE(first);
  REQUIRE(second);
  CHECK(jpeg_of(*first).view().data() == jpeg_of(*second).view().data());
  width = 64;
  const auto third = rig.next();
  REQUIRE(third);
  CHECK(jpeg_of(*third).view().data() != jpeg_of(*second).view().data());
  CHECK(image::probe(jpeg_of(*first).view()).value().size == image::Size{32, 24});
  CHECK(image::probe(jpeg_of(*third).view()).value().size == image::Size{64, 24});
}

TEST_CASE("an unchanged picture is not fetched again once the server has shown that its tags follow its pictures") {
  std::atomic<int> tag_number = 1, width = 32, whole = 0;
  const TestServer server([&](Connection& c, const std::string& head) {
    const std::string tag = fmt::format("\"{}\"", tag_number.load()), now = picture(width);
    if (says(head, "If-None-Match: " + tag + "\r\n")) return c.send("HTTP/1.1 304 X\r\n\r\n");
    ++whole;
    return c.send(fmt::format("HTTP/1.1 200 OK\r\nETag: {}\r\nContent-Length: {}\r\n\r\n{}", tag, now.size(), now));
  });
  SourceRig rig;
  REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'", server.url())));
  for (int i = 0; i < 3; ++i) REQUIRE(rig.next());
  CHECK(whole == 3);
  width = 64;
  SUBCASE("a tag that changes with the picture is used") {
    tag_number = 2;
    const auto changed = rig.next();
    REQUIRE(changed);
    CHECK(whole == 4);
    for (int i = 0; i < 30; ++i) {
      const auto same = rig.next();
      REQUIRE(same);
      CHECK(jpeg_of(*same).view().data() == jpeg_of(*changed).view().data());
    }
    CHECK(whole == 4);
    REQUIRE(rig.next());
    CHECK(whole == 5);  // now and then all of it, to be sure
    tag_number = 3;
    width = 16;
    CHECK(image::probe(jpeg_of(rig.next().value()).view()).value().size.width == 16);
  }
  SUBCASE("a tag that stays while the picture changes never is") {
    for (int i = 0; i < 3; ++i) REQUIRE(rig.next());
    CHECK(whole == 6);
  }
}

TEST_CASE("what comes instead of a picture is said") {
  const Error page = error_of([](Connection& c, const std::string&) {
    return c.respond(200, "text/html", "<html><head><title>Login to camera</title>");
  });
  CHECK(page.code == Errc::invalid);
  CHECK(page.what == "sends text/html: \"Login to camera\", no picture");
  CHECK(says(page.remedy, "web page"));

  const Error empty = error_of([](Connection& c, const std::string&) { return c.respond(200, "image/jpeg", ""); });
  CHECK(empty.code == Errc::invalid);
  CHECK(empty.what == "sends an empty answer (image/jpeg), no picture");

  const Error unasked = error_of(sending("HTTP/1.1 304 X\r\n\r\n"));
  CHECK(unasked.code == Errc::invalid);

  const Error missing = error_of([](Connection& c, const std::string&) { return c.respond(404, "text/html", "no"); });
  CHECK(missing.code == Errc::not_found);
  CHECK(says(missing.what, "404"));
}

TEST_CASE("a server that accepts and never answers, and one that drips, are timeouts that name the other source") {
  const Error silent = error_of(
      [](Connection& c, const std::string&) {
        c.hang();
        return false;
      },
      kHasty);
  CHECK(silent.code == Errc::timeout);
  CHECK(says(silent.what, "150 ms"));
  CHECK(says(silent.remedy, "'mjpeg'"));

  const Error dripping = error_of(
      [](Connection& c, const std::string&) {
        c.send("HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 9999\r\n\r\n");
        while (c.send("x") && !c.closed_within(10ms)) {
        }
        return false;
      },
      kHasty);
  CHECK(dripping.code == Errc::timeout);
}

TEST_CASE("an answer that breaks off, or is no HTTP, is an error in words") {
  const Error cut = error_of(sending("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n\xFF\xD8\xFF"));
  CHECK(cut.code == Errc::io);
  CHECK(says(cut.what, "in the middle of the answer"));
  CHECK(error_of(sending("")).code == Errc::io);
  CHECK(error_of(sending("SSH-2.0-x\r\n")).code == Errc::io);
}

TEST_CASE("an answer larger than any picture is refused before memory is spent on it") {
  const Error announced = error_of(sending("HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\nx"));
  CHECK(announced.code == Errc::too_large);
  CHECK(says(announced.what, "32 MB"));

  const Error endless = error_of([](Connection& c, const std::string&) {
    c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "100000\r\n" + std::string(0x100000, 'x') + "\r\n";
    while (c.send(chunk)) {
    }
    return false;
  });
  CHECK(endless.code == Errc::too_large);
  CHECK(says(endless.remedy, "'mjpeg'"));

  const Error headers = error_of([](Connection& c, const std::string&) {
    c.send("HTTP/1.1 200 OK\r\n");
    while (c.send("X-More: " + std::string(1000, 'x') + "\r\n")) {
    }
    return false;
  });
  CHECK(headers.code == Errc::too_large);
  CHECK(says(headers.what, "header"));
}

TEST_CASE("user and password are sent as the camera asks, and shown in no message") {
  test::DigestAuth digest("eve", "s3cret", "n0nce");
  std::atomic<bool> basic = false;
  const TestServer server([&](Connection& c, const std::string& head) {
    const bool may = basic ? says(head, "Authorization: Basic ZXZlOnMzY3JldA==\r\n") : digest.accepts(head);
    if (may) return c.respond(200, "image/jpeg", picture());
    const std::string challenge = basic ? "Basic realm=\"x\"" : digest.challenge();
    return c.send("HTTP/1.1 401 X\r\nWWW-Authenticate: " + challenge + "\r\nContent-Length: 0\r\n\r\n");
  });
  for (const bool is_basic : {false, true}) {
    basic = is_basic;
    SourceRig rig;
    REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'\nuser = 'eve'\npassword = 's3cret'", server.url())));
    CHECK(rig.next());
    REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = 'http://eve:wr0ng@127.0.0.1:{}/'", server.port())));
    const auto refused = rig.next();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::denied);
    CHECK_FALSE(says(refused.error().message(), "wr0ng"));
    CHECK(says(refused.error().remedy, "password"));
  }
}

TEST_CASE("a certificate must be trusted: by the machine, by a file beside the configuration, or by its key") {
  const test::TlsIdentity identity;
  const test::TempFolder folder;
  identity.write_certificate(folder / "camera.pem");
  const TestServer server([](Connection& c, const std::string&) { return c.respond(200, "image/jpeg", picture()); },
                          identity);
  SourceRig rig(folder.path());
  REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'", server.url())));
  const auto refused = rig.next();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::denied);
  CHECK(says(refused.error().what, "certificate"));
  for (const std::string& trust : {std::string("ca_file = 'camera.pem'"), "pinned_key = '" + identity.pin() + "'",
                                   std::string("any_certificate = true")}) {
    REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'\n{}", server.url(), trust)));
    CHECK(rig.next());
  }
}

TEST_CASE("temperatures are a grid, with what the sensor did not give filled in") {
  const ThermalGrid sent{2, 2, {30, 0, 32, 31}};
  const Bytes bytes = thermal_bytes(sent);
  const std::string_view body = as_text(bytes);
  std::atomic<std::size_t> cut = 0;
  const TestServer server([&](Connection& c, const std::string&) {
    return c.respond(200, thermal_type(sent), body.substr(0, body.size() - cut));
  });
  SourceRig rig;
  REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'", server.url("/thermal"))));
  const auto frame = rig.next();
  REQUIRE(frame);
  const auto& grid = std::get<ThermalGrid>(frame->payload);
  CHECK(grid.rows == 2);
  CHECK(grid.celsius == std::vector<float>{30, 31, 32, 31});
  CHECK(grid.repaired == 1);
  cut = 4;
  const auto torn = rig.next();
  REQUIRE_FALSE(torn);
  CHECK(torn.error().where == server.url("/thermal"));
  CHECK(says(torn.error().what, "12 bytes"));
}

TEST_CASE("a large grid is repaired where calls may block") {
  ThermalGrid sent{200, 200, std::vector<float>(40'000, 0)};
  sent.celsius[0] = 20;
  const Bytes bytes = thermal_bytes(sent);
  const TestServer server(
      [&](Connection& c, const std::string&) { return c.respond(200, thermal_type(sent), as_text(bytes)); });
  SourceRig rig;
  asio::io_context elsewhere;
  rig.context.blocking = elsewhere.get_executor();
  REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'", server.url("/thermal"))));
  std::optional<Result<Frame>> frame;
  asio::co_spawn(rig.io, rig.source->next(),
                 [&](const std::exception_ptr&, Result<Frame> came) { frame = std::move(came); });
  std::size_t calls = 0;
  while (!frame) {
    rig.io.run_one_for(1ms);
    elsewhere.restart();
    calls += elsewhere.poll();
  }
  CHECK(calls == 1);
  REQUIRE(*frame);
  CHECK(std::get<ThermalGrid>((*frame)->payload).repaired == 39'999);
  CHECK(std::get<ThermalGrid>((*frame)->payload).celsius == std::vector<float>(40'000, 20));
}

TEST_CASE("a camera that dies and returns is reached again") {
  TestServer server([](Connection& c, const std::string&) { return c.respond(200, "image/jpeg", picture()); });
  SourceRig rig;
  REQUIRE(rig.make(fmt::format("kind = 'http'\nurl = '{}'", server.url())));
  CHECK(rig.next());
  server.stop();
  const auto dead = rig.next();
  REQUIRE_FALSE(dead);
  CHECK(dead.error().code == Errc::io);
  CHECK(says(dead.error().what, "cannot connect"));
  server.restart();
  CHECK(rig.next());
}

TEST_CASE("an address of another kind is refused when the source is made") {
  SourceRig rig;
  const auto stream = rig.make("kind = 'http'\nurl = 'rtsp://u:s3cret@cam/live'");
  REQUIRE_FALSE(stream);
  CHECK(stream.error().code == Errc::invalid);
  CHECK(says(stream.error().remedy, "'rtsp'"));
  CHECK_FALSE(says(stream.error().message(), "s3cret"));
  CHECK_FALSE(rig.make("kind = 'http'\nurl = '/etc/passwd'"));
  CHECK_FALSE(rig.make("kind = 'http'"));
}
