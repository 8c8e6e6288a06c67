#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "learn/dataset.hpp"

namespace perch::learn {

/// What is taken over into a new data set.
struct ImportJob {
  std::filesystem::path from;
  std::filesystem::path pictures;      ///< COCO: their folder; empty: beside the file of labels, or in `images`
  std::filesystem::path to;            ///< the new data set's folder
  std::string name;                    ///< of the new data set; empty: as its folder
  std::string origin;                  ///< in words, or the command
  std::vector<std::string> leave_out;  ///< patterns with * and ?: pictures whose path below `from` fits are left out
  std::vector<std::string> test{};     ///< patterns likewise: what fits is to measure with, all else to learn from
};

/// What came of it.
struct Imported {
  std::size_t pictures = 0;
  std::size_t labels = 0;
  std::vector<Error> problems;  ///< what was left out, and why
};

/// Labels in COCO form and their pictures. `from` is the JSON file, or a folder as `export_coco` writes it.
Result<Imported> import_coco(const ImportJob& job, const LoadProgress& progress = {});

/// A YOLO data set: `from` is `data.yaml` or its folder, or a folder of pictures and texts with a `classes.txt`.
/// A picture without a text shows nothing.
Result<Imported> import_yolo(const ImportJob& job, const LoadProgress& progress = {});

/// A folder for each class, at the top or below `train`, `val` (or `validation`) and `test`.
Result<Imported> import_classes(const ImportJob& job, const LoadProgress& progress = {});

/// Crops of single digit windows whose names begin with the position, up to a `_`: `3.7_x.jpg` is seven tenths of the
/// way from 3 to 4. Each folder is a meter, and a group. Pictures that name no position are taken over without a label.
Result<Imported> import_digits(const ImportJob& job, const LoadProgress& progress = {});

// All of them copy pictures as they are, under names without folders, and leave the source alone. A picture or label
// that cannot be used is a problem of the result.
// Errors: not_found (no such source), invalid (nothing usable in it), exists (there is a data set already), full,
// denied, io, canceled. After an error the new folder is no data set, and importing again starts anew. @thread any,
// blocks

}  // namespace perch::learn
