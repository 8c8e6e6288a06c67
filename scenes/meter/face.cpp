#include "scenes/meter/face.hpp"

#include "scenes/core/noise.hpp"

namespace perch::scenes::meter {

namespace {

/// Strokes of the few letters that meters need, in a box of 1 by 1, y downwards.
std::vector<std::vector<Vec2>> letter(char c) {
  switch (c) {
    case 'k':
      return {{{0.1F, 0}, {0.1F, 1}}, {{0.75F, 0.35F}, {0.1F, 0.72F}}, {{0.3F, 0.62F}, {0.8F, 1}}};
    case 'W':
      return {{{-0.1F, 0}, {0.2F, 1}, {0.5F, 0.2F}, {0.8F, 1}, {1.1F, 0}}};
    case 'h':
      return {{{0.15F, 0}, {0.15F, 1}}, {{0.15F, 0.5F}, {0.5F, 0.36F}, {0.8F, 0.5F}, {0.8F, 1}}};
    case 'm':
      return {{{0, 1}, {0, 0.38F}},
              {{0, 0.5F}, {0.25F, 0.38F}, {0.5F, 0.5F}, {0.5F, 1}},
              {{0.5F, 0.5F}, {0.75F, 0.38F}, {1, 0.5F}, {1, 1}}};
    case 'N':
      return {{{0.1F, 1}, {0.1F, 0}, {0.8F, 1}, {0.8F, 0}}};
    default:
      return {};
  }
}

}  // namespace

Face::Face(const Design& design, float pixels_per_mm, Random random)
    : design_(design),
      glyphs_(design.hand),
      print_glyphs_(Hand{.narrow = 0.58F, .stroke = 0.13F}),
      noise_seed_(static_cast<std::uint32_t>(random.of(1).bits())),
      canvas_(design.size.x, design.size.y, pixels_per_mm) {
  paint_wall();
  paint_plate(random.of(2));
  paint_print(random.of(3));
  paint_windows();
  hands_from_ = design_.size;
  const auto reach = [&](Vec2 from, Vec2 to) {
    hands_from_ = {std::min(hands_from_.x, from.x), std::min(hands_from_.y, from.y)};
    hands_to_ = {std::max(hands_to_.x, to.x), std::max(hands_to_.y, to.y)};
  };
  for (const Dial& dial : design_.dials) {
    const Vec2 r{dial.radius + 2, dial.radius + 2};
    reach(dial.middle - r, dial.middle + r);
  }
  if (design_.disc) {
    const Vec2 middle{design_.size.x / 2, design_.windows.front().to.y + 17};
    reach(middle - Vec2{30, 4}, middle + Vec2{30, 4});
  }
  printed_ = canvas_;
}

void Face::paint_wall() {
  // Most of the wall is behind the meter, whatever its rim (paint_plate): there it needs no grain.
  constexpr float kMostRim = 21;
  const Vec2 half = design_.size * 0.5F;
  const auto is_hidden = [&](Vec2 p) {
    if (design_.round_face) return length(p - half) < 0.49F * design_.size.y;
    return std::abs(p.x - half.x) < half.x - kMostRim && std::abs(p.y - half.y) < half.y - kMostRim;
  };
  canvas_.each({0, 0}, design_.size, [&](Vec2 p, Rgb& pixel) {
    pixel = design_.wall;
    if (is_hidden(p)) return;
    const float n = fractal_noise(p.x * 0.05F, p.y * 0.05F, noise_seed_, 5) * 0.25F;
    const float fine = fractal_noise(p.x * 1.5F, p.y * 1.5F, noise_seed_ + 1, 2) * 0.08F;
    pixel = pixel * (1 + n + fine);
  });
}

void Face::paint_plate(Random random) {
  const Vec2 size = design_.size, middle{size.x / 2, size.y / 2};
  if (design_.round_face) {
    const float r = 0.49F * size.y;
    const Rgb ring = random.chance(0.5F) ? Rgb{0.42F, 0.27F, 0.10F} : Rgb{0.08F, 0.16F, 0.35F};
    canvas_.disc(middle, r + 6, ring * 0.6F);
    canvas_.disc(middle, r + 4.5F, ring);
    canvas_.disc(middle, r, design_.plate * 0.5F);
    canvas_.disc(middle, r - 0.8F, design_.plate);
  } else {
    const float rim = random.between(3, 12);
    canvas_.box({rim, rim}, size - Vec2{rim, rim}, random.between(1, 9), design_.housing);
    canvas_.box({rim + 4, rim + 4}, size - Vec2{rim + 4, rim + 4}, random.between(1, 6), design_.plate * 0.55F);
    canvas_.box({rim + 4.6F, rim + 4.6F}, size - Vec2{rim + 4, rim + 4}, random.between(1, 6), design_.plate);
  }
  canvas_.each({0, 0}, size, [&](Vec2 p, Rgb& pixel) {
    pixel = pixel * (1 + 0.05F * fractal_noise(p.x * 0.07F, p.y * 0.07F, noise_seed_ + 2, 3));
  });
}

void Face::write(Vec2 at, float height, std::string_view text, Rgb ink) {
  const float advance = height * 0.78F;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      const Vec2 middle = at + Vec2{height * 0.3F, height / 2};
      canvas_.fill(
          at - Vec2{1, 1}, at + Vec2{height, height + 1},
          [&](Vec2 p) { return print_glyphs_.distance(c - '0', (p - middle) * (1 / height)) * height; }, ink);
    }
    for (const std::vector<Vec2>& stroke : letter(c))
      for (std::size_t i = 0; i + 1 < stroke.size(); ++i)
        canvas_.line(at + Vec2{stroke[i].x * 0.6F, stroke[i].y} * height,
                     at + Vec2{stroke[i + 1].x * 0.6F, stroke[i + 1].y} * height, height * 0.13F, ink);
    at.x += advance;
  }
}

