#pragma once
#include "seam/frame.hpp"

namespace perch::vision {

/// What the usual thermal arrays can measure, in °C (MLX90640 datasheet, object temperature). Values outside are faults
/// of the transfer or of the pixel.
inline constexpr float kColdestCelsius = -40;
inline constexpr float kHottestCelsius = 300;

/// Whether one value of a grid is a temperature. It is not when it is NaN, infinite, outside what sensors measure, or
/// 0.0 to the last bit: that is what a sensor's half frame and a lost word leave behind. @thread any
bool is_temperature(float celsius);

/// Replaces what is no temperature by the mean of its neighbours (of 8) that are one, from the edges of a larger hole
/// inwards, and sets `repaired` to their number. A lone hot pixel is a temperature and stays. A grid without any
/// temperature becomes NaN throughout. Nothing happens when `celsius` is not rows × cols. @thread any
void repair(ThermalGrid& grid);

}  // namespace perch::vision
