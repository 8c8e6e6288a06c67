#include <array>

#include "scenes/meter/face.hpp"

namespace perch::scenes::meter {

namespace {

void set_colours(Design& d, Random random) {
  static constexpr std::array<Rgb, 5> kPlates{{{0.72F, 0.72F, 0.70F},
                                               {0.55F, 0.55F, 0.54F},
                                               {0.80F, 0.79F, 0.74F},
                                               {0.28F, 0.30F, 0.31F},
                                               {0.63F, 0.50F, 0.16F}}};
  d.plate =
      kPlates[static_cast<std::size_t>(random.integer(0, d.kind == Kind::gas ? 4 : 3))] * random.between(0.75F, 1.1F);
  d.print = luminance(d.plate) > 0.4F ? Rgb{0.03F, 0.03F, 0.035F} : Rgb{0.7F, 0.7F, 0.68F};
  d.housing = random.chance(0.5F) ? Rgb{0.05F, 0.05F, 0.055F} : Rgb{0.35F, 0.36F, 0.36F} * random.between(0.5F, 1.4F);
  d.wall = Rgb{random.between(0.3F, 0.6F), random.between(0.3F, 0.55F), random.between(0.26F, 0.5F)} *
           random.between(0.3F, 1);

  const Rgb black = Rgb{0.025F, 0.025F, 0.027F} * random.between(0.6F, 2.2F);
  const Rgb white = Rgb{0.72F, 0.71F, 0.67F} * random.between(0.7F, 1.1F);
  const Rgb red = Rgb{0.48F, 0.03F, 0.03F} * random.between(0.6F, 1.15F);
  const bool dark = random.chance(d.kind == Kind::water ? 0.3F : 0.8F);
  d.wheel = dark ? black : white;
  d.ink = dark ? white : black;
  d.decimal_wheel = d.wheel;
  d.decimal_ink = d.ink;
  switch (random.integer(0, 2)) {
    case 0:
      d.decimal_wheel = red;
      d.decimal_ink = white;
      break;
    case 1:
      d.decimal_wheel = dark ? black : white;
      d.decimal_ink = dark ? white : red;
      break;
    default:
      d.framed_decimals = true;
      break;
  }
}

}  // namespace

Design Design::of(Kind kind, Random random) {
  Design d;
  Random draw = random.of(1);
  d.kind = kind != Kind::any ? kind : static_cast<Kind>(1 + random.of(2).integer(0, 2));
  d.unit = d.kind == Kind::electricity ? "kWh" : "m³";
  d.decimals = d.kind == Kind::electricity ? draw.integer(0, 1)
               : d.kind == Kind::gas       ? draw.integer(2, 3)
                                           : draw.integer(3, 4);
  const int whole = d.kind == Kind::electricity ? draw.integer(5, 6) : d.kind == Kind::gas ? 5 : draw.integer(4, 5);
  set_colours(d, random.of(3));
  d.hand = Hand::of(random.of(4));
  d.digit_mm = draw.between(5.5F, 8.5F);
  d.pitch_mm = d.digit_mm * draw.between(1.22F, 1.5F);
  d.strip = draw.chance(0.45F);
  d.ticks = draw.chance(0.5F);
  d.wear = draw.between(0, 0.5F);
  d.dirt = draw.between(0, 0.6F);
  d.round_face = d.kind == Kind::water && draw.chance(0.8F);

  const int count = whole + d.decimals;
  const float wide = d.digit_mm * draw.between(0.78F, 1.0F), gap = d.digit_mm * draw.between(0.1F, 0.5F);
  const float tall = d.digit_mm * draw.between(1.25F, 1.75F);
  const Vec2 middle{d.size.x / 2, d.size.y * (d.round_face ? 0.42F : draw.between(0.36F, 0.48F))};
  float x = middle.x - (wide * static_cast<float>(count) + gap * static_cast<float>(count - 1)) / 2;
  for (int i = 0; i < count; ++i) {
    d.windows.push_back({{x, middle.y - tall / 2}, {x + wide, middle.y + tall / 2}, i >= whole});
    d.play.push_back(std::clamp(random.of(5, i).normal() * 0.035F, -0.09F, 0.09F));
    x += wide + gap;
  }
  d.disc = d.kind == Kind::electricity && draw.chance(0.75F);
  if (d.kind == Kind::water || (d.kind == Kind::gas && draw.chance(0.3F))) {
    const int dials = d.kind == Kind::water ? draw.integer(1, 4) : 1;
    double turns = std::pow(10.0, d.decimals);
    for (int i = 0; i < dials; ++i) {
      const float radius = draw.between(4.5F, 6.5F);
      const float turn = 0.35F + 0.72F * static_cast<float>(i);
      d.dials.push_back(
          {{middle.x + 30 * std::cos(turn), middle.y + tall / 2 + 5 + 22 * std::sin(turn)}, radius, turns});
      turns /= 10;
      if (turns < 1) break;
    }
  }
  return d;
}

}  // namespace perch::scenes::meter
