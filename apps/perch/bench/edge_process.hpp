#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bench/process.hpp"
#include "model/card.hpp"
#include "seam/registry.hpp"

namespace perch::bench {

/// What the daemon is to watch.
struct EdgePlan {
  int cameras = 16;
  std::uint16_t camera_port = 0;  ///< of the camera server
  std::string model = {};         ///< path, or name
  std::string models = {};        ///< folder of models; empty: the usual ones
  Nanoseconds every{0};           ///< 0: as fast as pictures are looked at
  bool gate = false;
  std::string analysis = "detect";  ///< its kind
};

/// The kind of analysis that looks at what such a model finds, as it is without any settings; of several the one that
/// has the fewest settings. Errors: unsupported (there is none). @thread any
Result<std::string> analysis_for(const model::Card& card, const Registry& registry);

/// The `perch.toml` of such a daemon, listening on `port` of loopback. Every observation is recorded: the most that a
/// journal can be asked for. @thread any
std::string edge_config(const EdgePlan& plan, std::uint16_t port);

/// Sums over all cameras since the daemon's start.
struct EdgeCounts {
  double frames = 0;    ///< that came in
  double looked = 0;    ///< that were looked at
  double still = 0;     ///< of those, the ones in which nothing moved
  double skipped = 0;   ///< replaced by a newer one
  double missed = 0;    ///< due while the one before was on its way
  double failures = 0;  ///< asked for in vain
  double broken = 0;
  std::chrono::steady_clock::time_point at;  ///< when this was so
};

/// `perch edge` as a process of its own, with a folder for its configuration, data and log. @thread the one that
/// started it
class Edge {
 public:
  /// The text of a `perch.toml` for a daemon that listens on this port of loopback.
  using ConfigFor = std::function<std::string(std::uint16_t port)>;

  /// Starts it. Does not wait. Errors: io.
  static Result<Edge> start(const ConfigFor& config, const std::filesystem::path& folder);
  static Result<Edge> start(const EdgePlan& plan, const std::filesystem::path& folder);

  /// Waits for the first observation of any camera. How long it took from the start.
  /// Errors: timeout, and internal with the end of its log when it has ended.
  Result<Seconds> first_observation(Seconds patience);

  /// Errors: those of `net::fetch`; internal when it has ended.
  Result<EdgeCounts> counts();

  Result<ProcessUse> use() const { return child_.use(); }

  /// Why it does not answer: that it has ended, with its last words, or this.
  tl::unexpected<Error> trouble(const Error& error);

  std::uint16_t port() const { return port_; }

  /// Ends it as a system would, and waits.
  void stop();

 private:
  Edge(Child child, std::filesystem::path log, std::uint16_t port);
  tl::unexpected<Error> ended() const;

  Child child_;
  std::filesystem::path log_;
  std::uint16_t port_ = 0;
};

/// A TOML string. @thread any
std::string toml_string(std::string_view text);

/// The end of a log, as much of it as helps. @thread any, blocks
std::string last_lines(const std::filesystem::path& log, std::size_t lines);

}  // namespace perch::bench
