#pragma once
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "learn/dataset.hpp"

/// Data sets in the forms of other tools, each picture in the folder of its split: as it is, or turned upright where
/// its EXIF asks for that, which not every tool heeds.
namespace perch::learn {

/// What was written, and what that form cannot say.
struct Exported {
  std::size_t pictures = 0;
  std::string lost;  ///< for people: "attributes are left out: …", temperatures, corners; empty: nothing is lost
};

/// `annotations/instances_SPLIT.json` and `images/SPLIT/`.
Result<Exported> export_coco(const Dataset& set, const std::filesystem::path& to, const LoadProgress& progress = {});

/// `data.yaml`, `images/SPLIT/` and `labels/SPLIT/`. Boxes are cut at the edge of the picture; of two pictures whose
/// texts would have the same name, one gets another name.
Result<Exported> export_yolo(const Dataset& set, const std::filesystem::path& to, const LoadProgress& progress = {});

/// `SPLIT/LABEL/`. Errors also: invalid (a picture with no label, several kinds of
/// them, or one that cannot be a folder's name, naming it).
Result<Exported> export_classes(const Dataset& set, const std::filesystem::path& to, const LoadProgress& progress = {});

// Errors of all: exists (the folder has something in it), full, denied, io, canceled. @thread any, blocks

}  // namespace perch::learn
