#include "scenes/core/layer.hpp"

#include <cstring>

namespace perch::scenes {

namespace {

constexpr float kNear_m = 0.1F;

std::int64_t sixteenths(float px) {
  return std::llround(std::clamp(px, -4e6F, 4e6F) * 16);
}

}  // namespace

Rect Rect::with(const Rect& other) const {
  if (empty()) return other;
  if (other.empty()) return *this;
  return {std::min(left, other.left), std::min(top, other.top), std::max(right, other.right),
          std::max(bottom, other.bottom)};
}

Rect Rect::within(const Rect& other) const {
  return {std::max(left, other.left), std::max(top, other.top), std::min(right, other.right),
          std::min(bottom, other.bottom)};
}

Layer::Layer(int width, int height)
    : width_(width),
      height_(height),
      colour_(std::make_unique_for_overwrite<std::uint32_t[]>(pixels() * kSamples)),
      nearness_(std::make_unique_for_overwrite<float[]>(pixels() * kSamples)),
      shadowable_(std::make_unique_for_overwrite<std::uint8_t[]>(pixels())),
      marks_(pixels()) {}

void Layer::clear(Rgb background) {
  std::fill_n(colour_.get(), pixels() * kSamples, tone_bytes(background));
  std::fill_n(nearness_.get(), pixels() * kSamples, 0.0F);
  std::fill_n(shadowable_.get(), pixels(), std::uint8_t{0});
}

void Layer::copy_from(const Layer& other, Rect part) {
  part = part.within(whole());
  if (part.empty()) return;
  const auto pixels = static_cast<std::size_t>(part.right - part.left);
  for (int y = part.top; y < part.bottom; ++y) {
    const std::size_t first = index(part.left, y);
    std::copy_n(&other.colour_[first], pixels * kSamples, &colour_[first]);
    std::copy_n(&other.nearness_[first], pixels * kSamples, &nearness_[first]);
    std::copy_n(&other.shadowable_[first / kSamples], pixels, &shadowable_[first / kSamples]);
  }
}

void Layer::resolve(Rect part, image::Picture& out) const {
  part = part.within(whole());
  for (int y = part.top; y < part.bottom; ++y) {
    const std::uint32_t* in = &colour_[index(part.left, y)];
    std::uint8_t* to = out.at(part.left, y);
    for (int x = part.left; x < part.right; ++x, in += kSamples, to += 3) {
      // Two bytes at a time: red and blue in one sum, green in the other.
      std::uint32_t red_blue = 0x00020002U, green = 0x00000200U;
      for (int i = 0; i < kSamples; ++i) {
        red_blue += in[i] & 0x00ff00ffU;
        green += in[i] & 0x0000ff00U;
      }
      to[0] = static_cast<std::uint8_t>(red_blue >> 2U);
      to[1] = static_cast<std::uint8_t>(green >> 10U);
      to[2] = static_cast<std::uint8_t>(red_blue >> 18U);
    }
  }
}

void Layer::count_objects(Rect part, std::array<int, 256>& counts) const {
  part = part.within(whole());
  for (int y = part.top; y < part.bottom; ++y)
    for (std::size_t i = index(part.left, y); i < index(part.right, y); ++i) ++counts[colour_[i] >> 24U];
}

int Layer::cut_near(std::span<const Corner, 3> in, std::array<Corner, 4>& out) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const Corner& here = in[i];
    const Corner& next = in[(i + 1) % 3];
    const bool inside = here.in_camera.z >= kNear_m;
    if (inside) out[count++] = here;
    if (inside != (next.in_camera.z >= kNear_m)) {
      const float t = (kNear_m - here.in_camera.z) / (next.in_camera.z - here.in_camera.z);
      out[count++] = {mix(here.in_camera, next.in_camera, t), mix(here.normal, next.normal, t)};
    }
  }
  return static_cast<int>(count);
}

