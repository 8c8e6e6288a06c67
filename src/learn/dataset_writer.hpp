#pragma once
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/geometry.hpp"
#include "base/json_text.hpp"
#include "base/result.hpp"

namespace perch::learn {

/// Something that is known of a picture or of a thing in it beyond its label.
struct Attribute {
  std::string name;
  std::variant<bool, double, std::string> value;
};

/// A thing in a picture. Coordinates are pixels of the picture.
struct Label {
  std::string category;  ///< one of the data set's labels
  Box box_px;
  std::optional<Quad> corners_px;  ///< when it is a plane that was seen askew

  struct Keypoint {
    Point at_px;
    int seen = 0;  ///< as in COCO: 0 not in the picture, 1 hidden, 2 visible
  };

  std::vector<Keypoint> keypoints;  ///< none, or one for each name of the data set
  std::vector<Attribute> attributes;
};

/// What a data set says about itself.
struct DatasetInfo {
  std::string name;
  std::string task;  ///< "detect", "digits", "state", "pose"
  std::vector<std::string> labels;
  std::vector<std::string> keypoints;  ///< names of a body's points; may be empty
  std::string origin;                  ///< where it comes from, in words or as the command that made it
};

/// Writes a data set: a folder with `dataset.toml`, pictures, and labels in COCO form (docs/formats/dataset.md).
/// One owner; not for two threads at once.
class DatasetWriter {
 public:
  /// Makes the folder. Errors: exists (there is a data set already), denied, io. @thread any, blocks
  static Result<DatasetWriter> create(const std::filesystem::path& folder, DatasetInfo info);

  /// Adds a picture, exactly as it is, with everything that is to be seen in it; no labels: nothing is.
  /// @param name  of its file, with the extension
  /// Errors: invalid (a label that the data set does not have), full, io. @thread any, blocks
  Result<void> add(const std::string& name, ByteView picture, int width, int height, const std::vector<Label>& labels,
                   const std::vector<Attribute>& attributes);

  /// Writes the labels and `dataset.toml`: only now it is a data set. Errors: full, io. @thread any, blocks
  Result<void> finish();

 private:
  DatasetWriter(std::filesystem::path folder, DatasetInfo info);
  void add_label(const Label& label, int category);

  std::filesystem::path folder_;
  DatasetInfo info_;
  std::map<std::string, int> categories_;
  json::Writer images_;
  json::Writer annotations_;
  int image_count_ = 0;
  int annotation_count_ = 0;
};

}  // namespace perch::learn
