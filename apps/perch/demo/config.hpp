#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "demo/places.hpp"

namespace perch::cli {

/// What the demo runs with.
struct DemoPlan {
  std::vector<Place> places;
  std::uint16_t port = 3000;         ///< of the page; 0: a free one
  std::string type;                  ///< DNS-SD: what this demo's cameras announce themselves as, and nobody else's
  std::vector<std::string> without;  ///< models that are not there: their questions are left out
};

/// The DNS-SD type of the cameras of a demo: each demo of a machine has its own, so that none reads another's.
/// @param number  the port, or the process when that is not known yet
std::string demo_type(unsigned number);

/// The configuration, for `perch edge` and for people who want to learn from it. Pure. @thread any
std::string demo_config(const DemoPlan& plan);

}  // namespace perch::cli