bool Layer::set_up(const std::array<Corner, 3>& corners, const ViewPoint& view, bool two_sided, Setup& out) const {
  std::array<std::int64_t, 3> x{}, y{};
  std::array<Vec3, 3> normal{};
  std::array<float, 3> near{};
  for (std::size_t i = 0; i < 3; ++i) {
    const Point p = view.to_px(corners[i].in_camera);
    x[i] = sixteenths(p.x);
    y[i] = sixteenths(p.y);
    near[i] = 1 / corners[i].in_camera.z;
    normal[i] = corners[i].normal * near[i];
  }
  const std::int64_t area = (x[1] - x[0]) * (y[2] - y[0]) - (y[1] - y[0]) * (x[2] - x[0]);
  if (area == 0 || (area > 0 && !two_sided)) return false;
  if (area < 0) {  // facing us; y points down, so turn the corners
    std::swap(x[1], x[2]);
    std::swap(y[1], y[2]);
    std::swap(near[1], near[2]);
    std::swap(normal[1], normal[2]);
  } else {
    for (Vec3& n : normal) n = n * -1.0F;
  }
  const auto px = [](std::int64_t v) {
    return static_cast<int>(std::clamp<std::int64_t>(v >> 4U, -1'000'000, 1'000'000));
  };
  out.bounds =
      Rect{px(std::ranges::min(x)), px(std::ranges::min(y)), px(std::ranges::max(x)) + 1, px(std::ranges::max(y)) + 1}
          .within(whole());
  if (out.bounds.empty()) return false;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t j = (i + 1) % 3;
    out.a[i] = y[i] - y[j];
    out.b[i] = x[j] - x[i];
    out.c[i] = -(out.a[i] * x[i] + out.b[i] * y[i]);
    out.reach[i] = 6 * (std::abs(out.a[i]) + std::abs(out.b[i]));
  }
  const double dx1 = static_cast<double>(x[1] - x[0]) / 16, dy1 = static_cast<double>(y[1] - y[0]) / 16;
  const double dx2 = static_cast<double>(x[2] - x[0]) / 16, dy2 = static_cast<double>(y[2] - y[0]) / 16;
  const double det = dx1 * dy2 - dx2 * dy1;
  const auto plane = [&](float v0, float v1, float v2) {
    const double d1 = v1 - v0, d2 = v2 - v0;
    const double per_x = (d1 * dy2 - d2 * dy1) / det, per_y = (d2 * dx1 - d1 * dx2) / det;
    const double origin = v0 - per_x * static_cast<double>(x[0]) / 16 - per_y * static_cast<double>(y[0]) / 16;
    return Plane{static_cast<float>(origin), static_cast<float>(per_x), static_cast<float>(per_y)};
  };
  out.inverse_depth = plane(near[0], near[1], near[2]);
  out.normal = {plane(normal[0].x, normal[1].x, normal[2].x), plane(normal[0].y, normal[1].y, normal[2].y),
                plane(normal[0].z, normal[1].z, normal[2].z)};
  return true;
}

unsigned Layer::coverage(const Setup& s, std::int64_t x16, std::int64_t y16) {
  std::array<std::int64_t, 3> edge{};
  bool inside = true;
  for (std::size_t i = 0; i < 3; ++i) {
    edge[i] = s.a[i] * x16 + s.b[i] * y16 + s.c[i];
    if (edge[i] < -s.reach[i]) return 0;
    inside = inside && edge[i] >= s.reach[i];
  }
  if (inside) return (1U << kSamples) - 1;
  unsigned covered = 0;
  for (unsigned k = 0; k < kSamples; ++k) {
    bool all = true;
    for (std::size_t i = 0; i < 3; ++i) all = all && edge[i] + s.a[i] * kOffsets[k][0] + s.b[i] * kOffsets[k][1] >= 0;
    if (all) covered |= 1U << k;
  }
  return covered;
}

void Layer::row_span(const Setup& s, std::int64_t y16, int& left, int& right) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (s.a[i] == 0) continue;
    const double x16 =
        static_cast<double>(-s.reach[i] - s.b[i] * y16 - s.c[i]) / static_cast<double>(s.a[i]);  // where the edge is
    const double x = std::clamp((x16 - 8) / 16, -1e6, 1e6);
    if (s.a[i] > 0)
      left = std::max(left, static_cast<int>(std::floor(x)));
    else
      right = std::min(right, static_cast<int>(std::ceil(x)) + 1);
  }
}

void Layer::begin_silhouette() {
  constexpr std::uint32_t kMostMarks = 1U << 27U;
  if (++mark_ < kMostMarks) return;
  std::ranges::fill(marks_, 0U);
  mark_ = 1;
}

int Layer::mark(int x, int y, unsigned samples) {
  std::uint32_t& marks = marks_[index(x, y) / kSamples];
  if (marks >> 4U != mark_) marks = mark_ << 4U;
  const unsigned fresh = samples & ~marks & 15U;
  marks |= samples;
  return std::popcount(fresh);
}

}  // namespace perch::scenes
