#include "scenes/meter/meter.hpp"

#include "image/homography.hpp"
#include "scenes/core/layer.hpp"
#include "scenes/core/noise.hpp"
#include "scenes/core/sensor.hpp"
#include "scenes/meter/face.hpp"

namespace perch::scenes::meter {

namespace {

constexpr double kLightStep_s = 600;

/// Of the painted face: enough for what a picture shows of it.
float pixels_per_mm(int width) {
  constexpr float kMost = 9;
  constexpr int kWideEnough = 640;
  return kMost * static_cast<float>(std::min(width, kWideEnough)) / kWideEnough;
}

/// Where the face's corners fall in the picture.
Quad aim(const Design& design, Random random, int width, int height, bool straight) {
  const float w = static_cast<float>(width), h = static_cast<float>(height);
  const Vec2 from = design.windows.front().from, to = design.windows.back().to;
  const float counter = to.x - from.x;
  const float share = straight ? 0.6F : random.between(0.34F, 0.78F);
  const float scale = share * w / counter;
  const Vec2 middle = (from + to) * 0.5F;
  const Vec2 at{w * (straight ? 0.5F : random.between(0.44F, 0.56F)),
                h * (straight ? 0.45F : random.between(0.36F, 0.58F))};
  const float roll = straight ? 0 : random.normal() * 0.035F;
  const float keystone = straight ? 0 : random.between(-0.0011F, 0.0011F);
  const float lean = straight ? 0 : random.between(-0.0016F, 0.0016F);
  Quad quad;
  const std::array<Vec2, 4> corners{{{0, 0}, {design.size.x, 0}, design.size, {0, design.size.y}}};
  for (std::size_t i = 0; i < 4; ++i) {
    const Vec2 p = corners[i] - middle;
    const float away = 1 + keystone * p.x + lean * p.y;
    const Vec2 turned{p.x * std::cos(roll) - p.y * std::sin(roll), p.x * std::sin(roll) + p.y * std::cos(roll)};
    quad.corners[i] = {at.x + turned.x * scale / away, at.y + turned.y * scale / away};
  }
  return quad;
}

class Meter : public Scene {
 public:
  explicit Meter(const Config& config);

  void render(double t_s, View& out) override;

 private:
  void set_light(std::int64_t step);
  void warp(Rect part);
  Rect on_picture(Vec2 from, Vec2 to) const;

  Point px(Vec2 mm) const { return image::apply(to_px_, {mm.x, mm.y}); }

