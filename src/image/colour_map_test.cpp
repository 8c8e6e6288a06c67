#include "image/colour_map.hpp"

#include <limits>

#include <doctest/doctest.h>

namespace perch::image {

TEST_CASE("the thermal map reproduces the check values") {
  CHECK(thermal_colour(0) == Colour{0, 2, 47});
  CHECK(thermal_colour(200) == Colour{2, 47, 127});
  CHECK(thermal_colour(400) == Colour{52, 131, 47});
  CHECK(thermal_colour(600) == Colour{232, 145, 7});
  CHECK(thermal_colour(800) == Colour{255, 255, 95});
  CHECK(thermal_colour(999) == Colour{255, 255, 254});
}

TEST_CASE("steps beyond the ends take the ends") {
  CHECK(thermal_colour(-5) == thermal_colour(0));
  CHECK(thermal_colour(5000) == thermal_colour(999));
}

TEST_CASE("temperatures become steps of the scale, clamped, whatever the number") {
  CHECK(thermal_step(20) == 0);
  CHECK(thermal_step(30) == 499);
  CHECK(thermal_step(40) == 999);
  CHECK(thermal_step(-40) == 0);
  CHECK(thermal_step(1000) == 999);
  CHECK(thermal_step(65, 60, 70) == 499);
  CHECK(thermal_step(std::numeric_limits<float>::quiet_NaN()) == 0);
  CHECK(thermal_step(std::numeric_limits<float>::infinity()) == 999);
  CHECK(thermal_step(5, 7, 7) == 0);
}

}  // namespace perch::image
