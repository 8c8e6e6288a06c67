#pragma once
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/result.hpp"

namespace perch::video {

/// How large the grids of a recording of temperatures are, which its file does not say.
struct GridSize {
  int rows = 24;
  int cols = 32;

  std::size_t cells() const { return static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols); }
};

/// Whether a path has the extension of a recording of temperatures, `.raw`. Does not look at the file.
bool looks_like_grids(const std::filesystem::path& path);

/// Reads a recording of temperatures grid by grid (docs/formats/thermal-raw.md). One owner; not for two threads at
/// once.
class GridReader {
 public:
  /// Errors: denied (it cannot be opened). @thread any, blocks
  static Result<GridReader> open(const std::filesystem::path& path, GridSize size);

  /// The next grid: °C as they stand in the file, row by row.
  /// Errors: eof at the end; invalid (a file that ends within a grid, or without any, with what to check).
  /// @thread any, blocks
  Result<std::vector<float>> next();

 private:
  GridReader(std::filesystem::path path, GridSize size);

  std::filesystem::path path_;
  GridSize size_;
  std::ifstream file_;
  std::size_t grids_ = 0;  ///< read so far
};

}  // namespace perch::video