void Face::paint_print(Random random) {
  const Vec2 right = design_.windows.back().to, left = design_.windows.front().from;
  const Rgb ink = design_.print;
  if (design_.kind == Kind::electricity) {
    write({right.x + 4, right.y - 7}, 5.5F, "kWh", ink);
  } else {
    write({right.x + 4, right.y - 7}, 5.5F, "m", ink);
    write({right.x + 9, right.y - 9}, 3, "3", ink);
  }
  std::string serial = "N ";
  for (int i = 0; i < 8; ++i) serial += static_cast<char>('0' + random.integer(0, 9));
  const float low = design_.disc ? right.y + 26 : right.y + 16;
  write({left.x + random.between(-4, 14), left.y - random.between(12, 17)}, random.between(2.6F, 4), serial, ink);
  // Lines of small print, too small to be read by a camera.
  const float indent = design_.round_face ? 26 : 16;
  for (int row = 0; row < 5; ++row) {
    float x = indent + random.between(0, 6);
    const float y = low + 4.2F * static_cast<float>(row);
    if (y > design_.size.y - (design_.round_face ? 20 : 15)) break;
    const float end = x + random.between(20, design_.round_face ? 30 : 70);
    while (x < end) {
      const float word = random.between(2, 9);
      for (float letter_x = x; letter_x < x + word; letter_x += 1.25F) {
        canvas_.line({letter_x, y}, {letter_x + random.between(-0.2F, 0.6F), y + random.between(0.9F, 1.7F)}, 0.28F,
                     ink, 0.9F);
        if (random.chance(0.6F))
          canvas_.line({letter_x, y + random.between(0, 1.5F)}, {letter_x + 0.8F, y + random.between(0, 1.5F)}, 0.25F,
                       ink, 0.9F);
      }
      x += word + 2;
    }
  }
  if (random.chance(0.4F) && !design_.round_face)
    for (float x = design_.size.x - 62; x < design_.size.x - 22; x += random.between(0.5F, 1.5F))
      canvas_.box({x, low + 2}, {x + random.between(0.2F, 0.7F), low + 10}, 0, ink);
}

void Face::paint_windows() {
  const Vec2 from = design_.windows.front().from, to = design_.windows.back().to;
  const Rgb shadow{0.012F, 0.012F, 0.013F};
  if (design_.strip) {
    canvas_.box(from - Vec2{3.2F, 3.2F}, to + Vec2{3.2F, 3.2F}, 1, design_.plate * 0.45F);
    canvas_.box(from - Vec2{2.2F, 2.2F}, to + Vec2{2.2F, 2.2F}, 0.5F, shadow);
  }
  const Rgb red{0.46F, 0.025F, 0.03F};
  for (const Window& w : design_.windows) {
    if (w.decimal && design_.framed_decimals)
      canvas_.box(w.from - Vec2{1.9F, 2.6F}, w.to + Vec2{1.9F, 2.6F}, 0.4F, red);
    else if (!design_.strip)
      canvas_.box(w.from - Vec2{0.8F, 0.8F}, w.to + Vec2{0.8F, 0.8F}, 0.4F, design_.plate * 0.5F);
    canvas_.box(w.from - Vec2{0.3F, 0.3F}, w.to + Vec2{0.3F, 0.3F}, 0.2F, shadow);
  }
  // A decimal point.
  if (design_.decimals > 0) {
    const Window& last = design_.windows[design_.windows.size() - static_cast<std::size_t>(design_.decimals) - 1];
    const float gap = design_.windows[1].from.x - design_.windows[0].to.x;
    if (gap > 2)
      canvas_.disc({last.to.x + gap / 2, last.to.y - 0.5F}, 0.65F,
                   design_.strip ? Rgb{0.6F, 0.6F, 0.6F} : design_.print);
  }
}

