#include <algorithm>
#include <array>
#include <cmath>

#include "digits/wheels.hpp"
#include "scenes/core/canvas.hpp"
#include "scenes/core/tone.hpp"

namespace perch::trainer {

namespace {

using scenes::Canvas;
using scenes::Random;
using scenes::Rgb;
using scenes::Vec2;

constexpr float kPixelsPerDigit = 26;  ///< of its height
constexpr int kPlaces = 3;             ///< digits that are painted

/// Segments a to g, from the top clockwise, the middle one last: as bits of each digit.
constexpr std::array<unsigned, 10> kLit{0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f};

/// Between which corners each segment lies, in a box of 1 by 2.
constexpr std::array<std::array<Vec2, 2>, 7> kSegments{{{{{0, 0}, {1, 0}}},
                                                        {{{1, 0}, {1, 1}}},
                                                        {{{1, 1}, {1, 2}}},
                                                        {{{0, 2}, {1, 2}}},
                                                        {{{0, 1}, {0, 2}}},
                                                        {{{0, 0}, {0, 1}}},
                                                        {{{0, 1}, {1, 1}}}}};

/// How a display looks, measured in heights of its digits.
struct Display {
  float wide, stroke, gap, lean, pitch;
  Rgb ground, lit, unlit;

  static Display of(Random random) {
    Display out{};
    out.wide = random.between(0.42F, 0.62F);
    out.stroke = random.between(0.07F, 0.16F);
    out.gap = random.between(0.0F, 0.05F);
    out.lean = random.chance(0.6F) ? random.between(0.03F, 0.2F) : 0;
    out.pitch = out.wide + out.stroke + random.between(0.12F, 0.4F);
    const float bright = random.between(0.25F, 0.7F), dark = bright * random.between(0.05F, 0.5F);
    const bool glows = random.chance(0.2F);
    const float ghost = random.chance(0.5F) ? random.between(0, 0.15F) : 0;
    const float ground = glows ? dark : bright, lit = glows ? bright : dark;
    const float unlit = scenes::mix(ground, lit, ghost);
    out.ground = {ground, ground, ground};
    out.lit = {lit, lit, lit};
    out.unlit = {unlit, unlit, unlit};
    return out;
  }
};

void paint_digit(Canvas& canvas, const Display& display, int digit, Vec2 middle) {
  for (std::size_t s = 0; s < kSegments.size(); ++s) {
    const auto place = [&](Vec2 corner) {
      const Vec2 p{(corner.x - 0.5F) * display.wide, (corner.y - 1) * (0.5F - display.stroke / 2)};
      return middle + Vec2{p.x - display.lean * p.y, p.y};
    };
    Vec2 from = place(kSegments[s][0]), to = place(kSegments[s][1]);
    const Vec2 along = (to - from) * (1 / std::max(1e-3F, length(to - from)));
    from = from + along * display.gap;
    to = to - along * display.gap;
    const bool lit = (kLit[static_cast<std::size_t>(digit)] >> s & 1U) != 0;
    canvas.line(from, to, display.stroke, lit ? display.lit : display.unlit);
  }
}

}  // namespace

WheelCrop render_display(int digit, Random design, Random& random) {
  const Display display = Display::of(design.of(1));
  const float wide = display.pitch * kPlaces, high = design.of(2).between(1.5F, 2.2F);
  Canvas canvas(wide, high, kPixelsPerDigit);
  canvas.each({0, 0}, {wide, high}, [&](Vec2, Rgb& pixel) { pixel = display.ground; });
  const float edge = random.between(0.02F, 0.3F);  // of the case, where it reaches into the picture
  if (random.chance(0.4F)) canvas.box({0, 0}, {wide, edge}, 0, display.ground * random.between(0.1F, 1.6F));
  for (int place = 0; place < kPlaces; ++place) {
    const int shown = place == kPlaces / 2 ? digit : random.integer(0, 9);
    const Vec2 middle{display.pitch * (static_cast<float>(place) + 0.5F), high / 2};
    paint_digit(canvas, display, shown, middle);
    if (random.chance(0.2F))
      canvas.disc(middle + Vec2{display.pitch / 2 - 0.04F, 0.48F}, display.stroke * 0.7F, display.lit);
  }
  WheelCrop crop;
  crop.picture.reset(canvas.width(), canvas.height(), 1);
  const float exposure = random.between(0.6F, 1.3F);
  for (int y = 0; y < canvas.height(); ++y)
    for (int x = 0; x < canvas.width(); ++x) *crop.picture.at(x, y) = scenes::tone_byte(canvas.at(x, y).x * exposure);
  const float window_wide = (display.wide + display.stroke) * random.between(1.0F, 1.5F);
  const float window_high = random.between(1.1F, 1.4F);
  crop.window_px =
      Quad::from_box({(wide - window_wide) / 2 * kPixelsPerDigit, (high - window_high) / 2 * kPixelsPerDigit,
                      window_wide * kPixelsPerDigit, window_high * kPixelsPerDigit});
  crop.position = static_cast<float>(digit);
  return crop;
}

}  // namespace perch::trainer
