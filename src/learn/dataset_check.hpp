#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "learn/dataset.hpp"

namespace perch::learn {

/// One thing that makes a data set worse than it could be.
struct Finding {
  bool serious = false;  ///< what is measured with it would be wrong, or something of it is lost
  Error error;           ///< where, what, and what to do
};

/// Looks for what spoils a training: pictures and labels that cannot be used, the same picture twice (and labelled
/// differently), near duplicates, boxes that reach out of the picture, pictures without labels, labels that never or
/// hardly occur, splits that lack a label, and pictures or groups that are in two splits. The serious ones first.
/// @thread any
std::vector<Finding> check(const Dataset& set);

/// How much there is of what.
struct DatasetStats {
  std::size_t pictures = 0, labels = 0, empty_pictures = 0, groups = 0;
  std::array<std::size_t, 3> pictures_in{};                      ///< by split
  std::vector<std::array<std::size_t, 3>> labels_in;             ///< by label, then split
  std::map<std::string, std::map<std::string, int>> attributes;  ///< of pictures, by name: how often each text occurs
};

/// @thread any
DatasetStats stats_of(const Dataset& set);

}  // namespace perch::learn