  Config config_;
  Random random_;
  Design design_;
  Flow flow_;
  double offset_ = 0;
  Face face_;
  image::Homography to_px_{};
  image::Homography to_mm_{};
  Sensor sensor_;
  std::int64_t light_step_ = -1;
  bool lamp_ = true;
  float day_ = 1;
  std::vector<float> gain_;   ///< light on each pixel
  std::vector<float> glare_;  ///< light that the glass adds
  std::vector<double> shown_;
  double hands_ = -1;
  image::Picture picture_;
};

SensorTraits camera_of(Random random, const Config& config) {
  if (config.clean_camera) return {.noise = 0};
  SensorTraits traits = SensorTraits::of(random.of(1), config.width);
  Random draw = random.of(2);
  // Such cameras look from near and are seldom well focused.
  traits.blur_px = std::min(4.0F, (draw.chance(0.3F) ? draw.between(1.6F, 3.4F) : draw.between(0.4F, 1.6F)) *
                                      static_cast<float>(config.width) / 1280);
  traits.noise = draw.between(1.2F, 3.5F);
  traits.tint = {1 + draw.between(-0.14F, 0.06F), 1 + draw.between(-0.03F, 0.07F), 1 + draw.between(-0.12F, 0.1F)};
  traits.shake_px = 0;
  return traits;
}

Meter::Meter(const Config& config)
    : config_(config),
      random_(static_cast<std::uint64_t>(config.seed) * 4 + 2),
      design_(Design::of(config.kind, random_.of(1))),
      flow_(design_.kind, random_.of(2)),
      face_(design_, pixels_per_mm(config.width), random_.of(3)),
      sensor_(camera_of(random_.of(4), config), random_.of(5), config.width, config.height),
      shown_(design_.windows.size(), -1),
      picture_(config.width, config.height) {
  if (config.start >= 0) offset_ = config.start - flow_.value(0);
  const Quad picture = aim(design_, random_.of(6), config.width, config.height, config.clean_camera);
  const Quad face{{{{0, 0}, {design_.size.x, 0}, {design_.size.x, design_.size.y}, {0, design_.size.y}}}};
  to_px_ = image::homography(face, picture).value_or(image::Homography{1, 0, 0, 0, 1, 0, 0, 0, 1});
  to_mm_ = image::inverse(to_px_).value_or(image::Homography{1, 0, 0, 0, 1, 0, 0, 0, 1});
}

void Meter::set_light(std::int64_t step) {
  light_step_ = step;
  const float hour = static_cast<float>(std::fmod((static_cast<double>(step) + 0.5) * kLightStep_s, 86'400.0) / 3600);
  Random draw = random_.of(7);
  lamp_ = draw.chance(0.6F);
  const float window = draw.between(0.3F, 1.3F), around = draw.between(0, 2 * kPi);
  day_ = smoothstep(5.5F, 9, hour) * smoothstep(20.5F, 17, hour);
  const float ambient = config_.clean_camera ? 1 : (lamp_ ? 0.35F : 0.12F) * day_ * window + (lamp_ ? 0.0F : 0.05F);
  const float w = static_cast<float>(config_.width), h = static_cast<float>(config_.height);
  const Vec2 lamp_at{w * draw.between(0.3F, 0.7F), h * draw.between(0.2F, 0.8F)};
  const float lamp_wide = draw.between(0.18F, 0.7F) * w;
  // The lamp's picture in the glass, a window's picture, and smears that catch the light.
  const Vec2 spot{w * draw.between(0.1F, 0.9F), h * draw.between(0.05F, 0.95F)};
  const float spot_size = w * draw.between(0.012F, 0.05F), spot_long = draw.between(1, 3);
  const float spot_light = lamp_ ? draw.between(0.5F, 2.5F) : 0;
  const bool pane = draw.chance(0.35F);
  const Vec2 pane_at{w * draw.between(0, 1), h * draw.between(0, 1)};
  const float pane_lean = draw.between(-0.5F, 0.5F), pane_wide = w * draw.between(0.06F, 0.2F);
  const float pane_light = draw.between(0.02F, 0.10F) * day_;
  const float dirt = config_.clean_camera ? 0 : design_.dirt;
  const auto seed = static_cast<std::uint32_t>(random_.of(8).bits());
  const float speck_size = draw.between(60, 240);
  // Pictures are exposed for what they show, so that a lamp and a window give alike brightness.
  const float exposure = (config_.clean_camera ? 0.9F : draw.between(0.45F, 1.05F)) /
                         std::max(0.12F, ambient + (lamp_ && !config_.clean_camera ? 0.75F : 0.0F));

  const auto pixels = static_cast<std::size_t>(config_.width) * static_cast<std::size_t>(config_.height);
  gain_.resize(pixels);
  glare_.resize(pixels);
  std::size_t i = 0;
  for (int y = 0; y < config_.height; ++y)
    for (int x = 0; x < config_.width; ++x, ++i) {
      const Vec2 p{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
      if (config_.clean_camera) {
        gain_[i] = 1;
        glare_[i] = 0;
        continue;
      }
      const float slope = 1 + 0.35F * ((p.x / w - 0.5F) * std::cos(around) + (p.y / h - 0.5F) * std::sin(around));
      float light = ambient * slope, shine = 0;
      const Vec2 to_lamp = p - lamp_at;
      if (lamp_) {
        light += 1.1F / (1 + dot(to_lamp, to_lamp) / (lamp_wide * lamp_wide));
        const Vec2 to_spot{(p.x - spot.x) / spot_long, p.y - spot.y};
        const float away = dot(to_spot, to_spot) / (spot_size * spot_size);
        shine += spot_light * (std::exp(-away) + 0.12F / (1 + away * 0.4F));
      }
      if (pane) {
        const Vec2 q{p.x - pane_at.x + pane_lean * (p.y - pane_at.y), p.y - pane_at.y};
        const float edge = smoothstep(pane_wide, pane_wide * 0.9F, std::abs(q.x)) *
                           smoothstep(pane_wide * 1.4F, pane_wide * 1.3F, std::abs(q.y));
        shine += pane_light * edge * smoothstep(pane_wide * 0.03F, pane_wide * 0.06F, std::abs(q.x));
      }
      if (dirt > 0) {
        const float smear = smoothstep(0.1F, 0.9F, fractal_noise(p.x * 5 / w, p.y * 5 / w, seed, 4));
        const float speck =
            smoothstep(0.72F, 0.9F, fractal_noise(p.x * speck_size / w, p.y * speck_size / w, seed + 1, 2));
        shine += 0.10F * dirt * smear * light;
        light *= 1 - dirt * (0.25F * smear + 0.45F * speck);
      }
      gain_[i] = light * exposure;
      glare_[i] = shine * exposure;
    }
  warp({0, 0, config_.width, config_.height});
}

void Meter::warp(Rect part) {
  part = part.within({0, 0, config_.width, config_.height});
  const image::Homography& m = to_mm_;
  for (int y = part.top; y < part.bottom; ++y) {
    const double py = y + 0.5;
    std::uint8_t* to = picture_.at(part.left, y);
    std::size_t i =
        static_cast<std::size_t>(y) * static_cast<std::size_t>(config_.width) + static_cast<std::size_t>(part.left);
    for (int x = part.left; x < part.right; ++x, ++i, to += 3) {
      const double px = x + 0.5, k = 1 / (m[6] * px + m[7] * py + m[8]);
      const Vec2 mm{static_cast<float>((m[0] * px + m[1] * py + m[2]) * k),
                    static_cast<float>((m[3] * px + m[4] * py + m[5]) * k)};
      const Rgb c = face_.canvas().sample(mm) * gain_[i] + Rgb{1, 1, 1} * glare_[i];
      to[0] = tone_byte(c.x);
      to[1] = tone_byte(c.y);
      to[2] = tone_byte(c.z);
    }
  }
}

Rect Meter::on_picture(Vec2 from, Vec2 to) const {
  const Box box = Quad{{{px(from), px({to.x, from.y}), px(to), px({from.x, to.y})}}}.bounds();
  return Rect{static_cast<int>(box.x), static_cast<int>(box.y), static_cast<int>(box.right()) + 1,
              static_cast<int>(box.bottom()) + 1}
      .grown(2);
}

void Meter::render(double t_s, View& out) {
  const double value = flow_.value(t_s) + offset_;
  const double per_hour = flow_.per_hour(t_s);
  const double units = value * std::pow(10.0, design_.decimals);
  std::vector<double> position(design_.windows.size());
  wheel_positions(units, position);

  Rect changed;
  for (std::size_t i = 0; i < position.size(); ++i) {
    position[i] = std::fmod(position[i] + static_cast<double>(design_.play[i]) + 10, 10);
    if (shown_[i] >= 0 && std::abs(position[i] - shown_[i]) < 1e-9) continue;
    shown_[i] = position[i];
    face_.turn_wheel(i, static_cast<float>(position[i]));
    changed = changed.with(on_picture(design_.windows[i].from, design_.windows[i].to));
  }
  if (value != hands_ && face_.turn_hands(value))
    changed = changed.with(on_picture(face_.hands_from(), face_.hands_to()));
  hands_ = value;
  const auto step = static_cast<std::int64_t>(t_s / kLightStep_s);
  if (step != light_step_)
    set_light(step);
  else
    warp(changed);
  sensor_.expose(picture_, t_s, lamp_ ? 1 : 1 + 1.6F * (1 - day_), out.picture);
  out.grid = {};
  out.jpeg_quality = sensor_.traits().jpeg_quality;

  Truth& truth = out.truth;
  truth = {};
  truth.scene = "meter";
  truth.seed = static_cast<std::uint64_t>(config_.seed);
  truth.t_s = t_s;
  truth.width = config_.width;
  truth.height = config_.height;
  truth.light = lamp_ ? "lamp" : day_ > 0.5F ? "day" : day_ > 0.05F ? "dusk" : "night";
  TrueMeter meter{std::string(config::enum_name(design_.kind)), design_.unit, value, per_hour, design_.decimals, {}};
  for (std::size_t i = 0; i < position.size(); ++i) {
    const Window& w = design_.windows[i];
    meter.wheels.push_back({Quad{{{px(w.from), px({w.to.x, w.from.y}), px(w.to), px({w.from.x, w.to.y})}}},
                            static_cast<float>(position[i])});
  }
  truth.meter = std::move(meter);
}

}  // namespace

std::unique_ptr<Scene> create(const Config& config) {
  return std::make_unique<Meter>(config);
}

}  // namespace perch::scenes::meter
