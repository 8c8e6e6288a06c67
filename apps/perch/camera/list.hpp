#pragma once
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "net/dns_sd.hpp"

namespace perch::cli {

struct CameraListOptions {
  std::string type = "_camera._tcp";
  Seconds listen{3};
  bool json = false;
  std::vector<std::string> interfaces;  ///< to listen on; none: all networks
};

/// `perch camera ls`: prints who announces itself on the network, one a line, as soon as it is heard.
/// @returns an exit status. @thread main, blocks
int list_cameras(const CameraListOptions& options);

/// What stands in its line. @thread any
std::string camera_line(const net::Found& found);
/// One JSON object: `instance`, `host`, `addresses`, `port`, `txt`. @thread any
std::string camera_json(const net::Found& found);

}  // namespace perch::cli