void Face::turn_wheel(std::size_t index, float position) {
  const Window& w = design_.windows[index];
  const Rgb wheel = w.decimal ? design_.decimal_wheel : design_.wheel;
  const Rgb ink = w.decimal ? design_.decimal_ink : design_.ink;
  const Vec2 middle = (w.from + w.to) * 0.5F, half = (w.to - w.from) * 0.5F;
  const float radius = std::max(10 * design_.pitch_mm / (2 * kPi), half.y * 1.04F);
  const float digit = design_.digit_mm, pixels = canvas_.scale();
  const bool last = index + 1 == design_.windows.size();
  const auto seed = noise_seed_ + 50 + static_cast<std::uint32_t>(index);
  canvas_.each(w.from, w.to, [&](Vec2 p, Rgb& pixel) {
    const float x = p.x - middle.x, sine = (p.y - middle.y) / radius;
    const float turned = std::asin(std::clamp(sine, -0.999F, 0.999F));
    const float around = position + turned * radius / design_.pitch_mm;
    const float nearest = std::round(around);
    const float along = (around - nearest) * design_.pitch_mm;
    const int shown = ((static_cast<int>(nearest) % 10) + 10) % 10;
    const float facing = std::cos(turned);
    const float grime = fractal_noise(x * 0.6F, around * 2.1F, seed, 4);
    Rgb colour = wheel * (1 + 0.18F * design_.wear * grime);
    float cover = 0;
    if (std::abs(x) < digit * 0.5F) {
      const float ink_mm = glyphs_.distance(shown, {x / digit, along / digit}) * digit;
      cover = std::clamp(0.5F - ink_mm * pixels * 0.8F, 0.0F, 1.0F);
    }
    if (last && design_.ticks && x > half.x * 0.72F) {
      const float mark = std::abs(around * 5 - std::round(around * 5)) / 5 * design_.pitch_mm;
      cover = std::max(cover, std::clamp(0.5F - (mark - 0.22F) * pixels, 0.0F, 1.0F));
    }
    if (cover > 0) {
      const float worn = design_.wear * smoothstep(0.0F, 0.9F, fractal_noise(x * 1.3F, around * 6, seed + 20, 3));
      colour = mix(colour, ink * (1 + 0.1F * grime), cover * (1 - 0.75F * worn));
    }
    // Round, deep in its window: dark at the upper edge, at the sides and where it turns away.
    const float light = facing * (0.25F + 0.75F * smoothstep(-1.02F, -0.62F, (p.y - middle.y) / half.y)) *
                        smoothstep(-0.05F * half.x, 0.12F * half.x, half.x - std::abs(x));
    pixel = colour * light;
  });
}

bool Face::turn_hands(double value) {
  if (design_.dials.empty() && !design_.disc) return false;
  canvas_.each(hands_from_, hands_to_, [&](Vec2 p, Rgb& pixel) {
    const int x = static_cast<int>(p.x * canvas_.scale()), y = static_cast<int>(p.y * canvas_.scale());
    // Windows may lie within; they keep what they show.
    for (const Window& w : design_.windows)
      if (p.x >= w.from.x - 0.1F && p.x <= w.to.x + 0.1F && p.y >= w.from.y - 0.1F && p.y <= w.to.y + 0.1F) return;
    pixel = printed_.at(x, y);
  });
  const Rgb red{0.5F, 0.02F, 0.02F};
  for (const Dial& dial : design_.dials) {
    canvas_.disc(dial.middle, dial.radius + 1, design_.print, 1, 0.3F);
    for (int i = 0; i < 10; ++i) {
      const float a = 2 * kPi * static_cast<float>(i) / 10;
      const Vec2 out{std::sin(a), -std::cos(a)};
      canvas_.line(dial.middle + out * (dial.radius * 0.82F), dial.middle + out * dial.radius, 0.35F, design_.print);
    }
    const double turns = value * dial.turns_per_unit / 10;
    const float a = 2 * kPi * static_cast<float>(turns - std::floor(turns));
    const Vec2 out{std::sin(a), -std::cos(a)};
    canvas_.line(dial.middle - out * (dial.radius * 0.3F), dial.middle + out * (dial.radius * 0.85F), 0.9F, red);
    canvas_.disc(dial.middle, 1.1F, red * 0.8F);
  }
  if (design_.disc) {
    const Vec2 middle{design_.size.x / 2, design_.windows.front().to.y + 17};
    canvas_.box(middle - Vec2{29, 3.4F}, middle + Vec2{29, 3.4F}, 0.8F, {0.02F, 0.02F, 0.02F});
    canvas_.box(middle - Vec2{27, 1.1F}, middle + Vec2{27, 1.1F}, 0.3F, {0.45F, 0.45F, 0.46F});
    // The edge of the disc runs by, seventy-five turns for a kilowatt-hour, with one red mark.
    const double turns = value * 75;
    const float a = 2 * kPi * static_cast<float>(turns - std::floor(turns));
    for (int i = 0; i < 60; ++i) {
      const float mark = a + 2 * kPi * static_cast<float>(i) / 60;
      if (std::cos(mark) < 0.05F) continue;
      const float x = middle.x + 27 * std::sin(mark);
      canvas_.line({x, middle.y - 0.7F}, {x, middle.y + 0.1F}, 0.35F, {0.1F, 0.1F, 0.1F}, 0.7F);
    }
    if (std::cos(a) > 0)
      canvas_.box({middle.x + 27 * std::sin(a) - 2.2F * std::cos(a), middle.y - 1},
                  {middle.x + 27 * std::sin(a) + 2.2F * std::cos(a), middle.y + 1}, 0, red);
  }
  return true;
}

}  // namespace perch::scenes::meter
