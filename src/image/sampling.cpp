#include "image/sampling.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "image/kernels.hpp"

namespace perch::image {

namespace {

/// Points along one side of a target pixel: an average over more is not told apart.
constexpr int kMaxPoints = 16;

Result<void> check(Size source, const PixelRect& content, const TensorFormat& format) {
  if (source.width <= 0 || source.height <= 0) return fail(Errc::invalid, "the picture is empty");
  const Size& size = format.size;
  if (size.width <= 0 || size.height <= 0)
    return fail(Errc::invalid, fmt::format("an input of {}×{} pixels", size.width, size.height));
  if (content.x < 0 || content.y < 0 || content.width <= 0 || content.height <= 0 ||
      content.width > size.width - content.x || content.height > size.height - content.y)
    return fail(Errc::invalid, fmt::format("{}×{} pixels at {}, {} do not fit into an input of {}×{}", content.width,
                                           content.height, content.x, content.y, size.width, size.height));
  bool finite = std::isfinite(format.scale);
  for (std::size_t c = 0; c < 3; ++c)
    finite = finite && std::isfinite(format.mean[c]) && std::isfinite(format.std[c]) && std::isfinite(format.fill[c]);
  if (!finite) return fail(Errc::invalid, "scale, mean, std and fill must be finite numbers");
  if (std::ranges::count(format.std, 0.0F) > 0) return fail(Errc::invalid, "std must not be 0");
  return {};
}

Result<void> check_meets(Size source, const Box& part) {
  if (part.x < static_cast<float>(source.width) && part.y < static_cast<float>(source.height) && part.right() > 0 &&
      part.bottom() > 0)
    return {};
  return fail(Errc::invalid, fmt::format("a region of {:.0f}×{:.0f} pixels at {:.0f}, {:.0f} misses a picture of {}×{}",
                                         part.width, part.height, part.x, part.y, source.width, source.height));
}

/// What the loops must know of a view, whatever its pixels are.
int channels_of(const PictureView& picture) {
  return picture.channels;
}

int channels_of(const FieldView&) {
  return 1;
}

std::ptrdiff_t stride_of(const PictureView& picture) {
  return picture.stride;
}

std::ptrdiff_t stride_of(const FieldView& field) {
  return field.width;
}

template <class View>
Result<void> check_run(Size planned, const TensorFormat& format, const View& view, std::span<std::byte> tensor) {
  constexpr bool kField = std::is_same_v<View, FieldView>;
  if (kField != (format.order == ColourOrder::celsius))
    return fail(Errc::mismatch,
                kField ? "temperatures where a picture is wanted" : "a picture where temperatures are wanted");
  if (view.size() != planned)
    return fail(Errc::mismatch, fmt::format("a picture of {}×{} where {}×{} was planned for", view.width, view.height,
                                            planned.width, planned.height));
  if (channels_of(view) != 3 && channels_of(view) != 1)
    return fail(Errc::mismatch, fmt::format("a picture of {} channels", channels_of(view)));
  if (planned.width == 0) return fail(Errc::mismatch, "nothing was planned");
  if (tensor.size() != format.bytes())
    return fail(Errc::mismatch,
                fmt::format("a tensor of {} bytes where {} are written", tensor.size(), format.bytes()));
  return {};
}

template <class View>
bool rounds(const TensorFormat& format) {
  return format.whole_pixels && std::is_same_v<View, PictureView>;
}

template <class T>
void at_least(std::vector<T>& memory, std::size_t count) {
  if (memory.size() < count) memory.resize(count);
}

}  // namespace

Result<ResizePlan> ResizePlan::make(Size source, const Box& crop, const PixelRect& content, const TensorFormat& format,
                                    Interpolation interpolation) {
  ResizePlan plan;
  PERCH_CHECK(plan.remake(source, crop, content, format, interpolation));
  return plan;
}

Result<void> ResizePlan::remake(Size source, const Box& crop, const PixelRect& content, const TensorFormat& format,
                                Interpolation interpolation) {
  source_ = {};
  PERCH_CHECK(check(source, content, format));
  if (!std::isfinite(crop.right()) || !std::isfinite(crop.bottom()) || !(crop.width > 0) || !(crop.height > 0))
    return fail(Errc::invalid, "a region must have finite numbers, and a width and height above 0");
  PERCH_CHECK(check_meets(source, crop));
  const bool enlarges =
      crop.width < static_cast<float>(content.width) || crop.height < static_cast<float>(content.height);
  columns_.plan(crop.x, crop.width, content.width, source.width, interpolation, enlarges);
  rows_.plan(crop.y, crop.height, content.height, source.height, interpolation, enlarges);
  source_ = source;
  content_ = content;
  format_ = format;
  return {};
}

Result<void> ResizePlan::run(PictureView picture, std::span<std::byte> tensor, Scratch& scratch) const {
  return run_any(picture, tensor, scratch);
}

Result<void> ResizePlan::run(FieldView field, std::span<std::byte> tensor, Scratch& scratch) const {
  return run_any(field, tensor, scratch);
}

template <class View>
Result<void> ResizePlan::run_any(const View& view, std::span<std::byte> tensor, Scratch& scratch) const {
  PERCH_CHECK(check_run(source_, format_, view, tensor));
  const int channels = channels_of(view);
  const int count = (columns_.last - columns_.first) * channels;
  const bool direct = columns_.taps == 1 && rows_.taps == 1;
  const bool rounded = rounds<View>(format_) && !direct;
  at_least(scratch.row, static_cast<std::size_t>(count) + 3);
  at_least(scratch.line, static_cast<std::size_t>(content_.width) * 4);
  const kernels::Target target(tensor.data(), format_);
  target.fill_around(content_);
  for (int y = 0; y < content_.height; ++y) {
    const auto* const from =
        view.row(rows_.first + rows_.start[static_cast<std::size_t>(y)]) + std::ptrdiff_t{columns_.first} * channels;
    if (direct) {
      kernels::pick(from, channels, columns_, scratch.line.data());
    } else {
      kernels::blend_rows(from, stride_of(view), rows_.weights.data() + std::ptrdiff_t{y} * rows_.taps, rows_.taps,
                          count, scratch.row.data());
      kernels::gather(scratch.row.data(), channels, columns_, scratch.line.data());
    }
    if (rounded) kernels::round_pixels(scratch.line.data(), content_.width);
    target.put(scratch.line.data(), content_.width, content_.x, content_.y + y);
  }
  return {};
}

namespace {

/// How many pixels of the picture one step along x and along y of the input covers at most, over the content.
std::array<double, 2> steepest(const Homography& h, const PixelRect& content) {
  std::array<double, 2> most{};
  for (const double v : {0.0, 0.5, 1.0})
    for (const double u : {0.0, 0.5, 1.0}) {
      const double x = content.x + u * content.width, y = content.y + v * content.height;
      const double w = h[6] * x + h[7] * y + h[8];
      const double px = (h[0] * x + h[1] * y + h[2]) / w, py = (h[3] * x + h[4] * y + h[5]) / w;
      for (std::size_t axis = 0; axis < 2; ++axis)
        most[axis] =
            std::max(most[axis], std::hypot(h[axis] - px * h[6 + axis], h[3 + axis] - py * h[6 + axis]) / std::abs(w));
    }
  return most;
}

int points_for(double shrinks_by, Interpolation interpolation) {
  if (interpolation == Interpolation::nearest) return 1;
  if (interpolation == Interpolation::bilinear) shrinks_by = shrinks_by > 2 ? shrinks_by / 2 : 1;
  return static_cast<int>(std::clamp(std::ceil(shrinks_by - 1e-6), 1.0, double{kMaxPoints}));
}

/// Takes points out of a picture or a field; outside it repeats its edge. Coordinates are in pixels with centres at
/// half steps, and may be any number, or none.
template <class View>
class Sampler {
 public:
  explicit Sampler(const View& view) : view_(view), right_(view.width - 1), bottom_(view.height - 1) {}

