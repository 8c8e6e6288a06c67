#include "bench/camera_server.hpp"

#include <array>
#include <thread>

#include <doctest/doctest.h>
#include <unistd.h>

#include "support/raw_client.hpp"

using perch::Bytes;
using perch::bench::CameraServer;
using perch::test::RawClient;

namespace {

/// A server at work, with the pipes that command it.
class Running {
 public:
  Running(const std::vector<Bytes>& views, int each) : server_(CameraServer::create(views, each).value()) {
    REQUIRE(::pipe(in_.data()) == 0);
    REQUIRE(::pipe(out_.data()) == 0);
    thread_ = std::jthread([this] { ended_well_ = server_.serve(in_[0], out_[1]).has_value(); });
  }

  ~Running() {
    ::close(in_[1]);
    thread_.join();
    CHECK(ended_well_);
    for (const int fd : {in_[0], out_[0], out_[1]}) ::close(fd);
  }

  std::uint16_t port() const { return server_.port(); }

  /// Says it, and waits until it has been obeyed.
  void command(std::string_view line) {
    REQUIRE(::write(in_[1], line.data(), line.size()) == static_cast<ssize_t>(line.size()));
    std::array<char, 3> answer{};
    REQUIRE(::read(out_[0], answer.data(), answer.size()) == 3);
    CHECK(std::string_view(answer.data(), 3) == "ok\n");
  }

 private:
  CameraServer server_;
  std::array<int, 2> in_{}, out_{};
  bool ended_well_ = false;
  std::jthread thread_;
};

Bytes text(std::string_view of) {
  return {of.begin(), of.end()};
}

std::string body(const std::string& answer) {
  const std::size_t at = answer.find("\r\n\r\n");
  return at == std::string::npos ? "no answer" : answer.substr(at + 4);
}

/// What a camera shows next, on a connection that stays open.
std::string look(RawClient& client, int camera) {
  client.send("GET /cam/" + std::to_string(camera) + "/jpg HTTP/1.1\r\nHost: x\r\n\r\n");
  return body(client.read_answer());
}

}  // namespace

TEST_CASE("each camera shows its own pictures in turn, and comes round") {
  const Running cameras({text("a0"), text("a1"), text("b0"), text("b1")}, 2);
  RawClient client(cameras.port()), other(cameras.port());
  CHECK(look(client, 0) == "a0");
  CHECK(look(other, 1) == "b0");
  CHECK(look(client, 0) == "a1");
  CHECK(look(client, 1) == "b1");
  CHECK(look(client, 0) == "a0");
}

TEST_CASE("more cameras than pictures share them") {
  const Running cameras({text("a0"), text("a1"), text("b0"), text("b1")}, 2);
  RawClient client(cameras.port());
  CHECK(look(client, 2) == "a0");
  CHECK(look(client, 3) == "b0");
  CHECK(look(client, 2) == "a1");
}

TEST_CASE("a large picture comes whole to a client that takes its time") {
  Bytes large(3'000'000);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 7 + i / 1000);
  const Running cameras({large}, 1);
  RawClient client(cameras.port(), 4096);
  const std::string got = look(client, 0);
  CHECK(Bytes(got.begin(), got.end()) == large);
  CHECK(look(client, 0).size() == large.size());
}

TEST_CASE("who hangs up in the midst of a picture does no harm") {
  const Running cameras({Bytes(3'000'000)}, 1);
  for (int i = 0; i < 8; ++i) {
    RawClient client(cameras.port(), 4096);
    client.send("GET /cam/0/jpg HTTP/1.1\r\n\r\n");
    CHECK(client.read_bytes(100).size() == 100);
  }
  RawClient client(cameras.port());
  CHECK(look(client, 0).size() == 3'000'000);
}

TEST_CASE("what is asked while the cameras are held is answered when they go on") {
  Running cameras({text("a0")}, 1);
  RawClient client(cameras.port());
  cameras.command("hold\n");
  client.send("GET /cam/0/jpg HTTP/1.1\r\n");
  client.send("Host: x\r\n\r\n");
  cameras.command("hold\n");
  cameras.command("go\n");
  CHECK(body(client.read_answer()) == "a0");
  CHECK(look(client, 0) == "a0");
  cameras.command("quit\n");
}

TEST_CASE("what is no camera is not found, and what is no request is cut off") {
  const Running cameras({text("a0")}, 1);
  RawClient client(cameras.port());
  for (const char* target : {"/", "/cam/x/jpg", "/cam/0/mjpeg", "/cam/-3/jpg"}) {
    client.send("GET " + std::string(target) + " HTTP/1.1\r\n\r\n");
    CHECK(client.read_answer().starts_with("HTTP/1.1 404 "));
  }
  CHECK(look(client, 0) == "a0");
  RawClient rude(cameras.port());
  rude.send(std::string(10'000, 'x'));
  CHECK(rude.closed());
}
