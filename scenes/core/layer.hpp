#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/geometry.hpp"
#include "image/picture.hpp"
#include "scenes/core/mesh.hpp"
#include "scenes/core/tone.hpp"
#include "scenes/core/view_point.hpp"

namespace perch::scenes {

/// Whole pixels: left and top within, right and bottom beyond.
struct Rect {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  bool empty() const { return left >= right || top >= bottom; }

  Rect with(const Rect& other) const;
  Rect within(const Rect& other) const;

  Rect grown(int by) const { return {left - by, top - by, right + by, bottom + by}; }

  Box box() const {
    return Box::from_corners(static_cast<float>(left), static_cast<float>(top), static_cast<float>(right),
                             static_cast<float>(bottom));
  }
};

/// The part of a surface that a pixel sees, for a shader.
struct Fragment {
  Vec3 at;                ///< in the scene, m
  Vec3 normal;            ///< length 1, towards the camera's side
  float depth_m = 0;      ///< along the camera's axis
  float footprint_m = 0;  ///< how much of the scene a pixel is wide, at this distance
  std::uint8_t material = 0;
};

/// What a shader answers: light towards the camera, and which part of it a shadow on that place would take away.
struct Shaded {
  Rgb light;
  float shadowable = 0;  ///< 0..1
};

/// What a drawn mesh covers, whether or not something stands before it.
struct Silhouette {
  Rect bounds;
  int samples = 0;  ///< four a pixel
};

/// A picture while it is drawn: four samples a pixel, each with its colour, its distance and the number of the object
/// it shows. Edges are smooth since a pixel is the mean of its samples. @thread one at a time
class Layer {
 public:
  static constexpr int kSamples = 4;

  Layer() = default;

  /// Has no content before `clear`, or `copy_from` of the whole.
  Layer(int width, int height);

  int width() const { return width_; }

  int height() const { return height_; }

  Rect whole() const { return {0, 0, width_, height_}; }

  /// Everything infinitely far, object 0, one colour.
  void clear(Rgb background);

  /// Copies a part of a layer of the same size.
  void copy_from(const Layer& other, Rect part);

  /// Draws what lies nearer than what is there. `shade(const Fragment&) → Shaded` is called once for each pixel of each
  /// triangle that shows. Triangles turned away are left out unless `two_sided`.
  /// @param object   1..255, or 0 for what is no object
  /// @param forward  over 1 draws the mesh that much nearer than it is, so that paint wins over its ground
  template <class Shade>
  Silhouette draw(const Mesh& mesh, const Placed& place, const ViewPoint& view, std::uint8_t object, const Shade& shade,
                  bool two_sided = false, float forward = 1);

  /// Darkens or lightens: `factor(at_m, share) → float` gives what the light of a pixel is multiplied with.
  template <class Factor>
  void relight(Rect part, const ViewPoint& view, const Factor& factor);

  /// Writes the means of the samples.
  void resolve(Rect part, image::Picture& out) const;

  /// The object in the first sample of a pixel.
  std::uint8_t object_at(int x, int y) const { return static_cast<std::uint8_t>(colour_[index(x, y)] >> 24U); }

  /// How far the first sample of a pixel is, m along the camera's axis; 0: nothing is there.
  float depth_at(int x, int y) const {
    const float near = nearness_[index(x, y)];
    return near > 0 ? 1 / near : 0;
  }

  /// Adds the samples of each object within a part to `counts`.
  void count_objects(Rect part, std::array<int, 256>& counts) const;

 private:
  // A triangle ready to be filled: its edges in sixteenths of a pixel, and planes over the screen.
  struct Plane {
    float at_origin, per_x, per_y;

    float at(float x, float y) const { return at_origin + per_x * x + per_y * y; }
  };

  struct Setup {
    std::array<std::int64_t, 3> a{}, b{}, c{}, reach{};
    Plane inverse_depth{};
    std::array<Plane, 3> normal{};  ///< divided by depth
    Rect bounds;
  };

  struct Corner {
    Vec3 in_camera;
    Vec3 normal;
  };

  static constexpr std::array<std::array<int, 2>, kSamples> kOffsets{{{-2, -6}, {6, -2}, {-6, 2}, {2, 6}}};

  std::size_t pixels() const { return static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_); }

  std::size_t index(int x, int y) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)) * kSamples;
  }

  /// Cuts a triangle at the near plane; 0, 3 or 4 corners remain.
  static int cut_near(std::span<const Corner, 3> in, std::array<Corner, 4>& out);
  bool set_up(const std::array<Corner, 3>& corners, const ViewPoint& view, bool two_sided, Setup& out) const;
  static unsigned coverage(const Setup& s, std::int64_t x16, std::int64_t y16);
  static void row_span(const Setup& s, std::int64_t y16, int& left, int& right);
  void begin_silhouette();
  /// Marks samples as covered by the mesh being drawn; returns how many are new.
  int mark(int x, int y, unsigned samples);

  template <class Shade>
  void fill(const Setup& s, const ViewPoint& view, const Fragment& base, std::uint32_t object, float forward,
            Silhouette& silhouette, const Shade& shade);

  int width_ = 0;
  int height_ = 0;
  // Not filled when they are made: it would take longer than many a picture.
  std::unique_ptr<std::uint32_t[]> colour_;  ///< red, green, blue, object
  std::unique_ptr<float[]> nearness_;        ///< 1 / depth in metres; 0: infinitely far
  std::unique_ptr<std::uint8_t[]> shadowable_;
  std::vector<std::uint32_t> marks_;
  std::uint32_t mark_ = 0;
  std::vector<Vec3> corner_px_;  // kept between calls for its memory
  std::vector<Vec3> normals_;
};

