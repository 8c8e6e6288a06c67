#include "video/grid_reader.hpp"

#include <bit>

#include <fmt/format.h>

namespace perch::video {

static_assert(std::endian::native == std::endian::little);  // as the recordings are

bool looks_like_grids(const std::filesystem::path& path) {
  return path.extension() == ".raw";
}

GridReader::GridReader(std::filesystem::path path, GridSize size)
    : path_(std::move(path)),
      size_(size),
      file_(path_, std::ios::binary) {}

Result<GridReader> GridReader::open(const std::filesystem::path& path, GridSize size) {
  GridReader reader(path, size);
  if (!reader.file_) return fail(Errc::denied, "cannot open it", path.string(), "check its permissions");
  return reader;
}

Result<std::vector<float>> GridReader::next() {
  std::vector<float> celsius(size_.cells());
  const std::size_t wanted = celsius.size() * sizeof(float);
  file_.read(reinterpret_cast<char*>(celsius.data()), static_cast<std::streamsize>(wanted));
  const auto got = static_cast<std::size_t>(file_.gcount());
  if (got == wanted) {
    ++grids_;
    return celsius;
  }
  if (got == 0 && grids_ > 0) return fail(Errc::eof, "the end", path_.string());
  return fail(Errc::invalid, fmt::format("ends within grid {}: {} of {} bytes", grids_ + 1, got, wanted),
              path_.string(),
              fmt::format("a grid is {} × {} numbers of 4 bytes; check rows and cols", size_.rows, size_.cols));
}

}  // namespace perch::video
