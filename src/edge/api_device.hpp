#pragma once
#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace perch::edge {

/// What the interface says about this device. Owned by the daemon, which changes it in place. @thread io
struct DeviceInfo {
  std::string device;        ///< its name
  std::string version;       ///< of the program
  UtcTime started;           ///< when the daemon began
  std::uint64_t config = 0;  ///< revision of the configuration at work
  UtcTime config_since;      ///< when it was taken up
  std::string problem;       ///< why a newer configuration was refused; empty when none was
};

}  // namespace perch::edge
