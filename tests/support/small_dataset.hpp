#pragma once
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "image/codec.hpp"
#include "learn/dataset.hpp"
#include "learn/dataset_import.hpp"
#include "learn/dataset_writer.hpp"
#include "support/program.hpp"

/// Small data sets for the tests of what reads and writes them.
namespace perch::test {

/// A picture of grey squares; another for each seed, and no two nearly equal.
inline std::string squares_jpeg(unsigned seed, int width = 64, int height = 48) {
  image::Picture picture(width, height);
  unsigned state = seed * 2654435761U + 1;
  for (int y = 0; y + 8 <= height; y += 8)
    for (int x = 0; x + 8 <= width; x += 8) {
      state = state * 1664525U + 1013904223U;
      for (int dy = 0; dy < 8; ++dy)
        std::fill_n(picture.at(x, y + dy), std::size_t{8} * 3, static_cast<std::uint8_t>(state >> 24U));
    }
  const Bytes jpeg = image::encode_jpeg(picture.view()).value();
  return std::string(as_text(jpeg));
}

/// A label in a box of 8 × 6 px.
inline learn::Label small_thing(std::string category, float x, float y) {
  return {std::move(category), {x, y, 8, 6}, {}, {}, {}};
}

/// A set of `count` pictures, a car each, every second with a person.
inline learn::Dataset make_lot(const std::filesystem::path& folder, unsigned count) {
  auto writer = learn::DatasetWriter::create(folder, {"lot", "detect", {"car", "person"}, {}, "by hand"});
  REQUIRE(writer);
  for (unsigned i = 0; i < count; ++i) {
    std::vector<learn::Label> labels{small_thing("car", static_cast<float>(i % 8), 3)};
    if (i % 2 == 0) labels.push_back(small_thing("person", 30, 20.5F));
    REQUIRE(writer->add(fmt::format("{:02}.jpg", i), as_bytes(squares_jpeg(i)), 64, 48, labels, {}));
  }
  REQUIRE(writer->finish());
  return learn::Dataset::load(folder).value();
}

/// Two sets have the same pictures, in whatever order and under whatever names, in the same splits with the same
/// labels.
inline void check_same(const learn::Dataset& a, const learn::Dataset& b) {
  std::map<std::string, const learn::Sample*> left, right;
  for (const learn::Sample& sample : a.samples()) left[sample.sha256] = &sample;
  for (const learn::Sample& sample : b.samples()) right[sample.sha256] = &sample;
  REQUIRE(left.size() == right.size());
  for (const auto& [picture, was] : left) {
    REQUIRE(right.contains(picture));
    const learn::Sample& is = *right.at(picture);
    CHECK(is.split == was->split);
    REQUIRE(is.labels.size() == was->labels.size());
    for (std::size_t i = 0; i < is.labels.size(); ++i) {
      CHECK(is.labels[i].category == was->labels[i].category);
      CHECK(std::abs(is.labels[i].box_px.x - was->labels[i].box_px.x) < 0.01F);
      CHECK(std::abs(is.labels[i].box_px.bottom() - was->labels[i].box_px.bottom()) < 0.01F);
    }
  }
}

inline learn::ImportJob import_job(const std::filesystem::path& from, const std::filesystem::path& to) {
  return {from, {}, to, {}, "a test", {}, {}};
}

}  // namespace perch::test
