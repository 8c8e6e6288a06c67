#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "net/dns_sd.hpp"
#include "node/film.hpp"

namespace perch::node {

namespace asio = boost::asio;

struct NodeConfig {
  std::string name = "indoor-camera-0000";  ///< instance and host name
  std::string address = "0.0.0.0";          ///< to listen on
  std::uint16_t port = 0;                   ///< 0: a free one
  std::string type = "_camera._tcp";
  std::vector<Fault> faults;
};

/// `indoor-camera-%04x`, as the original firmware makes it from the last two bytes of its address. @thread any
std::string node_name(std::uint16_t number);

/// One simulated camera: serves what the firmware of an ESP32 camera serves, and announces itself.
///
/// `/jpg` and `/capture` answer one JPEG, or 500 when there is none; `/stream` is motion JPEG; `/status` and
/// `/control?var=&val=` are its settings. What an ESP32 camera has not: `/thermal` is the grid of temperatures
/// (seam/thermal_form.hpp) that the picture of a thermal camera is drawn from, and `/truth` is what is true of the
/// latest picture, where that is known. Answers carry the number of the shot in `X-Perch-Shot`. @thread io
class Node {
 public:
  /// Binds the port. `film`, `dns_sd` (may be null: it is not announced) and `clock` outlive it; so do both executors.
  /// Errors: those of `net::HttpServer::create` and `net::DnsSd::announce`.
  static Result<std::shared_ptr<Node>> create(asio::any_io_executor io, asio::any_io_executor blocking,
                                              const Clock& clock, std::shared_ptr<const Film> film, net::DnsSd* dns_sd,
                                              NodeConfig config);
  virtual ~Node() = default;

  virtual std::uint16_t port() const = 0;
  /// As it is announced now.
  virtual const std::string& name() const = 0;
  /// Says goodbye and closes all connections.
  virtual asio::awaitable<void> stop() = 0;
};

}  // namespace perch::node
