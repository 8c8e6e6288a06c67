#include "image/axis_table.hpp"

#include <algorithm>
#include <cmath>

namespace perch::image {

namespace {

/// Slivers of a source pixel under this width are left out, as OpenCV does.
constexpr double kSliver = 1e-3;

/// One axis of a resize, in OpenCV's arithmetic so that ties fall on the same side.
class Axis {
 public:
  Axis(double begin, double length, int count, int size, Interpolation interpolation, bool enlarges)
      : whole_(std::floor(begin)),
        fraction_(begin - whole_),
        inverse_scale_(count / length),
        scale_(1.0 / inverse_scale_),
        low_(static_cast<int>(std::clamp(whole_, 0.0, size - 1.0))),
        high_(static_cast<int>(std::clamp(std::ceil(begin + length), low_ + 1.0, double{1} * size))),
        interpolation_(interpolation),
        enlarges_(enlarges) {}

  int low() const { return low_; }

  int high() const { return high_; }

  /// Calls `tap(source pixel, weight)` for what makes target pixel i; a pixel may come more than once.
  template <class Tap>
  void each_tap(int i, Tap tap) const {
    if (interpolation_ == Interpolation::nearest)
      tap(clamped(std::floor(fraction_ + i * scale_)), 1.0);
    else if (interpolation_ == Interpolation::bilinear)
      linear(static_cast<float>(fraction_ + (i + 0.5) * scale_ - 0.5), tap);
    else if (enlarges_)
      enlarged_area(i, tap);
    else
      area(i, tap);
  }

 private:
  int clamped(double relative) const {
    return static_cast<int>(std::clamp(whole_ + relative, double{1} * low_, high_ - 1.0));
  }

  template <class Tap>
  void linear(double at, Tap tap) const {
    const double left = std::floor(at), weight = at - left;
    tap(clamped(left), 1 - weight);
    if (weight > 0) tap(clamped(left + 1), weight);
  }

  template <class Tap>
  void enlarged_area(int i, Tap tap) const {
    const double left = std::floor(fraction_ + i * scale_);
    // In 32 bits, where OpenCV's ties fall on whole numbers.
    const auto beyond = static_cast<float>((i + 1) - (left + 1 - fraction_) * inverse_scale_);
    linear(left + (beyond <= 0 ? 0 : beyond - std::floor(beyond)), tap);
  }

  template <class Tap>
  void area(int i, Tap tap) const {
    const double from = fraction_ + i * scale_, to = from + scale_;
    const double low = low_ - whole_, high = high_ - whole_;
    const auto cover = [&](double pixel, double left, double right) {
      if (right - left > kSliver) tap(clamped(pixel), right - left);
    };
    cover(low, from, std::min(to, low));  // outside the picture its edge goes on
    for (double pixel = std::max(low, std::floor(from)); pixel < std::min(high, to); ++pixel)
      cover(pixel, std::max(from, pixel), std::min(to, pixel + 1));
    cover(high - 1, std::max(from, high), to);
  }

  double whole_, fraction_, inverse_scale_, scale_;
  int low_, high_;
  Interpolation interpolation_;
  bool enlarges_;
};

}  // namespace

void AxisTable::plan(double begin, double length, int count, int size, Interpolation interpolation, bool enlarges) {
  const Axis axis(begin, length, count, size, interpolation, enlarges);
  start.resize(static_cast<std::size_t>(count));
  first = axis.high();
  last = axis.low();
  taps = 1;
  for (int i = 0; i < count; ++i) {
    int low = axis.high(), high = axis.low();
    axis.each_tap(i, [&](int pixel, double) { low = std::min(low, pixel), high = std::max(high, pixel + 1); });
    start[static_cast<std::size_t>(i)] = low;
    taps = std::max(taps, high - low);
    first = std::min(first, low);
    last = std::max(last, high);
  }
  weights.assign(static_cast<std::size_t>(count) * static_cast<std::size_t>(taps), 0.0F);
  for (int i = 0; i < count; ++i) {
    int& from = start[static_cast<std::size_t>(i)];
    from = std::min(from, last - taps);
    float* const row = weights.data() + std::ptrdiff_t{i} * taps;
    double sum = 0;
    axis.each_tap(i, [&](int, double weight) { sum += weight; });
    axis.each_tap(i, [&](int pixel, double weight) { row[pixel - from] += static_cast<float>(weight / sum); });
    from -= first;
  }
}

}  // namespace perch::image
