#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "config/field_value.hpp"
#include "scenes/core/lighting.hpp"
#include "scenes/core/random.hpp"

namespace perch::scenes {

/// The weather of a scene; `changing` draws one for each six hours.
enum class Weather : std::uint8_t { changing, clear, cloudy, rain };

/// Where and how the sun runs at one place.
struct SunPath {
  float noon_rad = 0.9F;   ///< height of the sun at noon
  float north_rad = 0;     ///< direction that the scene's x has on the compass
  float sunrise_hour = 6;  ///< sunset is as long after noon as this is before

  static SunPath of(Random random);
};

/// Whether it is day, 0..1, with dusk between.
float day_share(const SunPath& path, float hour);

/// The light outside at an hour of the day (0..24), without lamps. Exposed as a camera would: bright days are held,
/// nights stay darker.
/// @param bright  0..1: how much of a cloudless day's sun comes through, from 0.7 on with shadows
Light daylight(const SunPath& path, float hour, Weather weather, float bright);

}  // namespace perch::scenes

namespace perch::config {

template <>
struct EnumNames<perch::scenes::Weather> {
  static constexpr std::array<std::string_view, 4> names{"changing", "clear", "cloudy", "rain"};
};

}  // namespace perch::config
