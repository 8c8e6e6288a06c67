#include <algorithm>
#include <cmath>

#include "digits/wheels.hpp"
#include "scenes/core/vec.hpp"

namespace perch::trainer {

namespace {

using scenes::Random;
using scenes::Vec2;

constexpr float kBlurredDigit = 30;  ///< px of a window's height in which the passes of blurring are meant

/// One pass of [a, 1 − 2a, a] in each direction.
void soften(std::vector<float>& pixels, int width, int height, float a) {
  std::vector<float> row(static_cast<std::size_t>(std::max(width, height)));
  const auto line = [&](std::size_t start, std::size_t step, int count) {
    for (int i = 0; i < count; ++i)
      row[static_cast<std::size_t>(i)] = pixels[start + static_cast<std::size_t>(i) * step];
    for (int i = 0; i < count; ++i) {
      const float before = row[static_cast<std::size_t>(std::max(0, i - 1))];
      const float after = row[static_cast<std::size_t>(std::min(count - 1, i + 1))];
      pixels[start + static_cast<std::size_t>(i) * step] =
          row[static_cast<std::size_t>(i)] * (1 - 2 * a) + (before + after) * a;
    }
  };
  for (int y = 0; y < height; ++y) line(static_cast<std::size_t>(y) * static_cast<std::size_t>(width), 1, width);
  for (int x = 0; x < width; ++x) line(static_cast<std::size_t>(x), static_cast<std::size_t>(width), height);
}

/// Light, or shadow, along one edge of a window: on its lip, its frame, or the glass before it.
struct Lip {
  bool is_there = false;
  float reach = 0;  ///< of the window's side, from its edge inwards
  float light = 0;
  float sharp = 1;

  static Lip of(float how_often, Random& random) {
    Lip lip;
    lip.is_there = random.chance(how_often);
    lip.reach = random.between(0.02F, 0.16F);
    lip.light = random.chance(0.65F) ? random.between(20, 150) : -random.between(20, 120);
    lip.sharp = random.between(0.02F, 0.12F);
    return lip;
  }

  /// @param inwards  how far inside the window's edge, as a share of its side; below 0: outside
  float at(float inwards) const {
    return is_there ? light * std::clamp((reach - inwards) / sharp + 0.5F, 0.0F, 1.0F) : 0;
  }
};

/// What the glass before a wheel mirrors: a short bright bar, or the round end of something dark or bright that hides a
/// part.
struct Mirrored {
  bool is_there = false;
  Vec2 middle, along;  ///< in windows; `along` is of length 1
  float reach = 0, thick = 0, light = 0;

  static Mirrored bar(Random& random) {
    Mirrored out;
    out.is_there = random.chance(0.3F);
    out.middle = {random.between(-0.1F, 1.1F), random.between(-0.1F, 1.1F)};
    const float angle = random.normal() * (random.chance(0.7F) ? 0.1F : 1.5F);
    out.along = {std::cos(angle), std::sin(angle)};
    out.reach = random.between(0.05F, 0.5F);
    out.thick = random.between(0.02F, 0.08F);
    out.light = random.between(30, 200);
    return out;
  }

  static Mirrored blot(Random& random) {
    Mirrored out;
    out.is_there = random.chance(0.08F);
    out.middle = {random.uniform(), random.chance(0.5F) ? random.between(-0.1F, 0.3F) : random.between(0.7F, 1.1F)};
    out.along = {1, 0};
    out.thick = random.between(0.1F, 0.3F);
    out.light = random.between(-140, 140);
    return out;
  }

  float at(Vec2 p) const {
    if (!is_there) return 0;
    const Vec2 from_middle = p - middle;
    const float along_it = std::clamp(from_middle.x * along.x + from_middle.y * along.y, -reach, reach);
    const float apart = length(from_middle - along * along_it);
    return light * std::clamp((thick - apart) / (0.4F * thick) + 0.5F, 0.0F, 1.0F);
  }
};

/// The teeth of the pinion that carries from one wheel to the next, where they show beside the window.
struct Teeth {
  bool are_there = false;
  float edge = 0;  ///< how far they reach into the window
  bool on_right = true;
  float pitch = 0, phase = 0, thick = 0;  ///< in windows' heights; `thick` as a share of `pitch`
  float light = 0;

  static Teeth of(Random& random) {
    Teeth out;
    out.are_there = random.chance(0.08F);
    out.edge = random.between(0.03F, 0.25F);
    out.on_right = random.chance(0.7F);
    out.pitch = random.between(0.05F, 0.14F);
    out.phase = random.uniform();
    out.thick = random.between(0.25F, 0.6F);
    out.light = random.between(-80, 170);
    return out;
  }

