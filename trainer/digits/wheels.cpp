#include "digits/wheels.hpp"

#include <algorithm>
#include <cmath>

#include "scenes/core/tone.hpp"
#include "scenes/meter/face.hpp"

namespace perch::trainer {

namespace {

using scenes::Random;
using scenes::Rgb;
using scenes::Vec2;
namespace meter = scenes::meter;

constexpr float kPixelsPerMm = 3.2F;
constexpr float kAround_mm = 4;        ///< of the face that is painted around the counter
constexpr float kAroundWindow = 0.3F;  ///< of a crop: so much of the window's size on each side

/// Digits from almost round to almost straight, narrow to wide, thin to fat: more than the scene draws, since what was
/// not drawn cannot be read.
void vary_digits(meter::Design& design, Random random) {
  if (random.chance(0.5F)) design.hand.square = random.between(2.5F, 9);
  design.hand.narrow = random.between(0.42F, 0.85F);
  design.hand.stroke = random.between(0.07F, 0.19F);
  design.pitch_mm = design.digit_mm * random.between(1.08F, 1.5F);
  const float ink = design.hand.narrow + design.hand.stroke;  // of the digit's height, as wide as it is
  const float wide = design.digit_mm * ink * random.between(0.95F, 1.5F), high = random.between(-0.12F, 0.06F);
  for (meter::Window& window : design.windows) {
    const float middle = (window.from.x + window.to.x) / 2;
    window.from = {middle - wide / 2, window.from.y - high * design.digit_mm};
    window.to = {middle + wide / 2, window.to.y + high * design.digit_mm};
  }
}

/// A design of which nothing but the counter is left.
meter::Design counter_of(Random random) {
  meter::Design design = meter::Design::of(meter::Kind::any, random);
  const Vec2 origin = design.windows.front().from - Vec2{kAround_mm, kAround_mm};
  for (meter::Window& window : design.windows) {
    window.from = window.from - origin;
    window.to = window.to - origin;
  }
  design.size = design.windows.back().to + Vec2{kAround_mm, kAround_mm};
  design.dials.clear();
  design.disc = false;
  design.round_face = false;
  vary_digits(design, random.of(9));
  return design;
}

WheelCrop cut(const scenes::Canvas& canvas, const meter::Window& window, float exposure) {
  const Vec2 from = window.from * canvas.scale(), to = window.to * canvas.scale();
  const Vec2 around = (to - from) * kAroundWindow;
  const int left = static_cast<int>(from.x - around.x), top = static_cast<int>(from.y - around.y);
  const int width = static_cast<int>(to.x + around.x) - left + 1, height = static_cast<int>(to.y + around.y) - top + 1;
  WheelCrop crop;
  crop.picture.reset(width, height, 1);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const Rgb& c =
          canvas.at(std::clamp(left + x, 0, canvas.width() - 1), std::clamp(top + y, 0, canvas.height() - 1));
      const float luma = 0.299F * scenes::tone_byte(c.x * exposure) + 0.587F * scenes::tone_byte(c.y * exposure) +
                         0.114F * scenes::tone_byte(c.z * exposure);
      *crop.picture.at(x, y) = static_cast<std::uint8_t>(std::lround(luma));
    }
  crop.window_px = Quad::from_box(
      {from.x - static_cast<float>(left), from.y - static_cast<float>(top), to.x - from.x, to.y - from.y});
  return crop;
}

/// One pass of [a, 1 − 2a, a] in each direction.
void blur(std::vector<float>& pixels, int width, int height, float a) {
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

}  // namespace

std::vector<WheelCrop> render_wheels(Random random, int designs, int each) {
  std::vector<WheelCrop> crops;
  crops.reserve(static_cast<std::size_t>(designs) * static_cast<std::size_t>(each));
  for (int d = 0; d < designs; ++d) {
    Random draw = random.of(d, 1);
    const meter::Design design = counter_of(random.of(d, 2));
    meter::Face face(design, kPixelsPerMm, random.of(d, 3));
    const int count = static_cast<int>(design.windows.size());
    for (int i = 0; i < each; ++i) {
      const auto window = static_cast<std::size_t>(draw.chance(0.4F) ? count - 1 : draw.integer(0, count - 1));
      const float position = std::min(draw.between(0, 10), 9.9999F);
      face.turn_wheel(window, position);
      crops.push_back(cut(face.canvas(), design.windows[window], draw.between(0.5F, 1.2F)));
      crops.back().position = position;
    }
  }
  return crops;
}

void weather_wheel(image::Picture& grey, Random& random) {
  const int width = grey.width(), height = grey.height();
  std::vector<float> light(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  const float contrast = random.between(0.25F, 1.2F), lift = random.between(-30, 70),
              gamma = random.between(0.6F, 1.6F);
  const float slope_x = random.normal() * 0.25F, slope_y = random.normal() * 0.3F;
  const bool glare = random.chance(0.3F);
  const Vec2 spot{random.uniform(), random.uniform()};
  const float spot_size = random.between(0.05F, 0.35F), spot_light = random.between(40, 200);
  std::size_t i = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x, ++i) {
      const float u = static_cast<float>(x) / static_cast<float>(width),
                  v = static_cast<float>(y) / static_cast<float>(height);
      const float level = std::pow(static_cast<float>(*grey.at(x, y)) / 255, gamma) * 255;
      light[i] = (level * contrast + lift) * (1 + slope_x * (u - 0.5F) + slope_y * (v - 0.5F));
      if (glare) {
        const float dx = u - spot.x, dy = v - spot.y;
        light[i] += spot_light * std::exp(-(dx * dx + dy * dy) / (spot_size * spot_size));
      }
    }
  const int passes = random.integer(0, 6);
  for (int pass = 0; pass < passes; ++pass) blur(light, width, height, random.between(0.1F, 0.3F));
  const float noise = random.chance(0.5F) ? random.between(0, 4) : random.between(0, 10);
  const bool negative = random.chance(0.08F);
  for (i = 0; i < light.size(); ++i) {
    // The sum of three even numbers is normal enough, and cheap.
    const float n = (random.uniform() + random.uniform() + random.uniform() - 1.5F) * 2 * noise;
    const float level = std::clamp(light[i] + n, 0.0F, 255.0F);
    grey.data()[i] = static_cast<std::uint8_t>(negative ? 255 - level : level);
  }
}

Quad missed_window(const Quad& window, Random& random) {
  const Box box = window.bounds();
  const float wide = random.between(0.8F, 1.3F), high = random.between(0.92F, 1.22F);
  const float dx = random.normal() * 0.08F * box.width, dy = random.normal() * 0.02F * box.height;
  const float lean = random.normal() * 0.03F;
  Quad out = window;
  const Point middle = box.center();
  for (Point& p : out.corners) {
    const float x = (p.x - middle.x) * wide, y = (p.y - middle.y) * high;
    p = {middle.x + x + dx - lean * y, middle.y + y + dy + lean * x};
  }
  return out;
}

}  // namespace perch::trainer
