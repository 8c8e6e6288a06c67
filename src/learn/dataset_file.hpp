#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "learn/label.hpp"

/// `dataset.toml`, the file that makes a folder a data set. docs/formats/dataset.md has its form.
namespace perch::learn {

inline constexpr std::string_view kDatasetFile = "dataset.toml";

/// What `dataset.toml` says: what the set is, and where its parts are, below its folder.
struct DatasetFile {
  DatasetInfo info;
  std::string pictures = "pictures";
  std::string annotations = "labels.json";
};

/// Errors: invalid, with every diagnostic (file:line:column, key, reason, nearest known key); unsupported (a newer
/// format). @thread any
Result<DatasetFile> parse_dataset_file(std::string_view toml, std::string_view file);

/// Reads that of a data set. Errors: not_found (the folder is no data set), io, and those of `parse_dataset_file`.
/// @thread any
Result<DatasetFile> read_dataset_file(const std::filesystem::path& folder);

/// A text that `parse_dataset_file` reads back to the same. @thread any
std::string to_toml(const DatasetFile& file);

}  // namespace perch::learn
