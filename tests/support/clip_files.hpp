#pragma once
#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include "base/file.hpp"
#include "support/picture_files.hpp"
#include "video/clip_writer.hpp"

namespace perch::test {

/// Writes a clip of which every frame is the same JPEG, making its folder.
inline void write_jpeg_clip(const std::filesystem::path& path, int frames, int frames_per_s,
                            image::Size size = {64, 48}) {
  std::filesystem::create_directories(path.parent_path());
  auto writer = video::ClipWriter::create(path, size, frames_per_s);
  REQUIRE(writer);
  for (int i = 0; i < frames; ++i) REQUIRE(writer->add(jpeg_file(size.width, size.height)));
  REQUIRE(writer->finish());
}

/// Takes the end off one of its frames.
inline void damage_jpeg_clip(const std::filesystem::path& path, int frame, image::Size size = {64, 48}) {
  Bytes bytes = read_file(path).value();
  const Bytes jpeg = jpeg_file(size.width, size.height);
  auto end = bytes.begin();
  for (int i = 0; i <= frame; ++i) {
    const auto begin = std::search(end, bytes.end(), jpeg.begin(), jpeg.end());
    REQUIRE(begin != bytes.end());
    end = begin + static_cast<std::ptrdiff_t>(jpeg.size());
  }
  std::fill(end - 2, end, std::uint8_t{0});
  REQUIRE(write_file(path, bytes));
}

}  // namespace perch::test
