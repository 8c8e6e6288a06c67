#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "config/field.hpp"
#include "image/picture.hpp"
#include "seam/findings.hpp"

namespace perch::model {

/// What becomes of a region that reaches beyond the frame.
enum class Clip : std::uint8_t {
  frame,  ///< cut at the frame's edge
  keep    ///< kept whole: the picture's edge is repeated, so that a square stays a square
};

/// How findings of one model become regions of another.
struct RegionPolicy {
  float margin = 0;     ///< added on each side, as a fraction of the finding's width and height
  bool square = false;  ///< the shorter side grows to the longer one, around the same centre
  Clip clip = Clip::frame;
  float min_side_px = 8;  ///< findings with a shorter side are left out
  int max_regions = 64;   ///< the findings with the highest scores are kept
};

/// At most so many fixed regions are taken from a configuration.
inline constexpr std::size_t kMaxRegions = 1024;

/// Regions as a configuration lists them: 4 numbers are x, y, width, height, 8 are four corners (top left, top right,
/// bottom right, bottom left of what they frame), in pixels of the frame.
///
/// Errors: invalid, naming the region by its place from 1: another count of numbers, a number that is not finite or
/// absurdly large, no area, corners that cross; too many regions. Whether a region lies inside the frame is only known
/// once there is one: see `check_inside`. @thread any
Result<std::vector<Region>> fixed_regions(std::span<const std::vector<double>> lists);

/// Whether each region lies at least partly inside a frame of that size. Errors: invalid, naming the region and the
/// size. @thread any
Result<void> check_inside(std::span<const Region> regions, image::Size frame);

/// The findings of another model as regions, in the order of the findings: widened, squared and clipped by the policy.
/// `Region::index` counts the regions from 0.
/// @param labels  only findings with one of these labels; empty: all
/// @thread any
std::vector<Region> regions_from(std::span<const Detection> detections, image::Size frame, const RegionPolicy& policy,
                                 std::span<const LabelId> labels = {});

}  // namespace perch::model

namespace perch::config {

template <>
struct EnumNames<model::Clip> {
  static constexpr std::array<std::string_view, 2> names{"frame", "keep"};
};

}  // namespace perch::config

namespace perch::model {

inline constexpr auto kRegionPolicyFields = config::fields<RegionPolicy>(
    config::field("margin", &RegionPolicy::margin)
        .range(0.0, 4.0)
        .help("added on each side, as a fraction of the finding's width and height"),
    config::field("square", &RegionPolicy::square).help("make the region square around the same centre"),
    config::field("clip", &RegionPolicy::clip)
        .help("'frame' cuts regions at the frame's edge, 'keep' repeats the edge instead"),
    config::field("min_side_px", &RegionPolicy::min_side_px)
        .at_least(0.0)
        .unit("px")
        .help("findings with a shorter side are left out"),
    config::field("max_regions", &RegionPolicy::max_regions)
        .range(1, 1024)
        .help("the findings with the highest scores are kept"));

}  // namespace perch::model
