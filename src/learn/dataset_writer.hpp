#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "learn/label.hpp"
#include "learn/label_file.hpp"

namespace perch::learn {

/// Writes a data set: a folder with `dataset.toml`, pictures, and labels in COCO form (docs/formats/dataset.md).
/// One owner; not for two threads at once.
class DatasetWriter {
 public:
  /// Makes the folder. Errors: exists (there is a data set already, or somebody's file of labels), denied, io.
  /// @thread any, blocks
  static Result<DatasetWriter> create(const std::filesystem::path& folder, DatasetInfo info);

  /// Adds a picture, exactly as it is, with everything that is to be seen in it; no labels: nothing is.
  /// @param name  of its file, with the extension
  /// Errors: invalid (a label that the data set does not have), full, io. @thread any, blocks
  Result<void> add(const std::string& name, ByteView picture, int width, int height, const std::vector<Label>& labels,
                   const std::vector<Attribute>& attributes);

  /// Writes the labels and `dataset.toml`: only now it is a data set. What fails leaves neither. Errors: full, io.
  /// @thread any, blocks
  Result<void> finish();

 private:
  DatasetWriter(std::filesystem::path folder, DatasetInfo info);

  std::filesystem::path folder_;
  DatasetInfo info_;
  LabelFile listed_;
};

}  // namespace perch::learn