  void nearest(double x, double y, float* sum) const {
    const auto* const pixel = at(static_cast<int>(clamped(x, right_)), static_cast<int>(clamped(y, bottom_)));
    for (int c = 0; c < 3; ++c) sum[c] += static_cast<float>(pixel[c * channel_step()]);
  }

  void bilinear(double x, double y, float* sum) const {
    // Repeating the edge is the same as staying within the outermost pixel centres.
    x = clamped(x - 0.5, right_);
    y = clamped(y - 0.5, bottom_);
    const int left = static_cast<int>(x), top = static_cast<int>(y);
    const auto across = static_cast<float>(x - left), down = static_cast<float>(y - top);
    const std::ptrdiff_t next = left < right_ ? channels_of(view_) : 0, below = top < bottom_ ? stride_of(view_) : 0;
    const auto* const pixel = at(left, top);
    const float w00 = (1 - across) * (1 - down), w01 = across * (1 - down);
    const float w10 = (1 - across) * down, w11 = across * down;
    for (int c = 0; c < 3; ++c) {
      const auto* const p = pixel + c * channel_step();
      sum[c] += static_cast<float>(p[0]) * w00 + static_cast<float>(p[next]) * w01 +
                static_cast<float>(p[below]) * w10 + static_cast<float>(p[below + next]) * w11;
    }
  }

