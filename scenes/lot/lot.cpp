#include "scenes/lot/lot.hpp"

#include <map>

#include "scenes/core/figure.hpp"
#include "scenes/core/rain.hpp"
#include "scenes/core/sensor.hpp"
#include "scenes/lot/car.hpp"
#include "scenes/lot/grounds.hpp"
#include "scenes/lot/traffic.hpp"

namespace perch::scenes::lot {

namespace {

constexpr double kLightStep_s = 300;  ///< how long the light stays as it is
constexpr std::size_t kMostObjects = 250;

/// What a layer shows of one object.
struct Drawn {
  TrueObject object;
  int samples = 0;
};

class Lot : public Scene {
 public:
  explicit Lot(const Config& config);

  void render(double t_s, View& out) override;

 private:
  struct Sky {
    Weather weather = Weather::clear;
    float bright = 1;
    float hour = 12;
    float night = 0;
    float wet = 0;
  };

  Sky sky_at(double t_s) const;
  void set_light(std::int64_t step);
  void draw_parked(const TrafficNow& now);
  void draw_moving(const TrafficNow& now);
  Drawn draw_car(Layer& layer, const CarNow& now, std::uint8_t number, const Lighting& lighting);
  Drawn draw_walker(Layer& layer, const WalkerNow& now, std::uint8_t number, const Lighting& lighting);
  const Car& car(std::uint64_t key);
  /// What of the picture things within a box around `place` can change: themselves, their shadow, their headlights.
  Rect reach(const Placed& place, Vec3 half, float ahead) const;
  void shade_ground(Layer& layer, Rect part, const ShadowMap& shadows, const std::vector<CarNow>& cars) const;

  float lights_of(const CarNow& now) const { return now.driving ? smoothstep(0.25F, 0.6F, sky_.night) : 0; }

  void fill_truth(double t_s, const TrafficNow& now, Truth& truth) const;
  void add_overlay(double t_s);

  Config config_;
  Random random_;
  Layout layout_;
  ViewPoint view_;
  SunPath path_;
  Grounds grounds_;
  Traffic traffic_;
  Sensor sensor_;
  Figure figure_;
  std::map<std::uint64_t, Car> cars_;

