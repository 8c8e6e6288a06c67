#include "scenes/room/room.hpp"

#include "scenes/core/daylight.hpp"
#include "scenes/core/sensor.hpp"
#include "scenes/room/people.hpp"

namespace perch::scenes::room {

namespace {

constexpr double kLightStep_s = 600;

/// What lights a room.
enum class Lit : std::uint8_t { window, lamp, infrared };

struct Drawn {
  TrueObject object;
  int samples = 0;
};

SensorTraits camera_of(const Config& config, Random random) {
  if (config.clean_camera) return {.noise = 0};
  SensorTraits traits = SensorTraits::of(random, config.width);
  traits.shake_px = 0;  // it hangs on a wall
  return traits;
}

class Room : public Scene {
 public:
  explicit Room(const Config& config)
      : config_(config),
        random_(static_cast<std::uint64_t>(config.seed) * 4 + 4),
        interior_(random_.of(1)),
        people_(interior_, random_.of(2), static_cast<int>(config.people), config.falls_per_day),
        view_(interior_.view(random_.of(3), config.width, config.height)),
        path_(SunPath::of(random_.of(4))),
        sensor_(camera_of(config, random_.of(5)), random_.of(6), config.width, config.height),
        base_(config.width, config.height),
        now_(config.width, config.height),
        changed_(base_.whole()),
        picture_(config.width, config.height) {}

  void render(double t_s, View& out) override;

 private:
  void set_light(std::int64_t step);
  void draw_people(const std::vector<PersonNow>& people);
  Drawn describe(const PersonNow& person, const Silhouette& outline, const Placed& place, std::uint8_t number) const;
  /// What of the picture a person, their shadow and the dark around their feet can change.
  Rect reach(const Placed& place, float half_m) const;
  void shade_around(Rect part, const std::vector<BodyPoints>& bodies);
  void to_grey();

  Config config_;
  Random random_;
  Interior interior_;
  People people_;
  ViewPoint view_;
  SunPath path_;
  Sensor sensor_;
  Figure figure_;

