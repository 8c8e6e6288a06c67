#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "image/picture.hpp"

namespace perch {

/// A JPEG (or PNG) exactly as it came; decoded late, or never when nothing moved.
struct Jpeg {
  SharedBytes bytes;
};

/// A field of temperatures in °C, row-major, `rows × cols` values. Its pixels are its cells: column x, row y.
struct ThermalGrid {
  int rows = 0;
  int cols = 0;
  std::vector<float> celsius;
  int repaired = 0;  ///< values that the sensor did not give: the source has filled them in from their neighbours

  bool is_whole() const {
    return rows > 0 && cols > 0 && celsius.size() == static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  }
};

/// One value of a record of signals.
using Scalar = std::variant<double, std::int64_t, bool, std::string>;

/// One row of telemetry, in the order of its columns.
struct Record {
  std::vector<std::pair<std::string, Scalar>> fields;
};

/// What a source gives: one look at the world. Immutable once made, and shared as `FramePtr`.
struct Frame {
  CameraId camera;
  std::uint64_t seq = 0;  ///< counts the camera's frames from 1, those that were replaced before analysis included
  Stamp stamp;            ///< when the picture was complete on this device; so readings are dated
  std::variant<Jpeg, image::Picture, ThermalGrid, Record> payload;
  /// Of a place whose time does not pass as this device's does: when that was there, since its first midnight.
  std::optional<Nanoseconds> place_time = std::nullopt;

  /// What tells how much time lies between two frames of a camera for what they show: how far a meter may have moved,
  /// how long a state has held. Its zero means nothing.
  Nanoseconds elapsed() const { return place_time.value_or(stamp.monotonic); }
};

using FramePtr = std::shared_ptr<const Frame>;

}  // namespace perch