  std::int64_t light_step_ = -1;
  Sky sky_;
  Light light_;
  Rgb lamp_colour_;
  ShadowMap fixed_shadows_;
  ShadowMap parked_shadows_;
  ShadowMap moving_shadows_;
  Layer base_;    ///< what never moves, in the light of now
  Layer parked_;  ///< and the cars that stand
  Layer now_;     ///< and who moves
  Rect changed_;  ///< where `now_` differs from `parked_`
  std::vector<int> parked_ids_;
  std::vector<Drawn> drawn_parked_;
  std::vector<Drawn> drawn_;
  std::array<int, 256> parked_counts_{};
  std::array<int, 256> counts_{};
  image::Picture picture_;  ///< of `now_`
  image::Picture seen_;     ///< with rain and halos
};

Lot::Lot(const Config& config)
    : config_(config),
      random_(static_cast<std::uint64_t>(config.seed) * 4 + 1),
      layout_(Layout::of(random_.of(1))),
      view_(view_of(layout_, random_.of(2), config.width, config.height)),
      path_(SunPath::of(random_.of(3))),
      grounds_(layout_, random_.of(4)),
      traffic_(layout_, random_.of(5), static_cast<float>(config.busy)),
      sensor_(config.clean_camera ? SensorTraits{.noise = 0} : SensorTraits::of(random_.of(6), config.width),
              random_.of(7), config.width, config.height),
      base_(config.width, config.height),
      parked_(config.width, config.height),
      now_(config.width, config.height),
      picture_(config.width, config.height) {
  Random lamp = random_.of(8);
  lamp_colour_ = (lamp.chance(0.5F) ? Rgb{1.0F, 0.92F, 0.8F} : Rgb{1.0F, 0.68F, 0.32F}) * lamp.between(1.6F, 3.0F);
}

Lot::Sky Lot::sky_at(double t_s) const {
  Sky sky;
  sky.hour = static_cast<float>(std::fmod(t_s, 86'400.0) / 3600);
  sky.weather = config_.weather;
  Random draw = random_.of(9, static_cast<std::int64_t>(t_s / (6 * 3600.0)));
  if (sky.weather == Weather::changing) {
    static constexpr std::array<float, 3> kWeights{0.5F, 0.32F, 0.18F};
    sky.weather = static_cast<Weather>(1 + draw.weighted(kWeights));
  }
  sky.bright = draw.between(0.75F, 1.0F);
  sky.night = 1 - day_share(path_, sky.hour);
  sky.wet = sky.weather == Weather::rain ? 1 : 0;
  return sky;
}

void Lot::set_light(std::int64_t step) {
  light_step_ = step;
  sky_ = sky_at((static_cast<double>(step) + 0.5) * kLightStep_s);
  light_ = daylight(path_, sky_.hour, sky_.weather, sky_.bright);
  const float lamps = smoothstep(0.3F, 0.7F, sky_.night);
  if (lamps > 0)
    for (const Vec3& head : grounds_.lamp_heads()) light_.lamps.push_back({head, lamp_colour_ * lamps, 1.2F});

  const Vec2 margin{14, 14};
  fixed_shadows_ = ShadowMap::sun(light_.to_sun, layout_.paved_from - margin, layout_.paved_to + margin, 0.05F);
  moving_shadows_ = ShadowMap::sun(light_.to_sun, layout_.paved_from - margin, layout_.paved_to + margin, 0.05F);
  if (light_.sun.x > 0) {
    fixed_shadows_.cast(grounds_.objects(), Placed{});
    fixed_shadows_.cast(grounds_.leaves(), Placed{});
  }
  const Lighting lighting(light_, view_.eye(), &fixed_shadows_);
  const auto shade = [&](const Fragment& f) { return lighting.shade(grounds_.surface(f, sky_.wet, lamps), f); };
  base_.clear(light_.haze * light_.exposure);
  base_.draw(grounds_.leaves(), Placed{}, view_, 0, shade, true);
  base_.draw(grounds_.objects(), Placed{}, view_, 0, shade);
  base_.draw(grounds_.paint(), Placed{}, view_, 0, shade, false, 1.002F);
  base_.draw(grounds_.ground(), Placed{}, view_, 0, shade);
}

const Car& Lot::car(std::uint64_t key) {
  constexpr std::size_t kMostCars = 200;
  if (cars_.size() > kMostCars) cars_.clear();
  return cars_.try_emplace(key, key).first->second;
}

Rect Lot::reach(const Placed& place, Vec3 half, float ahead) const {
  Rect out{base_.width(), base_.height(), 0, 0};
  const auto add = [&](Vec3 at) {
    const Vec3 in = view_.in(at);
    if (in.z < 0.5F) {
      out = base_.whole();
      return;
    }
    const Point p = view_.to_px(in);
    const auto px = [](float v) { return static_cast<int>(std::clamp(v, -1e5F, 1e5F)); };
    const Rect here{px(p.x) - 2, px(p.y) - 2, px(p.x) + 3, px(p.y) + 3};
    out = Rect{std::min(out.left, here.left), std::min(out.top, here.top), std::max(out.right, here.right),
               std::max(out.bottom, here.bottom)};
  };
  for (const float x : {-1.0F, 1.0F})
    for (const float y : {-1.0F, 1.0F})
      for (const float z : {0.0F, 1.0F}) {
        const Vec3 corner = place.out({x * half.x + (x > 0 ? ahead : 0), y * half.y, z * half.z});
        add(corner);
        const Vec2 shadow = fixed_shadows_.on_ground(corner);
        if (light_.sun.x > 0) add({shadow.x, shadow.y, 0});
      }
  return out.within(base_.whole());
}

void Lot::shade_ground(Layer& layer, Rect part, const ShadowMap& shadows, const std::vector<CarNow>& cars) const {
  if (light_.sun.x > 0)
    layer.relight(part, view_, [&](Vec3 at, float share) {
      return share > 0.02F ? 1 - share * (1 - shadows.lit(at + Vec3{0, 0, 0.02F})) : 1.0F;
    });
  for (const CarNow& now : cars) {
    const CarShape& shape = cars_.at(now.stay->car).shape();
    const Placed place({now.pose.at.x, now.pose.at.y, 0}, now.pose.heading);
    const float beam = lights_of(now), half_length = shape.length / 2, half_width = shape.width / 2;
    const Rect around = reach(place, {half_length + 0.9F, half_width + (beam > 0 ? 4 : 0.9F), 0.3F}, beam > 0 ? 14 : 0);
    layer.relight(around, view_, [&](Vec3 at, float share) {
      if (at.z > 0.35F) return 1.0F;
      const Vec3 local = place.in(at);
      const float dx = std::max(std::abs(local.x) - half_length + 0.15F, 0.0F);
      const float dy = std::max(std::abs(local.y) - half_width + 0.1F, 0.0F);
      const float hidden = 0.78F * std::exp(-std::sqrt(dx * dx + dy * dy) / 0.28F);
      float factor = 1 - hidden * (1 - share);
      const float ahead = local.x - half_length;
      if (beam > 0 && ahead > 0) {
        const float across = std::abs(std::abs(local.y) - 0.55F) / (0.5F + 0.22F * ahead);
        factor *= 1 + beam * 5 * std::exp(-across * across) * smoothstep(0, 2, ahead) * std::exp(-ahead / 5);
      }
      return factor;
    });
  }
}

Drawn Lot::draw_car(Layer& layer, const CarNow& now, std::uint8_t number, const Lighting& lighting) {
  const Car& body = car(now.stay->car);
  const Placed place({now.pose.at.x, now.pose.at.y, 0}, now.pose.heading);
  const float lights = lights_of(now);
  const Silhouette outline = layer.draw(body.mesh(), place, view_, number, [&](const Fragment& f) {
    return lighting.shade(body.surface(place.in(f.at), place.turn_back(f.normal), f.material, lights, now.braking), f);
  });
  Drawn drawn;
  drawn.object.id = now.stay->id;
  drawn.object.label = "car";
  drawn.object.moving = now.driving;
  drawn.object.box_px = outline.bounds.box();
  drawn.samples = outline.samples;
  return drawn;
}

Drawn Lot::draw_walker(Layer& layer, const WalkerNow& now, std::uint8_t number, const Lighting& lighting) {
  const Placed place({now.at.x, now.at.y, 0}, now.heading);
  const Silhouette outline = layer.draw(figure_.mesh(), place, view_, number, [&](const Fragment& f) {
    return lighting.shade(figure_.surface(place.in(f.at), f.material), f);
  });
  Drawn drawn;
  drawn.object.id = now.id;
  drawn.object.label = "person";
  drawn.object.moving = true;
  drawn.object.posture = "walking";
  drawn.object.box_px = outline.bounds.box();
  drawn.samples = outline.samples;
  return drawn;
}

void Lot::draw_parked(const TrafficNow& now) {
  parked_.copy_from(base_, base_.whole());
  std::vector<CarNow> standing;
  for (const CarNow& c : now.cars)
    if (!c.driving) standing.push_back(c);
  parked_shadows_ = fixed_shadows_;
  for (const CarNow& c : standing) {
    const Car& body = car(c.stay->car);
    if (light_.sun.x > 0) parked_shadows_.cast(body.mesh(), Placed({c.pose.at.x, c.pose.at.y, 0}, c.pose.heading));
  }
  shade_ground(parked_, base_.whole(), parked_shadows_, standing);
  const Lighting lighting(light_, view_.eye(), &parked_shadows_);
  drawn_parked_.clear();
  for (const CarNow& c : standing)
    drawn_parked_.push_back(draw_car(parked_, c, static_cast<std::uint8_t>(drawn_parked_.size() + 1), lighting));
  parked_counts_ = {};
  parked_.count_objects(base_.whole(), parked_counts_);
  changed_ = base_.whole();
}

void Lot::draw_moving(const TrafficNow& now) {
  now_.copy_from(parked_, changed_);
  moving_shadows_.clear();
  std::vector<CarNow> driving;
  Rect touched;
  for (const CarNow& c : now.cars) {
    if (!c.driving) continue;
    driving.push_back(c);
    const Placed place({c.pose.at.x, c.pose.at.y, 0}, c.pose.heading);
    const Car& body = car(c.stay->car);
    if (light_.sun.x > 0) moving_shadows_.cast(body.mesh(), place);
    touched = touched.with(reach(place, {4, lights_of(c) > 0 ? 5.0F : 2.0F, 2.2F}, lights_of(c) > 0 ? 12 : 0));
  }
  const auto pose_of = [&](const WalkerNow& w) {
    figure_.pose(BodyTraits::of(Random(w.person)), walking_pose(w.phase, 1));
  };
  for (const WalkerNow& w : now.walkers) {
    const Placed place({w.at.x, w.at.y, 0}, w.heading);
    pose_of(w);
    if (light_.sun.x > 0) moving_shadows_.cast(figure_.mesh(), place);
    touched = touched.with(reach(place, {0.9F, 0.9F, 2}, 0));
  }
  shade_ground(now_, touched, moving_shadows_, driving);
  const Lighting lighting(light_, view_.eye(), &parked_shadows_, &moving_shadows_);
  drawn_ = drawn_parked_;
  for (const CarNow& c : driving)
    if (drawn_.size() < kMostObjects)
      drawn_.push_back(draw_car(now_, c, static_cast<std::uint8_t>(drawn_.size() + 1), lighting));
  for (const WalkerNow& w : now.walkers) {
    if (drawn_.size() >= kMostObjects) break;
    pose_of(w);
    drawn_.push_back(draw_walker(now_, w, static_cast<std::uint8_t>(drawn_.size() + 1), lighting));
  }
  counts_ = parked_counts_;
  std::array<int, 256> before{}, after{};
  parked_.count_objects(touched, before);
  now_.count_objects(touched, after);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += after[i] - before[i];
  now_.resolve(changed_.with(touched), picture_);
  changed_ = touched;
}

void Lot::add_overlay(double t_s) {
  seen_ = picture_;
  const float lamps = smoothstep(0.3F, 0.7F, sky_.night);
  if (lamps > 0)
    for (const Vec3& head : grounds_.lamp_heads()) {
      const Vec3 in = view_.in(head);
      if (in.z < 2) continue;
      const Point p = view_.to_px(in);
      draw_halo(seen_, {p.x, p.y}, view_.focal_px() * (sky_.wet > 0 ? 2.6F : 1.6F) / in.z,
                lamp_colour_ * (0.35F * lamps));
    }
  if (sky_.wet <= 0) return;
  const Rgb haze = light_.haze * light_.exposure + lamp_colour_ * (0.05F * lamps);
  const Rgb bytes{static_cast<float>(tone_byte(haze.x)), static_cast<float>(tone_byte(haze.y)),
                  static_cast<float>(tone_byte(haze.z))};
  draw_rain(seen_, random_.of(10, static_cast<std::int64_t>(std::llround(t_s * 1000))), bytes, 0.5F + sky_.bright);
  if (random_.of(11).chance(0.4F)) draw_drops(seen_, random_.of(12, light_step_), 12);
}

void Lot::fill_truth(double t_s, const TrafficNow& now, Truth& truth) const {
  truth = {};
  truth.scene = "lot";
  truth.seed = static_cast<std::uint64_t>(config_.seed);
  truth.t_s = t_s;
  truth.width = config_.width;
  truth.height = config_.height;
  truth.weather = config::enum_name(sky_.weather);
  truth.light = sky_.night < 0.1F ? "day" : sky_.night < 0.9F ? "dusk" : "night";
  const Vec2 moved = sensor_.shake(t_s);
  const auto px = [&](Vec2 ground) {
    const Point p = view_.project({ground.x, ground.y, 0});
    return Point{p.x + moved.x, p.y + moved.y};
  };
  const Box frame{0, 0, static_cast<float>(config_.width), static_cast<float>(config_.height)};
  for (std::size_t i = 0; i < drawn_.size(); ++i) {
    const int shown = counts_[i + 1];
    if (shown <= 0 || drawn_[i].samples <= 0) continue;
    TrueObject object = drawn_[i].object;
    object.visible = std::min(1.0F, static_cast<float>(shown) / static_cast<float>(drawn_[i].samples));
    object.box_px.x += moved.x;
    object.box_px.y += moved.y;
    object.box_px = intersection(object.box_px, frame);
    truth.objects.push_back(std::move(object));
  }
  for (const Slot& slot : layout_.slots) {
    TrueSlot out;
    for (std::size_t i = 0; i < 4; ++i) out.corners_px.corners[i] = px(slot.corners[i]);
    for (const CarNow& c : now.cars) {
      bool inside = true;
      for (std::size_t i = 0; i < 4; ++i) {
        const Vec2 edge = slot.corners[(i + 1) % 4] - slot.corners[i], to = c.pose.at - slot.corners[i];
        inside = inside && edge.x * to.y - edge.y * to.x > 0;
      }
      out.occupied = out.occupied || inside;
    }
    truth.slots.push_back(out);
  }
  for (const bool in : {true, false}) {
    const float x = in ? layout_.left_lane_x : layout_.right_lane_x;
    truth.crossings.push_back({in ? "entry" : "exit", px({x - 2.6F, layout_.gate_y}), px({x + 2.6F, layout_.gate_y}),
                               in ? now.counted_in : 0, in ? 0 : now.counted_out});
  }
}

void Lot::render(double t_s, View& out) {
  TrafficNow now;
  traffic_.at(t_s, now);
  const auto step = static_cast<std::int64_t>(t_s / kLightStep_s);
  const bool new_light = step != light_step_;
  if (new_light) set_light(step);
  std::vector<int> ids;
  for (const CarNow& c : now.cars) {
    static_cast<void>(car(c.stay->car));
    if (!c.driving) ids.push_back(c.stay->id);
  }
  if (new_light || ids != parked_ids_) draw_parked(now);
  parked_ids_ = std::move(ids);
  draw_moving(now);
  add_overlay(t_s);
  sensor_.expose(seen_, t_s, 1 + 2.2F * sky_.night, out.picture);
  out.grid = {};
  out.jpeg_quality = sensor_.traits().jpeg_quality;
  fill_truth(t_s, now, out.truth);
}

}  // namespace

std::unique_ptr<Scene> create(const Config& config) {
  return std::make_unique<Lot>(config);
}

}  // namespace perch::scenes::lot