  float at(Vec2 p) const {
    if (!are_there || (on_right ? 1 - p.x : p.x) > edge) return 0;
    const float turn = p.y / pitch + phase;
    return turn - std::floor(turn) < thick ? light : 0;
  }
};

}  // namespace

void weather_wheel(WheelCrop& crop, Random& random) {
  image::Picture& grey = crop.picture;
  const Box window = crop.window_px.bounds();
  const int width = grey.width(), height = grey.height();
  std::vector<float> light(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  const float contrast = random.between(0.25F, 1.2F), lift = random.between(-30, 70),
              gamma = random.between(0.6F, 1.6F);
  const float slope_x = random.normal() * 0.25F, slope_y = random.normal() * 0.4F;
  const bool glare = random.chance(0.3F);
  const Vec2 spot{random.uniform(), random.uniform()};
  const float spot_size = random.between(0.05F, 0.35F), spot_light = random.between(40, 160);
  const Lip top = Lip::of(0.2F, random), bottom = Lip::of(0.25F, random), left = Lip::of(0.12F, random),
            right = Lip::of(0.12F, random);
  const Mirrored bar = Mirrored::bar(random), blot = Mirrored::blot(random);
  const Teeth teeth = Teeth::of(random);
  const float dim_below = random.chance(0.15F) ? random.between(0.2F, 0.8F) : 0;  // where the wheel turns into its case
  std::size_t i = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x, ++i) {
      const float u = (static_cast<float>(x) - window.x) / window.width,
                  v = (static_cast<float>(y) - window.y) / window.height;
      const float level = std::pow(static_cast<float>(*grey.at(x, y)) / 255, gamma) * 255;
      const float below = 1 - dim_below * scenes::smoothstep(0.5F, 1.0F, v);
      light[i] = (level * contrast + lift) * (1 + slope_x * (u - 0.5F) + slope_y * (v - 0.5F)) * below;
      light[i] += bar.at({u, v}) + blot.at({u, v}) + teeth.at({u, v});
      light[i] += top.at(v) + bottom.at(1 - v) + left.at(u) + right.at(1 - u);
      if (glare) {
        const float dx = u - spot.x, dy = v - spot.y;
        light[i] += spot_light * std::exp(-(dx * dx + dy * dy) / (spot_size * spot_size));
      }
    }
  const float finer = window.height / kBlurredDigit;
  const int passes = static_cast<int>(std::lround(static_cast<float>(random.integer(0, 5)) * finer * finer));
  const float a = random.between(0.1F, 0.28F);
  for (int pass = 0; pass < std::min(passes, 30); ++pass) soften(light, width, height, a);
  const float noise = (random.chance(0.6F) ? random.between(0, 3) : random.between(0, 8)) * (0.3F + contrast * 0.7F);
  const bool negative = random.chance(0.08F);
  for (i = 0; i < light.size(); ++i) {
    // The sum of three even numbers is normal enough, and cheap.
    const float n = (random.uniform() + random.uniform() + random.uniform() - 1.5F) * 2 * noise;
    const float level = std::clamp(light[i] + n, 0.0F, 255.0F);
    grey.data()[i] = static_cast<std::uint8_t>(negative ? 255 - level : level);
  }
}

namespace {

/// @param beside  how far from the wheel its middle is, in widths
Quad drawn_window(const Quad& window, float beside, Random& random) {
  const Box box = window.bounds();
  float wide = random.between(0.85F, 1.3F), high = random.between(0.9F, 1.2F);
  if (random.chance(0.25F)) wide *= random.between(1, 1.6F);
  if (random.chance(0.2F)) high *= random.between(1, 1.25F);
  const float dx = beside * box.width, dy = random.normal() * 0.015F * box.height;
  const float turn = random.normal() * 0.03F, lean = random.chance(0.4F) ? random.normal() * 0.1F : 0;
  Quad out = window;
  const Point middle = box.center();
  for (Point& p : out.corners) {
    const float x = (p.x - middle.x) * wide, y = (p.y - middle.y) * high;
    p = {middle.x + x + dx - (turn + lean) * y, middle.y + y + dy + turn * x};
  }
  return out;
}

}  // namespace

Quad missed_window(const Quad& window, Random& random) {
  return drawn_window(window, random.normal() * 0.07F, random);
}

Quad slipped_window(const Quad& window, Random& random) {
  return drawn_window(window, random.between(-0.3F, 0.3F), random);
}

}  // namespace perch::trainer
