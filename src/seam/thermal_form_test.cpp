#include "seam/thermal_form.hpp"

#include <doctest/doctest.h>

using namespace perch;

TEST_CASE("a grid of temperatures comes back as it was sent") {
  const ThermalGrid sent{2, 3, {20.5F, -3.25F, 0.0F, 41.0F, 300.0F, 17.75F}};
  const std::string type = thermal_type(sent);
  CHECK(type == "application/x-thermal-f32; rows=2; cols=3");
  CHECK(is_thermal_type(type));
  const auto got = thermal_grid(type, thermal_bytes(sent));
  REQUIRE(got);
  CHECK(got->rows == 2);
  CHECK(got->cols == 3);
  CHECK(got->celsius == sent.celsius);
  CHECK(thermal_grid("application/x-thermal-f32;cols=3;rows=2", thermal_bytes(sent)).has_value());
}

TEST_CASE("other types are no temperatures") {
  CHECK_FALSE(is_thermal_type("image/jpeg"));
  CHECK_FALSE(is_thermal_type(""));
  CHECK_FALSE(is_thermal_type("application/x-thermal-f32x; rows=2; cols=3"));
}

TEST_CASE("a grid whose size is not told, is absurd, or does not fit its bytes is refused with the reason") {
  const Bytes six(24);
  for (const char* type :
       {"application/x-thermal-f32", "application/x-thermal-f32; rows=2", "application/x-thermal-f32; rows=two; cols=3",
        "application/x-thermal-f32; rows=-2; cols=-3", "application/x-thermal-f32; rows=1; cols=2000000000"}) {
    CAPTURE(type);
    const auto got = thermal_grid(type, six);
    REQUIRE_FALSE(got);
    CHECK(got.error().message().find("rows=24; cols=32") != std::string::npos);
  }
  const auto torn = thermal_grid("application/x-thermal-f32; rows=2; cols=3", ByteView(six).first(20));
  REQUIRE_FALSE(torn);
  CHECK(torn.error().what == "sends 20 bytes for a grid of 2 × 3 temperatures, which takes 24");
}
