#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace perch::cli {

/// One thing that `perch run` was asked to look at, in the order in which it is looked at.
struct Input {
  enum class Kind : std::uint8_t { picture, clip, grids, url, broken };

  Kind kind = Kind::picture;
  std::string file;                ///< its name in the output, as the user wrote it (with the path below a folder)
  std::filesystem::path relative;  ///< below the folder it was found in, else its own name; where annotations go, of a
                                   ///< clip with the frame's number: so that no two get in each other's way
  Error error;                     ///< Kind::broken: why it cannot be looked at
};

/// Resolves the arguments of `perch run`: a folder becomes every JPEG and PNG under it in name order, or, for a model
/// that looks at temperatures (`thermal`), every `.raw`; a URL stays one, a file is a clip or a recording of
/// temperatures by its extension, else a picture. What is not there becomes a broken input, so that it is reported
/// in its place and the rest is still done. Where what is written about two inputs would have the same name, the later
/// one's `relative` gets a number: `snapshot-2.jpg`; a picture's, where it is called as a clip's frame. @thread any,
/// blocks on the file system
std::vector<Input> resolve_inputs(const std::vector<std::string>& arguments, bool thermal = false);

}  // namespace perch::cli