 private:
  static double clamped(double value, double most) { return value > 0 ? (value < most ? value : most) : 0; }

  int channel_step() const { return channels_of(view_) == 1 ? 0 : 1; }

  auto at(int x, int y) const { return view_.row(y) + std::ptrdiff_t{x} * channels_of(view_); }

  View view_;
  int right_, bottom_;  ///< the last pixel of each axis
};

}  // namespace

Result<WarpPlan> WarpPlan::make(Size source, const Quad& corners_px, const PixelRect& content,
                                const TensorFormat& format, Interpolation interpolation) {
  PERCH_CHECK(check(source, content, format));
  const Quad target = Quad::from_box({static_cast<float>(content.x), static_cast<float>(content.y),
                                      static_cast<float>(content.width), static_cast<float>(content.height)});
  WarpPlan plan;
  PERCH_TRY(plan.to_source_, homography(target, corners_px));
  const auto& c = corners_px.corners;
  const double area = std::abs((double{c[2].x} - c[0].x) * (double{c[3].y} - c[1].y) -
                               (double{c[3].x} - c[1].x) * (double{c[2].y} - c[0].y)) /
                      2;
  if (area < 1) return fail(Errc::invalid, "the four corners bound less than one pixel");
  PERCH_CHECK(check_meets(source, corners_px.bounds()));
  const auto [shrinks_x, shrinks_y] = steepest(plan.to_source_, content);
  plan.points_x_ = points_for(shrinks_x, interpolation);
  plan.points_y_ = points_for(shrinks_y, interpolation);
  plan.source_ = source;
  plan.content_ = content;
  plan.format_ = format;
  plan.interpolation_ = interpolation;
  return plan;
}

Result<void> WarpPlan::run(PictureView picture, std::span<std::byte> tensor, Scratch& scratch) const {
  return run_any(picture, tensor, scratch);
}

Result<void> WarpPlan::run(FieldView field, std::span<std::byte> tensor, Scratch& scratch) const {
  return run_any(field, tensor, scratch);
}

template <class View>
Result<void> WarpPlan::run_any(const View& view, std::span<std::byte> tensor, Scratch& scratch) const {
  PERCH_CHECK(check_run(source_, format_, view, tensor));
  at_least(scratch.line, static_cast<std::size_t>(content_.width) * 4);
  const kernels::Target target(tensor.data(), format_);
  target.fill_around(content_);
  const Sampler<View> sampler(view);
  const bool rounded = rounds<View>(format_);
  const Homography& h = to_source_;
  const float share = 1.0F / static_cast<float>(points_x_ * points_y_);
  const double step_x = 1.0 / points_x_, step_y = 1.0 / points_y_;
  for (int row = 0; row < content_.height; ++row) {
    float* pixel = scratch.line.data();
    for (int col = 0; col < content_.width; ++col, pixel += 4) {
      std::array<float, 4> sum{};
      for (int v = 0; v < points_y_; ++v) {
        const double y = content_.y + row + (v + 0.5) * step_y;
        const double row_x = h[1] * y + h[2], row_y = h[4] * y + h[5], row_w = h[7] * y + h[8];
        for (int u = 0; u < points_x_; ++u) {
          const double x = content_.x + col + (u + 0.5) * step_x;
          const double w = 1 / (h[6] * x + row_w);
          if (interpolation_ == Interpolation::nearest)
            sampler.nearest((h[0] * x + row_x) * w, (h[3] * x + row_y) * w, sum.data());
          else
            sampler.bilinear((h[0] * x + row_x) * w, (h[3] * x + row_y) * w, sum.data());
        }
      }
      for (std::size_t c = 0; c < 3; ++c) pixel[c] = sum[c] * share;
    }
    if (rounded) kernels::round_pixels(scratch.line.data(), content_.width);
    target.put(scratch.line.data(), content_.width, content_.x, content_.y + row);
  }
  return {};
}

}  // namespace perch::image
