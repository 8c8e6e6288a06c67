#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "image/picture.hpp"

/// What the cameras of a benchmark see: JPEGs of one size, made from the pictures of a folder.
namespace perch::bench {

/// What cameras send by default, in px.
inline constexpr image::Size kCameraSize{1280, 720};
/// The quality that most cameras send.
inline constexpr int kCameraQuality = 85;

/// Makes `count` pictures that differ from each other: each shows another part of one of the folder's pictures,
/// mirrored or not, brought to `size`. The same folder gives the same pictures. Errors: not_found (no picture there),
/// and those of reading and decoding. @thread any, blocks
Result<std::vector<Bytes>> make_views(const std::string& folder, int count, image::Size size = kCameraSize);

/// Makes `scenes` still views, and of each `variants` pictures that differ by a sensor's noise alone: Gaussian, with
/// `sigma` levels. Those of one scene stand together. Errors: as `make_views`. @thread any, blocks
Result<std::vector<Bytes>> make_still_views(const std::string& folder, int scenes, int variants, double sigma,
                                            image::Size size = kCameraSize);

/// Keeps pictures in a folder for another process. Errors: those of writing. @thread any, blocks
Result<void> write_views(const std::filesystem::path& folder, const std::vector<Bytes>& views);

/// Reads back what `write_views` has written, in its order. Errors: not_found, and those of reading.
Result<std::vector<Bytes>> read_views(const std::filesystem::path& folder);

}  // namespace perch::bench
