#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace perch::cli {

struct CameraServeOptions {
  // What it looks at: one of these.
  std::string folder, clip, scene, v4l2;

  std::int64_t seed = 1;
  int width = 800, height = 600;      ///< of a scene
  std::string hour = "10h";           ///< of a scene's day, at which it starts
  double speed = 1;                   ///< of a scene's time
  std::vector<std::string> settings;  ///< of a scene, `KEY=VALUE`
  std::string every = "1s";           ///< between pictures
  int count = 1;
  int port = 8080;  ///< the first's; 0: free ones
  std::string address = "0.0.0.0";
  std::string name;  ///< empty: as the firmware makes it
  std::string type = "_camera._tcp";
  std::vector<std::string> interfaces;  ///< to announce on; none: all networks
  bool quiet = false;                   ///< not announced
  std::vector<std::string> faults;
};

/// `perch camera`: serves simulated cameras until it is stopped.
/// @returns an exit status. @thread main, blocks
int serve_cameras(const CameraServeOptions& options);

}  // namespace perch::cli
