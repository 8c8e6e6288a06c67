#pragma once
#include "image/picture.hpp"
#include "seam/frame.hpp"

namespace perch::scenes::boiler {

/// A grid of temperatures in the colours of the thermal map from 20 to 40 °C, enlarged smoothly (bicubic) to the size
/// of `out`. @thread any
void draw_thermal(const ThermalGrid& grid, image::Picture& out);

}  // namespace perch::scenes::boiler
