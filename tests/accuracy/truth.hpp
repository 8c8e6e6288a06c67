#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "accuracy/oks.hpp"
#include "base/result.hpp"
#include "learn/average_precision.hpp"
#include "vision/polygon.hpp"

/// Readers of the truth that the real pictures come with.
namespace perch::accuracy {

/// A person whose keypoints are labelled.
struct TruePerson {
  Box box_px;
  double area_px = 0;
  std::vector<TruePoint> points;
};

struct CocoPicture {
  std::string file;
  std::vector<learn::TrueBox> boxes;
  std::vector<TruePerson> people;  ///< with at least one labelled keypoint
};

/// `photos/coco33.json`, with labels counted in the order of its 80 categories, which is that of the models.
/// Errors: those of reading, invalid (not that form).
Result<std::vector<CocoPicture>> read_coco(const std::filesystem::path& path);

struct ParkingSlot {
  vision::Polygon contour_px;
  bool occupied = false;
};

struct ParkingPicture {
  std::string file;
  std::vector<ParkingSlot> slots;
};

/// `parking/pklot.json`. Errors: as above.
Result<std::vector<ParkingPicture>> read_parking(const std::filesystem::path& path);

}  // namespace perch::accuracy
