#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "image/picture.hpp"
#include "learn/label.hpp"
#include "learn/yolo_data.hpp"

/// Labels as YOLO's tools write them: a text a picture, a line a thing, in fractions of the picture.
/// Source: https://docs.ultralytics.com/datasets/detect/ and /pose/
namespace perch::learn {

/// The labels of one picture.
struct YoloLabels {
  std::vector<Label> labels;
  std::vector<Error> problems;  ///< lines that could not be used, each with its number
};

/// A line is `class x y width height`, the box's middle and size; with keypoints their numbers follow. Any other even
/// count of numbers after the class is a polygon, whose box is taken (of four points the corners, too). @thread any
YoloLabels parse_yolo_labels(std::string_view text, std::string_view file, image::Size size, const YoloData& data);

/// Whether a text is labels: its first line is a number of a class and at least four more. @thread any
bool looks_like_yolo_labels(std::string_view text);

/// The lines of a picture's labels, which must be among `data.names`. Boxes are cut at the edge of the picture, for
/// other tools take a picture with a number over 1 for damaged; those outside of it are left out. @thread any
std::string to_yolo(const std::vector<Label>& labels, image::Size size, const YoloData& data);

}  // namespace perch::learn
