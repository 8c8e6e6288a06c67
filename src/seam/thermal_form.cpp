#include "seam/thermal_form.hpp"

#include <bit>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch {

namespace {

constexpr int kMostCells = 1024;  // of a side

static_assert(std::endian::native == std::endian::little);  // as the form is

/// The value of a parameter of a media type; 0 when it is missing or no number.
int parameter(std::string_view content_type, std::string_view name) {
  for (const std::string& part : split(content_type, ';')) {
    const std::string_view text = trim(part);
    if (text.size() <= name.size() || text[name.size()] != '=' || text.substr(0, name.size()) != name) continue;
    int value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + name.size() + 1, end, value);
    return error == std::errc{} && stop == end ? value : 0;
  }
  return 0;
}

bool is_side(int cells) {
  return cells > 0 && cells <= kMostCells;
}

}  // namespace

std::string thermal_type(const ThermalGrid& grid) {
  return fmt::format("{}; rows={}; cols={}", kThermalType, grid.rows, grid.cols);
}

bool is_thermal_type(std::string_view content_type) {
  return trim(content_type.substr(0, content_type.find(';'))) == kThermalType;
}

Bytes thermal_bytes(const ThermalGrid& grid) {
  Bytes bytes(grid.celsius.size() * sizeof(float));
  std::memcpy(bytes.data(), grid.celsius.data(), bytes.size());
  return bytes;
}

Result<ThermalGrid> thermal_grid(std::string_view content_type, ByteView body) {
  ThermalGrid grid{parameter(content_type, "rows"), parameter(content_type, "cols"), {}};
  if (!is_side(grid.rows) || !is_side(grid.cols))
    return fail(Errc::invalid,
                fmt::format("sends temperatures without the size of their grid ({})", printable(content_type, 80)), {},
                fmt::format("the type is to be like {}; rows=24; cols=32", kThermalType));
  grid.celsius.resize(static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.cols));
  const std::size_t wanted = grid.celsius.size() * sizeof(float);
  if (body.size() != wanted)
    return fail(Errc::invalid, fmt::format("sends {} bytes for a grid of {} × {} temperatures, which takes {}",
                                           body.size(), grid.rows, grid.cols, wanted));
  std::memcpy(grid.celsius.data(), body.data(), wanted);
  return grid;
}

}  // namespace perch