  std::int64_t light_step_ = -1;
  Lit lit_ = Lit::window;
  float day_ = 1;
  Light light_;
  ShadowMap fixed_shadows_;
  ShadowMap moving_shadows_;
  Layer base_;
  Layer now_;
  Rect changed_;
  std::vector<Drawn> drawn_;
  std::array<int, 256> counts_{};
  image::Picture picture_;
  image::Picture grey_;
};

void Room::set_light(std::int64_t step) {
  light_step_ = step;
  const float hour = static_cast<float>(std::fmod((static_cast<double>(step) + 0.5) * kLightStep_s, 86'400.0) / 3600);
  day_ = day_share(path_, hour) * random_.of(7, step / 18).between(0.45F, 1);
  const bool awake = hour > 6.3F && hour < 23.2F;
  lit_ = day_ > 0.4F ? Lit::window : awake ? Lit::lamp : Lit::infrared;
  Random draw = random_.of(8);
  const Rgb warm = mix(Rgb{1, 0.78F, 0.52F}, {1, 0.94F, 0.86F}, draw.uniform());
  const float lamp = lit_ == Lit::lamp ? 1 : 0;
  const Vec3 size = interior_.size();
  light_ = {};
  light_.lamp_shadows = true;
  // The window as one soft light high outside, the lamp under the ceiling, or the camera's own light.
  const Vec3 window = interior_.window() + interior_.window_outwards() * 1.1F;
  Lamp key{{window.x, window.y, size.z + 0.5F}, Rgb{1.0F, 1.02F, 1.06F} * (9 * day_), 0};
  if (lit_ == Lit::lamp) key = {interior_.lamp() - Vec3{0, 0, 0.02F}, warm * 3.2F, 0};
  if (lit_ == Lit::infrared) key = {view_.eye() + Vec3{0, 0, 0.05F}, Rgb{3, 3, 3}, 0};
  light_.lamps.push_back(key);
  if (lit_ == Lit::lamp && day_ > 0.05F) light_.lamps.push_back({window, Rgb{0.8F, 0.9F, 1.1F} * (3 * day_), 0});
  const float bounce = lit_ == Lit::window ? 0.28F * day_ : lit_ == Lit::lamp ? 0.22F : 0.05F;
  const Rgb tint = lit_ == Lit::lamp ? warm : Rgb{1, 0.99F, 0.96F};
  light_.sky = tint * bounce;
  light_.bounce = tint * (bounce * 0.75F);
  const Vec3 middle = Vec3{size.x / 2, size.y / 2, 0.6F} - key.at;
  const float there = luminance(key.colour) * 0.7F / (dot(middle, middle) + 0.5F) + bounce * 0.9F;
  light_.exposure = draw.between(0.7F, 1.1F) / std::pow(std::max(there, 0.05F), 0.92F);

  const Vec2 margin{6, 6};
  fixed_shadows_ = ShadowMap::lamp(key.at, Vec2{} - margin, Vec2{size.x, size.y} + margin, 0.04F);
  moving_shadows_ = fixed_shadows_;
  fixed_shadows_.cast(interior_.furniture(), Placed{});
  const Lighting lighting(light_, view_.eye(), lit_ == Lit::infrared ? nullptr : &fixed_shadows_);
  base_.clear({});
  const auto shade = [&](const Fragment& f) { return lighting.shade(interior_.surface(f, day_, lamp), f); };
  base_.draw(interior_.furniture(), Placed{}, view_, 0, shade);
  base_.draw(interior_.shell(), Placed{}, view_, 0, shade);
  changed_ = base_.whole();
}

Rect Room::reach(const Placed& place, float half_m) const {
  Rect out;
  const Vec3 size = interior_.size();
  const Vec3 lamp = light_.lamps.front().at;
  const auto add = [&](Vec3 at) {
    const Vec3 in = view_.in(at);
    if (in.z < 0.15F) {
      out = base_.whole();
      return;
    }
    const Point p = view_.to_px(in);
    const int x = static_cast<int>(std::clamp(p.x, -1e5F, 1e5F)), y = static_cast<int>(std::clamp(p.y, -1e5F, 1e5F));
    out = out.with({x - 2, y - 2, x + 3, y + 3});
  };
  for (const float x : {-half_m, half_m})
    for (const float y : {-half_m, half_m})
      for (const float z : {0.0F, 2.0F}) {
        const Vec3 corner = place.out({x, y, z});
        add(corner);
        if (lit_ == Lit::infrared) continue;
        // Where the shadow of this corner ends: on the floor or a wall.
        const Vec3 ray = corner - lamp;
        float along = ray.z < 0 ? -lamp.z / ray.z : 50;
        if (ray.x != 0) along = std::min(along, std::max(1.0F, ((ray.x > 0 ? size.x : 0) - lamp.x) / ray.x));
        if (ray.y != 0) along = std::min(along, std::max(1.0F, ((ray.y > 0 ? size.y : 0) - lamp.y) / ray.y));
        add(lamp + ray * along);
      }
  return out.within(base_.whole());
}

void Room::shade_around(Rect part, const std::vector<BodyPoints>& bodies) {
  now_.relight(part, view_, [&](Vec3 at, float share) {
    float factor = share > 0.02F && lit_ != Lit::infrared ? 1 - share * (1 - moving_shadows_.lit(at)) : 1;
    if (at.z > 0.8F) return factor;
    float open = 1;
    for (const BodyPoints& body : bodies) {
      const Vec3 from_hip = body[11] - at;
      if (dot(from_hip, from_hip) > 2.2F) continue;
      for (const std::size_t joint : {0U, 5U, 6U, 11U, 12U, 13U, 14U, 15U, 16U}) {
        const Vec3 d = body[joint] - at;
        const float square = dot(d, d);
        if (square < 0.16F) open *= 1 - 0.32F * std::exp(-square / 0.035F);
      }
    }
    return factor * (1 - (1 - open) * (1 - share));
  });
}

Drawn Room::describe(const PersonNow& person, const Silhouette& outline, const Placed& place,
                     std::uint8_t number) const {
  Drawn drawn;
  drawn.object.id = person.id;
  drawn.object.label = "person";
  drawn.object.box_px = outline.bounds.box();
  drawn.object.moving = person.moving;
  drawn.object.posture = person.posture;
  drawn.object.fallen = person.fallen;
  drawn.samples = outline.samples;
  for (const Vec3& point : figure_.points()) {
    const Vec3 in = view_.in(place.out(point));
    TruePoint out;
    if (in.z > 0.1F) {
      out.at_px = view_.to_px(in);
      const int x = static_cast<int>(std::floor(out.at_px.x)), y = static_cast<int>(std::floor(out.at_px.y));
      out.in_picture = x >= 0 && y >= 0 && x < config_.width && y < config_.height;
      // Joints lie within the body: its own surface may be a hand's breadth before them.
      constexpr float kWithin_m = 0.13F;
      out.visible = out.in_picture && now_.object_at(x, y) == number && in.z - now_.depth_at(x, y) < kWithin_m;
    }
    drawn.object.keypoints.push_back(out);
  }
  return drawn;
}

void Room::draw_people(const std::vector<PersonNow>& people) {
  now_.copy_from(base_, changed_);
  moving_shadows_.clear();
  Rect touched;
  std::vector<BodyPoints> bodies;
  for (const PersonNow& person : people) {
    const Placed place({person.at.x, person.at.y, 0}, person.heading);
    figure_.pose(person.traits, person.pose);
    moving_shadows_.cast(figure_.mesh(), place);
    BodyPoints points = figure_.points();
    for (Vec3& p : points) p = place.out(p);
    bodies.push_back(points);
    touched = touched.with(reach(place, person.pose.tip != 0 ? 1.05F : 0.75F));
  }
  shade_around(touched, bodies);
  const bool infrared = lit_ == Lit::infrared;
  const Lighting lighting(light_, view_.eye(), infrared ? nullptr : &fixed_shadows_,
                          infrared ? nullptr : &moving_shadows_);
  std::vector<Silhouette> outlines;
  Rect covered;
  for (const PersonNow& person : people) {
    const Placed place({person.at.x, person.at.y, 0}, person.heading);
    figure_.pose(person.traits, person.pose);
    const auto number = static_cast<std::uint8_t>(outlines.size() + 1);
    outlines.push_back(now_.draw(figure_.mesh(), place, view_, number, [&](const Fragment& f) {
      return lighting.shade(figure_.surface(place.in(f.at), f.material), f);
    }));
    covered = covered.with(outlines.back().bounds);
  }
  // What is visible is known only now that everybody is drawn.
  drawn_.clear();
  for (std::size_t i = 0; i < people.size(); ++i) {
    figure_.pose(people[i].traits, people[i].pose);
    drawn_.push_back(describe(people[i], outlines[i], Placed({people[i].at.x, people[i].at.y, 0}, people[i].heading),
                              static_cast<std::uint8_t>(i + 1)));
  }
  counts_ = {};
  now_.count_objects(covered, counts_);
  touched = touched.with(covered);
  now_.resolve(changed_.with(touched), picture_);
  changed_ = touched;
}

void Room::to_grey() {
  grey_.reset(picture_.width(), picture_.height());
  for (int y = 0; y < picture_.height(); ++y) {
    const std::uint8_t* in = picture_.row(y);
    std::uint8_t* out = grey_.row(y);
    for (int x = 0; x < picture_.width(); ++x, in += 3, out += 3)
      out[0] = out[1] = out[2] = static_cast<std::uint8_t>((in[0] * 90 + in[1] * 120 + in[2] * 46) >> 8);
  }
}

void Room::render(double t_s, View& out) {
  const auto step = static_cast<std::int64_t>(t_s / kLightStep_s);
  if (step != light_step_) set_light(step);
  std::vector<PersonNow> people;
  people_.at(t_s, people);
  draw_people(people);
  if (lit_ == Lit::infrared) to_grey();
  sensor_.expose(lit_ == Lit::infrared ? grey_ : picture_, t_s,
                 lit_ == Lit::window ? 1.0F
                 : lit_ == Lit::lamp ? 1.6F
                                     : 2.6F,
                 out.picture);
  out.grid = {};
  out.jpeg_quality = sensor_.traits().jpeg_quality;

  Truth& truth = out.truth;
  truth = {};
  truth.scene = "room";
  truth.seed = static_cast<std::uint64_t>(config_.seed);
  truth.t_s = t_s;
  truth.width = config_.width;
  truth.height = config_.height;
  truth.light = lit_ == Lit::window ? "day" : lit_ == Lit::lamp ? "lamp" : "night";
  for (std::size_t i = 0; i < drawn_.size(); ++i) {
    const int shown = counts_[i + 1];
    if (shown <= 0 || drawn_[i].samples <= 0) continue;
    TrueObject object = drawn_[i].object;
    object.visible = std::min(1.0F, static_cast<float>(shown) / static_cast<float>(drawn_[i].samples));
    truth.objects.push_back(std::move(object));
  }
}

}  // namespace

std::unique_ptr<Scene> create(const Config& config) {
  return std::make_unique<Room>(config);
}

}  // namespace perch::scenes::room
