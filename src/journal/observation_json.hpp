#pragma once
#include <string>
#include <vector>

#include "base/json_text.hpp"
#include "seam/observation.hpp"

namespace perch::journal {

/// Writes what an observation says, from `status` to `numbers`, as members of the object that is open: the forms of
/// `docs/formats/reading.md`, which readings and live messages share. The stamp is the caller's.
/// @param labels  what the label ids of its findings name; one that is not there becomes `#ID`
/// @thread any
void write_observation(json::Writer& w, const Observation& seen, const std::vector<std::string>& labels);

}  // namespace perch::journal
