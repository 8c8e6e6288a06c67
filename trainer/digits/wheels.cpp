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
constexpr float kAround_mm = 6;                          ///< of the face that is painted around the counter
constexpr float kAroundWide = 0.6F, kAroundHigh = 0.4F;  ///< of a crop: so much of the window's size on each side
constexpr std::ptrdiff_t kWindows = 4;
constexpr float kDisplays = 1 / 15.0F;  ///< so many of the designs are displays

/// Digits from almost round to almost straight, narrow to wide, thin to fat: more than the scene draws, since what was
/// not drawn cannot be read.
void vary_hand(meter::Hand& hand, Random random) {
  if (random.chance(0.5F)) hand.square = random.chance(0.3F) ? random.between(6, 16) : random.between(2.2F, 6);
  hand.narrow = random.between(0.42F, 0.85F);
  if (random.chance(0.2F)) hand.flag_on_one = hand.foot_on_one = false;
  hand.stroke = random.between(0.07F, 0.2F);
  hand.round_tails = random.chance(0.55F);
  hand.tail_end_deg = random.between(-85, -8);
  hand.bowl = random.between(0.26F, 0.35F);
  hand.upright_four = random.chance(0.2F);
  hand.bent_seven = random.chance(0.3F);
  hand.hooked_seven = random.chance(0.2F);
  if (random.chance(0.2F)) {
    hand.block = hand.round_tails = true;
    hand.hook = random.between(0, 0.2F);
    hand.upright_seven = random.chance(0.5F);
    hand.square = random.between(5, 20);
    hand.flag_on_one = random.chance(0.3F);
    hand.upright_four = random.chance(0.6F);
    hand.tail_end_deg = random.between(-40, -5);
  }
}

/// Windows that show as little as the digit at rest, or as much as two of them; `kWindows` of a counter are enough to
/// have neighbours.
void vary_windows(meter::Design& design, Random random) {
  design.pitch_mm = design.digit_mm * random.between(1.08F, 1.75F);
  const float wide = design.digit_mm * design.hand.narrow * random.between(1.0F, 1.7F);
  const float high = design.digit_mm * random.between(1.05F, random.chance(0.25F) ? 2.1F : 1.6F);
  const float gap = design.digit_mm * (random.chance(0.4F) ? random.between(0.02F, 0.1F) : random.between(0.1F, 0.6F));
  if (design.windows.size() > kWindows) design.windows.erase(design.windows.begin(), design.windows.end() - kWindows);
  float x = kAround_mm;
  for (meter::Window& window : design.windows) {
    window.from = {x, kAround_mm};
    window.to = {x + wide, kAround_mm + high};
    x += wide + gap;
  }
  design.size = design.windows.back().to + Vec2{kAround_mm, kAround_mm};
}

/// A design of which nothing but the counter is left.
meter::Design counter_of(Random random) {
  meter::Design design = meter::Design::of(meter::Kind::any, random);
  design.dials.clear();
  design.disc = false;
  design.round_face = false;
  vary_hand(design.hand, random.of(9));
  vary_windows(design, random.of(10));
  return design;
}

WheelCrop cut(const scenes::Canvas& canvas, const meter::Window& window, float exposure) {
  const Vec2 from = window.from * canvas.scale(), to = window.to * canvas.scale();
  const Vec2 around{(to.x - from.x) * kAroundWide, (to.y - from.y) * kAroundHigh};
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

void render_rollers(Random random, Random& draw, int count, std::vector<WheelCrop>& crops) {
  const meter::Design design = counter_of(random.of(2));
  meter::Face face(design, kPixelsPerMm, random.of(3));
  const int windows = static_cast<int>(design.windows.size());
  const auto position = [&] { return std::min(draw.between(0, 10), 9.9999F); };
  for (std::size_t i = 0; i < design.windows.size(); ++i) face.turn_wheel(i, position());
  for (int i = 0; i < count; ++i) {
    const auto window = static_cast<std::size_t>(draw.chance(0.3F) ? windows - 1 : draw.integer(0, windows - 1));
    const float at = position();
    face.turn_wheel(window, at);
    crops.push_back(cut(face.canvas(), design.windows[window], draw.between(0.5F, 1.2F)));
    crops.back().position = at;
  }
}

}  // namespace

std::vector<WheelCrop> render_wheels(Random random, int designs, int each) {
  std::vector<WheelCrop> crops;
  crops.reserve(static_cast<std::size_t>(designs) * static_cast<std::size_t>(each));
  for (int d = 0; d < designs; ++d) {
    Random draw = random.of(d, 1);
    if (draw.chance(kDisplays))
      for (int i = 0; i < each; ++i) crops.push_back(render_display(draw.integer(0, 9), random.of(d, 2), draw));
    else
      render_rollers(random.of(d), draw, each, crops);
  }
  return crops;
}

}  // namespace perch::trainer
