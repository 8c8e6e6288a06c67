#include "model/preprocess.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "image/homography.hpp"

namespace perch::model {

namespace {

constexpr std::size_t kMinPlans = 16;
constexpr float kMaxPixel = 255;
constexpr double kPixelsAveraged = 2;  ///< at least, a side, where areas are averaged

Result<std::array<float, 3>> per_channel(const std::vector<float>& numbers, int channels, float otherwise,
                                         std::string_view key) {
  if (numbers.empty()) return std::array{otherwise, otherwise, otherwise};
  if (numbers.size() == 1) return std::array{numbers[0], numbers[0], numbers[0]};
  if (numbers.size() == 3 && channels == 3) return std::array{numbers[0], numbers[1], numbers[2]};
  return fail(Errc::invalid, fmt::format("input.{} has {} numbers for {} channels", key, numbers.size(), channels), {},
              "give one number, or one a channel");
}

/// Pixels of the picture for each pixel of the frame. JPEGs are reduced by whole factors and rounded up, so that the
/// last row or column may show less than a whole pixel.
struct Scale {
  double x = 1;
  double y = 1;
};

Scale scale_of(image::Size picture, image::Size full) {
  for (const int r : {1, 2, 4, 8})
    if (picture == image::Size{(full.width + r - 1) / r, (full.height + r - 1) / r}) return {1.0 / r, 1.0 / r};
  return {static_cast<double>(picture.width) / full.width, static_cast<double>(picture.height) / full.height};
}

double length(Point a, Point b) {
  return std::hypot(static_cast<double>(b.x) - a.x, static_cast<double>(b.y) - a.y);
}

struct Extent {
  double width = 0;
  double height = 0;
};

/// How large a region is along its own axes, in pixels of the frame.
Extent extent(const Quad& q) {
  const auto& c = q.corners;
  return {(length(c[0], c[1]) + length(c[3], c[2])) / 2, (length(c[0], c[3]) + length(c[1], c[2])) / 2};
}

bool usable(const Quad& quad) {
  for (const Point& p : quad.corners)
    if (!std::isfinite(p.x) || !std::isfinite(p.y)) return false;
  const Extent size = extent(quad);
  return size.width > 0 && size.height > 0;
}

Box whole(image::Size size) {
  return {0, 0, static_cast<float>(size.width), static_cast<float>(size.height)};
}

Box box_of(const image::PixelRect& rect) {
  return {static_cast<float>(rect.x), static_cast<float>(rect.y), static_cast<float>(rect.width),
          static_cast<float>(rect.height)};
}

int truncated(double length, int most) {
  return std::clamp(static_cast<int>(length), 1, most);
}

/// The part of an area with the input's aspect ratio, in its middle.
Box middle(double width, double height, image::Size input) {
  const double aspect = static_cast<double>(input.width) / input.height;
  const double w = std::min(width, height * aspect), h = std::min(height, width / aspect);
  return {static_cast<float>((width - w) / 2), static_cast<float>((height - h) / 2), static_cast<float>(w),
          static_cast<float>(h)};
}

/// The corners of a part of a quadrilateral, given in pixels along its own axes.
Result<Quad> part_of(const Quad& quad, const Extent& size, const Box& part) {
  const Quad flat = Quad::from_box({0, 0, static_cast<float>(size.width), static_cast<float>(size.height)});
  PERCH_TRY(const image::Homography to_quad, image::homography(flat, quad));
  Quad mapped = Quad::from_box(part);
  for (Point& corner : mapped.corners) corner = image::apply(to_quad, corner);
  return mapped;
}

}  // namespace

Result<image::TensorFormat> tensor_format(const InputCard& input, image::Element element) {
  image::TensorFormat format;
  format.size = {input.width, input.height};
  format.layout = input.layout;
  format.order = input.colour;
  format.element = element;
  format.whole_pixels = input.whole_pixels;
  format.scale = input.scale;
  PERCH_TRY(format.mean, per_channel(input.mean, format.channels(), 0, "mean"));
  PERCH_TRY(format.std, per_channel(input.std, format.channels(), 1, "std"));
  PERCH_TRY(format.fill, per_channel(input.fill, format.channels(), 0, "fill"));
  if (!std::ranges::all_of(format.std, [](float s) { return std::isnormal(s); }))
    return fail(Errc::invalid, "input.std must not be 0", {}, "leave it out where nothing is divided");
  if (input.thermal() && !std::ranges::all_of(format.fill, [](float f) { return std::isfinite(f); }))
    return fail(Errc::invalid, "input.fill is no temperature", {}, "give °C");
  if (input.thermal() && input.whole_pixels)
    return fail(Errc::invalid, "input.whole_pixels is for pictures, and these are temperatures", {}, "leave it out");
  if (!input.thermal() && !std::ranges::all_of(format.fill, [](float f) { return f >= 0 && f <= kMaxPixel; }))
    return fail(Errc::invalid, "input.fill is no pixel", {}, "give numbers from 0 to 255");
  return format;
}

Fitting fit(Fit how, double width, double height, image::Size input) {
  const Box all{0, 0, static_cast<float>(width), static_cast<float>(height)};
  const image::PixelRect filled{0, 0, input.width, input.height};
  if (how == Fit::stretch) return {all, filled};
  if (how == Fit::crop) return {middle(width, height, input), filled};
  if (how == Fit::letterbox_topleft) {
    const double r = std::min(input.height / height, input.width / width);
    return {all, {0, 0, truncated(width * r, input.width), truncated(height * r, input.height)}};
  }
  image::PixelRect content = filled;
  if (width / height > static_cast<double>(input.width) / input.height)
    content.height = truncated(input.width / width * height, input.height);
  else
    content.width = truncated(input.height / height * width, input.width);
  content.x = (input.width - content.width) / 2;
  content.y = (input.height - content.height) / 2;
  return {all, content};
}

image::Size needed_size(const InputCard& input, image::Size full, std::span<const Region> regions) {
  const Region frame{0, Quad::from_box(whole(full)), {}};
  if (regions.empty()) regions = {&frame, 1};
  const double at_least = input.interpolation == image::Interpolation::area ? kPixelsAveraged : 1;
  double across = 0, down = 0;
  for (const Region& region : regions) {
    if (!usable(region.corners_px)) continue;
    const Extent size = extent(region.corners_px);
    const Fitting fitting = fit(input.fit, size.width, size.height, {input.width, input.height});
    double x = fitting.content.width / static_cast<double>(fitting.crop.width);
    double y = fitting.content.height / static_cast<double>(fitting.crop.height);
    if (!region.corners_px.is_box()) x = y = std::max(x, y);  // its axes may lie any way in the frame
    across = std::max(across, at_least * x);
    down = std::max(down, at_least * y);
  }
  return {static_cast<int>(std::ceil(full.width * std::min(1.0, across))),
          static_cast<int>(std::ceil(full.height * std::min(1.0, down)))};
}

Preprocessor::Preprocessor(InputCard input, const image::TensorFormat& format)
    : input_(std::move(input)),
      format_(format) {
  expect(1);
}

void Preprocessor::expect(std::size_t regions) {
  const std::size_t wanted = std::max(kMinPlans, 2 * regions);
  if (wanted <= room_) return;
  room_ = wanted;
  plans_.reserve(room_);
}

Result<Placement> Preprocessor::fill(const Sight& sight, image::Size full, const Region& region,
                                     std::span<std::byte> tensor) {
  const image::Size size = std::visit([](const auto& view) { return view.size(); }, sight);
  PERCH_TRY(const Plan* plan, plan_for(size, full, region));
  const auto run = [&](const auto& view) {
    return plan->upright ? plan->resize.run(view, tensor, scratch_) : plan->warp.run(view, tensor, scratch_);
  };
  PERCH_CHECK(std::visit(run, sight));
  Placement placement = plan->placement;
  placement.region = region.index;
  return placement;
}

Result<const Preprocessor::Plan*> Preprocessor::plan_for(image::Size picture, image::Size full, const Region& region) {
  const auto fits = [&](const Plan& plan) {
    return plan.picture == picture && plan.full == full && plan.corners == region.corners_px;
  };
  std::size_t at = next_ < plans_.size() && fits(plans_[next_])
                       ? next_
                       : static_cast<std::size_t>(std::ranges::find_if(plans_, fits) - plans_.begin());
  if (at == plans_.size()) {
    at = place_for_new();
    Plan& plan = plans_[at];
    plan.picture = picture;
    plan.full = full;
    plan.corners = region.corners_px;
    if (Result<void> made = make(plan); !made) {
      plan.picture = {};  // no picture has this size, so the plan is not found again
      return fail(made.error().at(fmt::format("region {}", region.index + 1)));
    }
  }
  plans_[at].used = ++uses_;
  next_ = at + 1 < plans_.size() ? at + 1 : 0;
  return &plans_[at];
}

std::size_t Preprocessor::place_for_new() {
  if (plans_.size() < room_) {
    plans_.emplace_back();
    return plans_.size() - 1;
  }
  return static_cast<std::size_t>(std::ranges::min_element(plans_, {}, &Plan::used) - plans_.begin());
}

Result<void> Preprocessor::make(Plan& plan) const {
  if (plan.full.width <= 0 || plan.full.height <= 0) return fail(Errc::invalid, "the picture is empty");
  const Box frame = whole(plan.full);
  const Box bounds = plan.corners.bounds();
  if (!usable(plan.corners)) return fail(Errc::invalid, "has no area");
  if (intersection(bounds, frame).area() <= 0)
    return fail(Errc::invalid, fmt::format("lies outside the picture of {} × {} px", plan.full.width, plan.full.height),
                {}, "regions are in pixels of the full picture");
  const Scale scale = scale_of(plan.picture, plan.full);
  const Extent size = extent(plan.corners);
  const Fitting fitting = fit(input_.fit, size.width, size.height, format_.size);
  plan.placement.content_px = box_of(fitting.content);
  plan.upright = plan.corners.is_box();
  if (!plan.upright) {
    Quad shown = plan.corners;
    if (input_.fit == Fit::crop) {
      PERCH_TRY(shown, part_of(plan.corners, size, fitting.crop));
    }
    plan.placement.bounds_px = intersection(shown.bounds(), frame);
    for (Point& corner : shown.corners)
      corner = {static_cast<float>(corner.x * scale.x), static_cast<float>(corner.y * scale.y)};
    PERCH_TRY(plan.warp, image::WarpPlan::make(plan.picture, shown, fitting.content, format_, input_.interpolation));
    plan.placement.to_frame = plan.warp.to_source();
    for (std::size_t i = 0; i < 3; ++i) {
      plan.placement.to_frame[i] /= scale.x;
      plan.placement.to_frame[i + 3] /= scale.y;
    }
    return {};
  }
  const double left = static_cast<double>(bounds.x) + fitting.crop.x,
               top = static_cast<double>(bounds.y) + fitting.crop.y;
  const double width = fitting.crop.width, height = fitting.crop.height;
  const double across = width / fitting.content.width, down = height / fitting.content.height;
  plan.placement.to_frame = {across, 0, left - across * fitting.content.x, 0, down, top - down * fitting.content.y, 0,
                             0,      1};
  const Box shown{static_cast<float>(left), static_cast<float>(top), fitting.crop.width, fitting.crop.height};
  plan.placement.bounds_px = intersection(shown, frame);
  const Box crop{static_cast<float>(left * scale.x), static_cast<float>(top * scale.y),
                 static_cast<float>(width * scale.x), static_cast<float>(height * scale.y)};
  return plan.resize.remake(plan.picture, crop, fitting.content, format_, input_.interpolation);
}

}  // namespace perch::model
