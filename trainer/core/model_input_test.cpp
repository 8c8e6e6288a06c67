#include "core/model_input.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "support/program.hpp"

namespace perch::trainer {

namespace {

/// A sample with a file of so many temperatures, 1, 2, 3 … °C, and a picture of that size.
learn::Sample sample_of(const test::TempFolder& folder, std::size_t cells, image::Size picture) {
  std::vector<float> celsius(cells);
  for (std::size_t i = 0; i < cells; ++i) celsius[i] = static_cast<float>(i + 1);
  learn::Sample sample;
  sample.name = "a.jpg";
  sample.size = picture;
  sample.grid = folder / "a.raw";
  REQUIRE(
      write_file(sample.grid, {reinterpret_cast<const std::uint8_t*>(celsius.data()), celsius.size() * sizeof(float)}));
  return sample;
}

}  // namespace

TEST_CASE("a grid has the rows and columns that come nearest to its picture's shape") {
  const test::TempFolder folder;
  const auto wide = read_sample(sample_of(folder, 768, {640, 480}), true);
  REQUIRE(wide);
  CHECK(wide->grid.rows == 24);
  CHECK(wide->grid.cols == 32);
  const auto high = read_sample(sample_of(folder, 768, {480, 640}), true);
  REQUIRE(high);
  CHECK(high->grid.rows == 32);
  const auto square = read_sample(sample_of(folder, 64, {100, 100}), true);
  REQUIRE(square);
  CHECK(square->grid.cols == 8);
}

TEST_CASE("a grid that is cut short, or has another shape than its picture, is an error that names it") {
  const test::TempFolder folder;
  for (const std::size_t cells : {std::size_t{767}, std::size_t{0}}) {
    const auto cut = read_sample(sample_of(folder, cells, {640, 480}), true);
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == Errc::invalid);
    CHECK(cut.error().message().find("a.raw") != std::string::npos);
  }
}

TEST_CASE("temperatures stand in the input by the card's numbers, and a view shows a part of them") {
  const test::TempFolder folder;
  const auto sample = read_sample(sample_of(folder, 12, {400, 300}), true);
  REQUIRE(sample);
  model::InputCard card;
  card.width = 4;
  card.height = 3;
  card.colour = image::ColourOrder::celsius;
  card.mean = {2};
  card.std = {10};
  auto input = ModelInput::create(card);
  REQUIRE(input);
  CHECK(input->shape() == std::vector<std::int64_t>{1, 3, 4});
  std::vector<float> values(input->values());
  REQUIRE(input->fill(*sample, values));
  CHECK(values[0] == doctest::Approx(-0.1));
  CHECK(values[11] == doctest::Approx(1.0));
  REQUIRE(input->fill(*sample, values, {0.5F, 0, 0.5F, 1}));  // the right half
  CHECK(values[3] == doctest::Approx(0.2));
  CHECK(values[0] > 0);
}

TEST_CASE("a picture where the card wants temperatures is an error") {
  model::InputCard card;
  card.width = card.height = 8;
  card.colour = image::ColourOrder::celsius;
  auto input = ModelInput::create(card);
  REQUIRE(input);
  std::vector<float> values(input->values());
  CHECK_FALSE(input->fill({"x", Bytes{1, 2, 3}, {}}, values));
}

}  // namespace perch::trainer
