#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "image/picture.hpp"
#include "learn/label.hpp"

namespace perch::learn {

/// A picture as a file of labels lists it.
struct ListedPicture {
  std::string name;  ///< as written there; may have folders in it
  image::Size size;  ///< px; {0, 0}: not stated
  std::vector<Label> labels;
  std::vector<Attribute> attributes;
};

/// What a file of labels says, whatever its form. What could not be used of it is in `problems`, a line each.
struct LabelFile {
  std::vector<std::string> labels;     ///< in the order of the file
  std::vector<std::string> keypoints;  ///< names of a body's points; may be empty
  std::vector<ListedPicture> pictures;
  std::vector<Error> problems;
};

/// A text without the byte order mark that some editors and tools write before UTF-8. @thread any
inline std::string_view without_bom(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

/// Takes labels in COCO form (https://cocodataset.org/#format-data, "Object Detection" and "Keypoint Detection") apart.
///
/// A segmentation of one polygon with four points becomes `corners_px`; others are dropped, their box is kept. Without
/// `bbox` the box is the one around the polygons. `iscrowd` becomes the attribute `crowd`. Beyond COCO, `attributes` of
/// pictures and annotations are read.
/// @param file  names it in messages
/// Errors: invalid (no JSON, with its line; no `images`; annotations without `categories`). Everything smaller is a
/// problem of the result. @thread any
Result<LabelFile> parse_coco(std::string_view json, std::string_view file);

/// The same as a text that `parse_coco` reads back to the same. Labels must be among `file.labels`. @thread any
std::string to_coco(const LabelFile& file);

}  // namespace perch::learn
