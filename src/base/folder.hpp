#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/result.hpp"

/// Looking through folders. Blocks.
namespace perch {

/// How far a look through a folder goes.
enum class Depth : std::uint8_t {
  flat,  ///< what lies directly in it
  deep   ///< and in the folders below; a link to a folder is not followed
};

/// What a look through a folder has found.
struct FolderFiles {
  std::vector<std::filesystem::path> files;  ///< with the folder before them, in the order of their names
  std::vector<Error> unread;                 ///< of each folder that could not be read whole: not_found, denied or io
};

/// The regular files in a folder that `wanted` takes by their paths. What cannot be looked at, such as a link to
/// itself, is none. What lies in the folders that can be read is there even when others cannot be.
FolderFiles find_files(const std::filesystem::path& folder,
                       const std::function<bool(const std::filesystem::path&)>& wanted, Depth depth = Depth::flat);

/// The same for whoever wants all of them or none. Errors: those of the first folder that could not be read.
Result<std::vector<std::filesystem::path>> list_files(const std::filesystem::path& folder,
                                                      const std::function<bool(const std::filesystem::path&)>& wanted,
                                                      Depth depth = Depth::flat);

}  // namespace perch
