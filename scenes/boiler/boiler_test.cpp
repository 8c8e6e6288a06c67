#include "scenes/boiler/boiler.hpp"

#include <set>

#include <doctest/doctest.h>

#include "image/colour_map.hpp"

namespace perch::scenes::boiler {

namespace {

constexpr double kHour = 3600;

Config quiet(std::int64_t seed, double spots_per_week = 0) {
  Config config;
  config.seed = seed;
  config.width = 64;
  config.height = 48;
  config.spots_per_week = spots_per_week;
  config.clean_camera = true;
  return config;
}

float at(const View& view, Point cell) {
  return view.grid.celsius[static_cast<std::size_t>(cell.y) * static_cast<std::size_t>(view.grid.cols) +
                           static_cast<std::size_t>(cell.x)];
}

}  // namespace

TEST_CASE("the grid has 24 rows of 32 temperatures that a boiler room can have") {
  const std::unique_ptr<Scene> scene = create(quiet(1));
  View view;
  for (double t = 0; t < 48 * kHour; t += 1234) {
    scene->render(t, view);
    REQUIRE(view.grid.celsius.size() == 24 * 32);
    for (const float celsius : view.grid.celsius) {
      CHECK(celsius > 12);
      CHECK(celsius < 60);
    }
  }
}

TEST_CASE("a day is cold, warm and hot, and hotter water means hotter pipes") {
  std::set<std::string> states;
  const std::unique_ptr<Scene> scene = create(quiet(2));
  View view;
  float cold = 0, hot = 0;
  for (double t = 0; t < 72 * kHour; t += 400) {
    scene->render(t, view);
    const std::string& state = view.truth.boiler->state;
    states.insert(state);
    if (state == "cold") cold = std::max(cold, *std::ranges::max_element(view.grid.celsius));
    if (state == "hot") hot = std::max(hot, *std::ranges::max_element(view.grid.celsius));
  }
  CHECK(states == std::set<std::string>{"cold", "hot", "warm"});
  CHECK(hot > cold + 5);
}

TEST_CASE("a hot spot is hot where the truth says, where without it nothing is") {
  int spots = 0;
  for (std::int64_t seed = 1; seed <= 4; ++seed) {
    const std::unique_ptr<Scene> with = create(quiet(seed, 14)), without = create(quiet(seed));
    View spotted, usual;
    for (double t = 0; t < 7 * 24 * kHour; t += 1800) {
      with->render(t, spotted);
      without->render(t, usual);
      CHECK_FALSE(usual.truth.boiler->spot);
      if (!spotted.truth.boiler->spot) continue;
      ++spots;
      const Point cell = *spotted.truth.boiler->spot;
      const float added = at(spotted, cell) - at(usual, cell);
      CHECK(added == doctest::Approx(spotted.truth.boiler->spot_celsius).epsilon(0.02));
      CHECK(at(usual, cell) < 26);
    }
  }
  CHECK(spots > 20);
}

TEST_CASE("the rendering has the colours of the thermal map") {
  View view;
  Config config = quiet(3);
  config.width = 32 * 9;
  config.height = 24 * 9;
  create(config)->render(10 * kHour, view);
  // In the middle of a cell, bicubic enlargement gives the cell's own colour.
  for (const Point cell : {Point{3, 3}, Point{16, 12}, Point{28, 20}}) {
    const image::Colour colour = image::thermal_colour(image::thermal_step(at(view, cell)));
    const std::uint8_t* seen = view.picture.at(static_cast<int>(cell.x) * 9 + 4, static_cast<int>(cell.y) * 9 + 4);
    CHECK(std::abs(seen[0] - colour.red) <= 1);
    CHECK(std::abs(seen[1] - colour.green) <= 1);
    CHECK(std::abs(seen[2] - colour.blue) <= 1);
  }
}

TEST_CASE("the same seed and time give the same grid") {
  Config config = quiet(4, 3);
  config.clean_camera = false;
  View a, b;
  create(config)->render(50'000, a);
  const std::unique_ptr<Scene> scene = create(config);
  scene->render(90'000, b);
  scene->render(50'000, b);
  CHECK(a.grid.celsius == b.grid.celsius);
  CHECK(to_json(a.truth) == to_json(b.truth));
}

}  // namespace perch::scenes::boiler
