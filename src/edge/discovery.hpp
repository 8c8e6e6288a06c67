#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "edge/settings.hpp"
#include "net/dns_sd.hpp"

namespace perch::edge {

/// What became of a found instance.
enum class Fate : std::uint8_t {
  camera,          ///< it is a camera now
  not_configured,  ///< found, and no `[[discover]]` block fits
  name_taken       ///< one fits, but a configured camera has the name already
};

/// An instance that was found on the network.
struct Instance {
  net::Found found;             ///< as it was heard last
  UtcTime since;                ///< when it appeared; anew when it returned
  std::optional<UtcTime> gone;  ///< when it left; nothing while it is there
};

/// All instances that were found, and what they become under some settings. Those that leave stay known for a day: a
/// camera that was unplugged is a camera that is gone, and not one that never was. Pure but for the clock it is handed.
/// @thread io
class Discovery {
 public:
  /// More are not taken note of, so that nobody on the network can fill our memory.
  static constexpr std::size_t kMostInstances = 1000;
  static constexpr Milliseconds kGoneStaysFor{std::chrono::hours(24)};

  explicit Discovery(const Clock& clock) : clock_(clock) {}

  /// It appeared, or something about it has changed.
  void heard(const net::Found& found);
  void left(const std::string& instance);
  /// Forgets those that have been gone for a day. Whether there were any.
  bool forget_old();

  /// Begins anew.
  void clear() {
    instances_.clear();
    trouble_.clear();
  }

  /// Nothing can be found now, for this reason.
  void failed(std::string why) { trouble_ = std::move(why); }

  /// Why nothing can be found; empty while all is well.
  const std::string& trouble() const { return trouble_; }

  /// By instance name.
  const std::map<std::string, Instance>& all() const { return instances_; }

  static Fate fate(const std::string& instance, const Settings& settings);
  /// The block that fits an instance first, or null. Valid as long as `settings`.
  static const Discover* block_for(std::string_view instance, const Settings& settings);

  /// Those whose fate is to be a camera, each as if it had been configured. None when nothing is to be discovered.
  std::vector<Camera> cameras(const Settings& settings) const;

 private:
  const Clock& clock_;
  std::map<std::string, Instance> instances_;
  std::string trouble_;
};

/// The block before the `index`th that fits every name which that one fits, so that no camera ever comes to it; null
/// where none surely does. @thread any
const Discover* covering_block(std::span<const Discover> blocks, std::size_t index);

/// The camera that an instance becomes under a block. @thread any
Camera discovered_camera(const Discover& block, const net::Found& found);

/// `http://10.0.0.7:8081/jpg`, `http://[fe80::1%252]/jpg`. @thread any
std::string picture_url(const net::asio::ip::address& address, std::uint16_t port, std::string_view path);

/// The cameras that are configured and those that were found. @thread io
std::vector<Camera> all_cameras(const Settings& settings, const Discovery& discovery);

}  // namespace perch::edge