template <class Shade>
Silhouette Layer::draw(const Mesh& mesh, const Placed& place, const ViewPoint& view, std::uint8_t object,
                       const Shade& shade, bool two_sided, float forward) {
  corner_px_.clear();
  normals_.clear();
  for (const Vertex& v : mesh.vertices) {
    corner_px_.push_back(view.in(place.out(v.at)));
    normals_.push_back(place.turn(v.normal));
  }
  begin_silhouette();
  Silhouette silhouette{{width_, height_, 0, 0}, 0};
  Setup setup;
  for (const Triangle& t : mesh.triangles) {
    std::array<Corner, 3> in{};
    for (std::size_t i = 0; i < 3; ++i) in[i] = {corner_px_[t.corner[i]], normals_[t.corner[i]]};
    std::array<Corner, 4> cut{};
    const int corners = cut_near(in, cut);
    Fragment base;
    base.material = t.material;
    for (int i = 2; i < corners; ++i)
      if (set_up({cut[0], cut[static_cast<std::size_t>(i) - 1], cut[static_cast<std::size_t>(i)]}, view, two_sided,
                 setup))
        fill(setup, view, base, static_cast<std::uint32_t>(object) << 24U, forward, silhouette, shade);
  }
  if (silhouette.samples == 0) silhouette.bounds = {};
  return silhouette;
}

template <class Shade>
void Layer::fill(const Setup& s, const ViewPoint& view, const Fragment& base, std::uint32_t object, float forward,
                 Silhouette& silhouette, const Shade& shade) {
  for (int y = s.bounds.top; y < s.bounds.bottom; ++y) {
    const std::int64_t y16 = 16LL * y + 8;
    int left = s.bounds.left, right = s.bounds.right;
    row_span(s, y16, left, right);
    for (int x = left; x < right; ++x) {
      const unsigned covered = coverage(s, 16LL * x + 8, y16);
      if (covered == 0) continue;
      silhouette.samples += mark(x, y, covered);
      silhouette.bounds = silhouette.bounds.with({x, y, x + 1, y + 1});
      const float fx = static_cast<float>(x) + 0.5F, fy = static_cast<float>(y) + 0.5F;
      const float near_centre = s.inverse_depth.at(fx, fy);
      const std::size_t first = index(x, y);
      unsigned wins = 0;
      std::array<float, kSamples> nearness{};
      for (unsigned i = 0; i < kSamples; ++i) {
        nearness[i] = (near_centre + (s.inverse_depth.per_x * static_cast<float>(kOffsets[i][0]) +
                                      s.inverse_depth.per_y * static_cast<float>(kOffsets[i][1])) /
                                         16) *
                      forward;
        if ((covered >> i & 1U) != 0 && nearness[i] > nearness_[first + i]) wins |= 1U << i;
      }
      if (wins == 0) continue;
      Fragment f = base;
      f.depth_m = 1 / std::max(near_centre, 1e-4F);
      f.at = view.eye() + view.ray(fx, fy) * f.depth_m;
      f.normal = normalised({s.normal[0].at(fx, fy), s.normal[1].at(fx, fy), s.normal[2].at(fx, fy)});
      f.footprint_m = f.depth_m / view.focal_px();
      const Shaded shaded = shade(static_cast<const Fragment&>(f));
      const std::uint32_t colour = tone_bytes(shaded.light) | object;
      for (unsigned i = 0; i < kSamples; ++i)
        if ((wins >> i & 1U) != 0) {
          colour_[first + i] = colour;
          nearness_[first + i] = nearness[i];
        }
      shadowable_[first / kSamples] = static_cast<std::uint8_t>(std::clamp(shaded.shadowable, 0.0F, 1.0F) * 255);
    }
  }
}

template <class Factor>
void Layer::relight(Rect part, const ViewPoint& view, const Factor& factor) {
  part = part.within(whole());
  for (int y = part.top; y < part.bottom; ++y)
    for (int x = part.left; x < part.right; ++x) {
      const std::size_t first = index(x, y);
      const float near = nearness_[first];
      if (near <= 0) continue;
      const Vec3 at = view.eye() + view.ray(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F) * (1 / near);
      const float k = factor(at, static_cast<float>(shadowable_[first / kSamples]) / 255);
      if (k == 1) continue;
      const std::uint32_t scale = tone_scale(k);
      for (unsigned i = 0; i < kSamples; ++i) colour_[first + i] = scaled(colour_[first + i], scale);
    }
}

}  // namespace perch::scenes
