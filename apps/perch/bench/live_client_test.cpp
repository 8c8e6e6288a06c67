#include "bench/live_client.hpp"

#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include "net/http_server.hpp"
#include "net/web_socket_hub.hpp"

namespace asio = boost::asio;
using perch::bench::add_live_times;
using perch::bench::LiveClient;
using perch::bench::LiveTimes;

namespace {

/// A server whose `/api/live` says three things to whoever comes, and then goes on or hangs up.
class Daemon {
 public:
  explicit Daemon(bool hangs_up) {
    perch::net::WebSocketHub::Events events;
    events.opened = [this, hangs_up](perch::net::WebSocketClient client, const perch::net::HttpCall&) {
      for (const char* text : {R"({"type":"hello"})", R"({"type":"observation","ms":{"wait":0.5,"total":12}})",
                               R"({"type":"reading","ms":{"committed":14.25},"reading":{"seq":1}})"})
        hub_->send(client, std::make_shared<const std::string>(text));
      if (hangs_up) hub_->close(client);
    };
    hub_ = std::make_shared<perch::net::WebSocketHub>(io_.get_executor(), perch::net::WebSocketLimits(), events);
    perch::net::HttpServerConfig config;
    config.listen = "127.0.0.1:0";
    server_ = perch::net::HttpServer::create(io_.get_executor(), config).value();
    server_->web_socket("/api/live", hub_);
    server_->start();
    thread_ = std::jthread([this] { io_.run(); });
  }

  ~Daemon() {
    asio::post(io_, [this] { server_.reset(); });
    work_.reset();
    thread_.join();
  }

  std::uint16_t port() const { return server_->port(); }

 private:
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::shared_ptr<perch::net::WebSocketHub> hub_;
  std::unique_ptr<perch::net::HttpServer> server_;
  std::jthread thread_;
};

/// Adds up what comes until there are times of this name, or the daemon hangs up.
perch::Result<LiveTimes> take_until(LiveClient& client, const std::string& name) {
  LiveTimes all;
  while (!all.contains(name)) {
    auto more = client.take();
    if (!more) return perch::fail(more.error());
    for (auto& [key, values] : *more) all[key].insert(all[key].end(), values.begin(), values.end());
    std::this_thread::yield();
  }
  return all;
}

}  // namespace

TEST_CASE("the times of observations and readings are taken by name") {
  LiveTimes times;
  CHECK(add_live_times(R"({"type":"hello","cameras":[]})", times));
  CHECK(add_live_times(R"({"type":"observation","ms":{"total":3,"infer":2.5}})", times));
  CHECK(add_live_times(R"({"type":"reading","ms":{}})", times));
  CHECK(add_live_times(R"({"type":"observation","ms":{"total":4.5,"infer":null}})", times));
  CHECK(times == LiveTimes{{"infer", {2.5}}, {"total", {3, 4.5}}});
}

TEST_CASE("a message that is no JSON object is an error") {
  LiveTimes times;
  CHECK_FALSE(add_live_times("", times));
  CHECK_FALSE(add_live_times("[1]", times));
  CHECK_FALSE(add_live_times(R"({"ms":)", times));
}

TEST_CASE("a client hears what the daemon's own server sends") {
  const Daemon daemon(false);
  auto client = LiveClient::connect(daemon.port());
  REQUIRE(client);
  const auto times = take_until(*client, "committed");
  REQUIRE(times);
  CHECK(*times == LiveTimes{{"committed", {14.25}}, {"total", {12}}, {"wait", {0.5}}});
}

TEST_CASE("a daemon that hangs up is an error, and so is one that is not there") {
  std::uint16_t port = 0;
  {
    const Daemon daemon(true);
    port = daemon.port();
    auto client = LiveClient::connect(port);
    REQUIRE(client);
    CHECK(take_until(*client, "never").error().code == perch::Errc::io);
  }
  CHECK(LiveClient::connect(port).error().code == perch::Errc::io);
}
