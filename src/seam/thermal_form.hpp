#pragma once
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "seam/frame.hpp"

/// A grid of temperatures as cameras send it over HTTP (docs/formats/thermal-raw.md): the numbers of a recording, with
/// the size of the grid in the type.
namespace perch {

/// The media type, before its parameters.
inline constexpr std::string_view kThermalType = "application/x-thermal-f32";

/// `application/x-thermal-f32; rows=24; cols=32` @thread any
std::string thermal_type(const ThermalGrid& grid);

/// Whether an answer of this type is a grid, whatever else stands in the type. @thread any
bool is_thermal_type(std::string_view content_type);

/// The cells as 32-bit floats, little-endian, row by row. @thread any
Bytes thermal_bytes(const ThermalGrid& grid);

/// Reads what `thermal_bytes` wrote. What the sensor did not give is still in it.
/// Errors: invalid (no rows or cols in the type, more than 1024 of them, a body that is not rows × cols numbers).
/// @thread any
Result<ThermalGrid> thermal_grid(std::string_view content_type, ByteView body);

}  // namespace perch
