#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/geometry.hpp"

namespace perch::learn {

/// Something that is known of a picture or of a thing in it beyond its label.
struct Attribute {
  std::string name;
  std::variant<bool, double, std::string> value;

  bool operator==(const Attribute&) const = default;
};

/// The value of the attribute of that name and type, or nullptr. Valid as long as the list. @thread any
template <class T>
const T* find_attribute(const std::vector<Attribute>& attributes, std::string_view name) {
  for (const Attribute& attribute : attributes)
    if (attribute.name == name) return std::get_if<T>(&attribute.value);
  return nullptr;
}

/// A thing in a picture, or what the whole of it shows. Coordinates are pixels of the picture.
struct Label {
  std::string category;  ///< one of the data set's labels
  Box box_px;
  std::optional<Quad> corners_px;  ///< when it is a plane that was seen askew

  struct Keypoint {
    Point at_px;
    int seen = 0;  ///< as in COCO: 0 not in the picture, 1 hidden, 2 visible

    bool operator==(const Keypoint&) const = default;
  };

  std::vector<Keypoint> keypoints;  ///< none, or one for each name of the data set
  std::vector<Attribute> attributes;

  bool operator==(const Label&) const = default;
};

/// Whether many things are in one box, which is then neither to be found nor wrong to be found. @thread any
inline bool is_crowd(const Label& label) {
  const bool* crowd = find_attribute<bool>(label.attributes, "crowd");
  return crowd && *crowd;
}

/// What a data set says about itself.
struct DatasetInfo {
  std::string name;
  std::string task;  ///< one of `kDatasetTasks`
  std::vector<std::string> labels;
  std::vector<std::string> keypoints;  ///< names of a body's points; may be empty
  std::string origin;                  ///< where it comes from, in words or as the command that made it
};

/// What the labels of a data set can be: boxes, a class of the whole picture ("state" may add boxes), wheels of a
/// meter, bodies. docs/formats/dataset.md has what each says of an annotation.
inline constexpr std::string_view kDatasetTasks[] = {"detect", "classify", "state", "digits", "pose"};

}  // namespace perch::learn
