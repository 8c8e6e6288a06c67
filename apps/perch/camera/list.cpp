#include "camera/list.hpp"

#include <csignal>
#include <cstdio>
#include <optional>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "command.hpp"
#include "net/listen_address.hpp"

namespace perch::cli {

namespace {

std::string endpoint(const net::Found& found) {
  const auto& address = found.addresses.front();
  return net::to_string(net::ListenAddress{address.to_string(), found.port});
}

}  // namespace

std::string camera_line(const net::Found& found) {
  std::string line = fmt::format("{:<24} {:<21} {}", printable(found.name), endpoint(found), printable(found.host));
  for (const auto& [key, value] : found.txt) line += fmt::format("  {}={}", printable(key), printable(value));
  return line;
}

std::string camera_json(const net::Found& found) {
  json::Writer w;
  w.begin_object().key("instance").string(found.name).key("host").string(found.host).key("addresses").begin_array();
  for (const auto& address : found.addresses) w.string(address.to_string());
  w.end_array().key("port").integer(found.port).key("txt").begin_object();
  std::set<std::string_view> keys;
  for (const auto& [key, value] : found.txt)
    if (keys.insert(key).second) w.key(key).string(value);
  w.end_object().end_object();
  return w.text();
}

int list_cameras(const CameraListOptions& options) {
  boost::asio::io_context io{1};
  auto dns_sd = net::DnsSd::create(io.get_executor(), options.interfaces);
  if (!dns_sd) {
    fmt::print(stderr, "perch camera ls: {}\n", dns_sd.error().message());
    return kUnusable;
  }
  std::size_t heard = 0;
  const auto print = [&](const net::Found& found) {
    ++heard;
    fmt::print("{}\n", options.json ? camera_json(found) : camera_line(found));
    std::fflush(stdout);
  };
  net::BrowseEvents events{print, [](const net::Found&) {}, [](const std::string&) {}};
  int status = kOk;
  {
    auto browser = (*dns_sd)->browse(options.type, std::move(events));
    if (!browser) {
      fmt::print(stderr, "perch camera ls: {}\n", browser.error().message());
      return kUnusable;
    }
    boost::asio::steady_timer end(io, std::chrono::duration_cast<Nanoseconds>(options.listen));
    end.async_wait([&](const boost::system::error_code&) { io.stop(); });
    boost::asio::signal_set stopped(io, SIGINT, SIGTERM);
    stopped.async_wait([&](const boost::system::error_code& error, int) {
      if (!error) status = kStopped;
      io.stop();
    });
    io.run();
  }
  if (heard == 0 && status == kOk) fmt::print(stderr, "no camera announces itself as {}\n", options.type);
  return status;
}

}  // namespace perch::cli
