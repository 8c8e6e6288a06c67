#include "scenes/room/interior.hpp"

#include "scenes/core/noise.hpp"

namespace perch::scenes::room {

namespace {

constexpr float kSeat_m = 0.44F;

Rgb soft_colour(Random& random, float low, float high) {
  const float value = random.between(low, high);
  return mix(Rgb{1, 0.97F, 0.92F}, {random.uniform(), random.uniform(), random.uniform()},
             random.between(0.05F, 0.6F)) *
         value;
}

Rgb wood_colour(Random& random) {
  return mix(Rgb{0.10F, 0.05F, 0.025F}, {0.48F, 0.33F, 0.19F}, random.uniform());
}

}  // namespace

// Walls are numbered round: 0 at y = 0, 1 at x = size, 2 at y = size, 3 at x = 0. Each faces the room.

Interior::Interior(Random random) : noise_seed_(static_cast<std::uint32_t>(random.of(1).bits())) {
  Random draw = random.of(2);
  size_ = {draw.between(4.2F, 6.2F), draw.between(4.0F, 5.6F), draw.between(2.4F, 2.8F)};
  free_from_ = {1.05F, 1.05F};
  free_to_ = {size_.x - 1.05F, size_.y - 1.05F};
  lamp_ = {size_.x * draw.between(0.4F, 0.6F), size_.y * draw.between(0.4F, 0.6F), size_.z - 0.12F};
  wood_ = add_stuff({Look::planks, wood_colour(draw), {}, 0.4F, 0.03F});
  add_shell(random.of(3));
  std::swap(mesh_, shell_);
  furnish(random.of(4));
  for (int i = 0; i < 5; ++i) {
    Place place;
    place.at = {draw.between(free_from_.x, free_to_.x), draw.between(free_from_.y, free_to_.y)};
    place.before = place.at;
    place.heading = draw.between(-kPi, kPi);
    places_.push_back(place);
  }
}

std::uint8_t Interior::add_stuff(const Stuff& stuff) {
  stuff_.push_back(stuff);
  return static_cast<std::uint8_t>(stuff_.size() - 1);
}

float Interior::inward(int wall) const {
  return wall == 0 ? kPi / 2 : wall == 1 ? kPi : wall == 2 ? -kPi / 2 : 0;
}

Vec2 Interior::on_floor(int wall, float along, float out) const {
  switch (wall) {
    case 0:
      return {size_.x / 2 + along, out};
    case 1:
      return {size_.x - out, size_.y / 2 + along};
    case 2:
      return {size_.x / 2 - along, size_.y - out};
    default:
      return {out, size_.y / 2 - along};
  }
}

void Interior::put(int wall, float along, float out, float low, Vec3 size, std::uint8_t stuff) {
  const Vec2 at = on_floor(wall, along, out);
  mesh_.add_box({at.x, at.y, low + size.z / 2}, {size.y, size.x, size.z}, stuff, inward(wall));
}

void Interior::add_opening(int wall, float along, float low, float wide, float high, std::uint8_t inner,
                           std::uint8_t frame) {
  put(wall, along, 0.012F, low, {wide, 0.024F, high}, inner);
  for (const float side : {-1.0F, 1.0F})
    put(wall, along + side * wide / 2, 0.03F, low - 0.05F, {0.08F, 0.06F, high + 0.1F}, frame);
  put(wall, along, 0.03F, low + high - 0.02F, {wide, 0.06F, 0.08F}, frame);
  if (low > 0.1F) put(wall, along, 0.05F, low - 0.05F, {wide + 0.1F, 0.1F, 0.06F}, frame);
}

void Interior::add_shell(Random random) {
  const float x = size_.x, y = size_.y, z = size_.z;
  const Look floor = random.chance(0.55F) ? Look::planks : random.chance(0.5F) ? Look::carpet : Look::tiles;
  const Rgb floor_colour = floor == Look::planks ? wood_colour(random) : soft_colour(random, 0.15F, 0.55F);
  const std::uint8_t ground =
      add_stuff({floor, floor_colour, floor_colour * 0.8F, floor == Look::tiles ? random.between(0.3F, 0.6F) : 1,
                 floor == Look::carpet ? 0 : 0.04F});
  mesh_.add_quad({0, 0, 0}, {x, 0, 0}, {x, y, 0}, {0, y, 0}, ground);
  const std::uint8_t ceiling = add_stuff({Look::plain, {0.72F, 0.72F, 0.70F}});
  mesh_.add_quad({0, y, z}, {x, y, z}, {x, 0, z}, {0, 0, z}, ceiling);
  const Rgb paper = soft_colour(random, 0.4F, 0.75F);
  const std::uint8_t wall = add_stuff({random.chance(0.2F) ? Look::stripes : Look::plain, paper,
                                       paper * random.between(0.75F, 0.95F), random.between(0.1F, 0.3F)});
  mesh_.add_quad({x, 0, 0}, {0, 0, 0}, {0, 0, z}, {x, 0, z}, wall);
  mesh_.add_quad({x, y, 0}, {x, 0, 0}, {x, 0, z}, {x, y, z}, wall);
  mesh_.add_quad({0, y, 0}, {x, y, 0}, {x, y, z}, {0, y, z}, wall);
  mesh_.add_quad({0, 0, 0}, {0, y, 0}, {0, y, z}, {0, 0, z}, wall);
  const std::uint8_t skirting = add_stuff({Look::plain, {0.6F, 0.6F, 0.58F}});
  for (int w = 0; w < 4; ++w) put(w, 0, 0.008F, 0, {wall_length(w), 0.016F, 0.09F}, skirting);

  // A window in one wall and a door in the next.
  const int at = random.integer(0, 3);
  const std::uint8_t sky = add_stuff({Look::sky, {1, 1, 1}}),
                     frame = add_stuff({Look::plain, {0.66F, 0.66F, 0.64F}, {}, 1, 0.03F});
  const float along = random.between(-0.6F, 0.6F), wide = random.between(1.0F, 1.9F),
              high = random.between(1.0F, 1.35F);
  add_opening(at, along, 0.95F, wide, high, sky, frame);
  put(at, along, 0.035F, 0.95F, {0.05F, 0.05F, high}, frame);
  const Vec2 middle = on_floor(at, along, 0), out = on_floor(at, along, -1);
  window_ = {middle.x, middle.y, 1.6F};
  window_out_ = {out.x - middle.x, out.y - middle.y, 0};
  if (random.chance(0.6F)) {
    const std::uint8_t curtain =
        add_stuff({Look::stripes, soft_colour(random, 0.2F, 0.6F), soft_colour(random, 0.15F, 0.5F), 0.12F});
    for (const float side : {-1.0F, 1.0F})
      put(at, along + side * (wide / 2 + 0.12F), 0.1F, 0.05F, {random.between(0.25F, 0.5F), 0.09F, 2.15F}, curtain);
  }
  const int door_wall = (at + (random.chance(0.5F) ? 1 : 3)) % 4;
  const float door_along = random.between(-0.25F, 0.25F) * wall_length(door_wall);
  add_opening(door_wall, door_along, 0, 0.9F, 2.02F,
              add_stuff({Look::plain, soft_colour(random, 0.3F, 0.65F), {}, 1, 0.04F}), frame);
  const Vec2 sill = on_floor(door_wall, door_along, -0.6F), inside = on_floor(door_wall, door_along, 1.1F);
  places_.push_back({Use::leave, sill, inward(door_wall), 0, inside});

  if (random.chance(0.6F)) {
    const std::uint8_t rug =
        add_stuff({Look::carpet, soft_colour(random, 0.1F, 0.5F), soft_colour(random, 0.1F, 0.5F), 0.5F});
    const float half_x = random.between(0.6F, 1.3F), half_y = random.between(0.5F, 1.1F);
    mesh_.add_box({x / 2, y / 2, 0.008F}, {2 * half_x, 2 * half_y, 0.016F}, rug);
  }
  for (int i = 0; i < 3; ++i) {
    const int w = random.integer(0, 3);
    if (w == at || w == door_wall) continue;
    put(w, random.between(-1.2F, 1.2F), 0.015F, random.between(1.3F, 1.5F),
        {random.between(0.3F, 0.8F), 0.03F, random.between(0.3F, 0.6F)},
        add_stuff({Look::books, soft_colour(random, 0.1F, 0.6F), soft_colour(random, 0.1F, 0.6F),
                   random.between(0.15F, 0.4F)}));
  }
  mesh_.add_limb(lamp_ + Vec3{0, 0, 0.1F}, lamp_ + Vec3{0, 0, 0.02F}, 0.14F, 0.2F,
                 add_stuff({Look::glow, {0.7F, 0.7F, 0.66F}}), 14);
}

void Interior::add_sofa(int wall, float along, int seats, Random random) {
  const std::uint8_t cloth = add_stuff({Look::cloth, soft_colour(random, 0.08F, 0.5F), {}, 1});
  const float wide = 0.68F * static_cast<float>(seats), deep = 0.85F;
  put(wall, along, 0.48F, 0.08F, {wide + 0.36F, deep, 0.24F}, cloth);
  put(wall, along, 0.16F, 0.08F, {wide + 0.36F, 0.24F, random.between(0.62F, 0.8F)}, cloth);
  for (const float side : {-1.0F, 1.0F})
    put(wall, along + side * (wide / 2 + 0.09F), 0.48F, 0.08F, {0.18F, deep, 0.52F}, cloth);
  for (int i = 0; i < seats; ++i) {
    const float at = along + 0.68F * (static_cast<float>(i) - static_cast<float>(seats - 1) / 2);
    put(wall, at, 0.58F, 0.32F, {0.64F, 0.6F, 0.13F}, cloth);
    places_.push_back({Use::sit, on_floor(wall, at, 0.5F), inward(wall), kSeat_m, on_floor(wall, at, 1.15F)});
  }
}

void Interior::add_bed(int wall, float along, Random random) {
  const std::uint8_t sheet = add_stuff({Look::cloth, soft_colour(random, 0.35F, 0.7F), {}, 1});
  const std::uint8_t cover = add_stuff({random.chance(0.4F) ? Look::stripes : Look::cloth,
                                        soft_colour(random, 0.1F, 0.6F), soft_colour(random, 0.1F, 0.6F), 0.3F});
  put(wall, along, 0.5F, 0.1F, {2.0F, 0.92F, 0.22F}, wood_);
  put(wall, along, 0.5F, 0.3F, {1.96F, 0.9F, 0.16F}, sheet);
  put(wall, along - 0.22F, 0.5F, 0.44F, {1.4F, 0.94F, 0.05F}, cover);
  put(wall, along + 0.78F, 0.5F, 0.45F, {0.32F, 0.6F, 0.1F}, sheet);
  put(wall, along + 1.02F, 0.5F, 0.1F, {0.06F, 0.94F, 0.75F}, wood_);
  // The head lies towards `along` positive: a body on its back has its head behind it.
  places_.push_back(
      {Use::lie, on_floor(wall, along + 0.02F, 0.5F), inward(wall) + kPi / 2, 0.5F, on_floor(wall, along, 1.2F)});
  places_.push_back(
      {Use::sit, on_floor(wall, along - 0.3F, 0.78F), inward(wall), 0.47F, on_floor(wall, along - 0.3F, 1.3F)});
}

void Interior::add_table(int wall, float along, Random random) {
  const float wide = random.between(0.8F, 1.3F), deep = random.between(0.55F, 0.7F);
  put(wall, along, 0.06F + deep / 2, 0.71F, {wide, deep, 0.035F}, wood_);
  for (const float u : {-1.0F, 1.0F})
    for (const float v : {0.1F, 0.02F + deep})
      put(wall, along + u * (wide / 2 - 0.05F), v, 0, {0.05F, 0.05F, 0.71F}, wood_);
  const std::uint8_t thing = add_stuff({Look::plain, soft_colour(random, 0.1F, 0.7F)});
  for (int i = random.integer(0, 3); i > 0; --i)
    put(wall, along + random.between(-0.4F, 0.4F), random.between(0.15F, deep), 0.745F,
        {random.between(0.06F, 0.3F), random.between(0.06F, 0.2F), random.between(0.02F, 0.3F)}, thing);
  const std::uint8_t chair =
      random.chance(0.5F) ? wood_ : add_stuff({Look::plain, soft_colour(random, 0.05F, 0.5F), {}, 1, 0.02F});
  const float out = deep + 0.38F;
  put(wall, along, out, 0.42F, {0.42F, 0.42F, 0.04F}, chair);
  put(wall, along, out + 0.2F, 0.46F, {0.42F, 0.035F, 0.45F}, chair);
  for (const float u : {-0.18F, 0.18F})
    for (const float v : {-0.18F, 0.18F}) put(wall, along + u, out + v, 0, {0.035F, 0.035F, 0.43F}, chair);
  places_.push_back({Use::sit, on_floor(wall, along, out - 0.02F), inward(wall) + kPi, 0.47F,
                     on_floor(wall, along + 0.5F, out + 0.25F)});
}

void Interior::add_cupboard(int wall, float along, Random random) {
  const std::uint8_t front =
      random.chance(0.5F) ? wood_ : add_stuff({Look::plain, soft_colour(random, 0.2F, 0.7F), {}, 1, 0.03F});
  const std::uint8_t gap = add_stuff({Look::plain, {0.05F, 0.045F, 0.04F}});
  const float wide = random.between(0.7F, 1.5F), deep = random.between(0.4F, 0.6F),
              high = random.chance(0.5F) ? random.between(1.7F, 2.1F) : random.between(0.7F, 1.0F);
  put(wall, along, 0.02F + deep / 2, 0, {wide, deep, high}, front);
  const int doors = random.integer(2, 3);
  for (int i = 1; i < doors; ++i)
    put(wall, along - wide / 2 + wide * static_cast<float>(i) / static_cast<float>(doors), 0.022F + deep, 0.08F,
        {0.012F, 0.006F, high - 0.1F}, gap);
  if (high < 1.2F && random.chance(0.7F)) {  // a screen on it
    const std::uint8_t screen = add_stuff({Look::plain, {0.012F, 0.012F, 0.014F}, {}, 1, 0.07F});
    put(wall, along, 0.2F, high + 0.06F, {random.between(0.8F, 1.2F), 0.05F, random.between(0.45F, 0.65F)}, screen);
  }
}

void Interior::add_shelf(int wall, float along, Random random) {
  const float wide = random.between(0.7F, 1.2F), high = random.between(1.5F, 2.0F);
  const std::uint8_t books = add_stuff(
      {Look::books, soft_colour(random, 0.1F, 0.6F), soft_colour(random, 0.05F, 0.4F), random.between(0.03F, 0.06F)});
  for (const float side : {-1.0F, 1.0F}) put(wall, along + side * wide / 2, 0.16F, 0, {0.03F, 0.3F, high}, wood_);
  for (float z = 0.05F; z < high; z += 0.36F) {
    put(wall, along, 0.16F, z, {wide, 0.3F, 0.025F}, wood_);
    if (z + 0.3F < high && random.chance(0.8F))
      put(wall, along + random.between(-0.1F, 0.1F), 0.13F, z + 0.025F,
          {wide * random.between(0.4F, 0.8F), 0.2F, random.between(0.18F, 0.29F)}, books);
  }
  put(wall, along, 0.012F, 0, {wide, 0.02F, high}, wood_);
}

void Interior::add_plant(int wall, float along, Random random) {
  const Vec2 at = on_floor(wall, along, 0.3F);
  mesh_.add_limb({at.x, at.y, 0.02F}, {at.x, at.y, 0.3F}, 0.12F, 0.16F, add_stuff({Look::plain, {0.32F, 0.14F, 0.08F}}),
                 12, false);
  const std::uint8_t leaf = add_stuff({Look::cloth, {0.05F, 0.12F, 0.035F}, {}, 1});
  for (int i = 0; i < 26; ++i) {
    const float turn = random.between(0, 2 * kPi), lean = random.between(0.1F, 1.1F),
                long_m = random.between(0.25F, 0.7F);
    const Vec3 foot{at.x, at.y, 0.3F};
    const Vec3 tip =
        foot + Vec3{std::sin(lean) * std::cos(turn), std::sin(lean) * std::sin(turn), std::cos(lean)} * long_m;
    const Vec3 side{-std::sin(turn) * 0.05F, std::cos(turn) * 0.05F, 0};
    const Vec3 middle = mix(foot, tip, 0.55F) + Vec3{0, 0, 0.05F};
    mesh_.add_quad(foot, middle + side, tip, middle - side, leaf);
    mesh_.add_quad(foot, middle - side, tip, middle + side, leaf);
  }
}

void Interior::furnish(Random random) {
  // Three pieces or so at each wall, side by side; the one with the door keeps its middle free.
  const Place door = places_.front();
  bool bed = false;
  int sofas = 0;
  for (int wall = 0; wall < 4; ++wall) {
    const float half = wall_length(wall) / 2 - 0.95F;
    for (float along = -half; along <= half + 0.01F; along += std::max(half, 1.25F)) {
      const Vec2 here = on_floor(wall, along, 0.4F);
      if (length(here - door.before) < 1.45F || length(here - door.at) < 1.6F) continue;
      Random piece = random.of(wall, static_cast<int>(along * 10));
      const Vec2 to_window = Vec2{window_.x, window_.y} - here;
      const bool low = length(to_window) < 1.5F;
      switch (piece.integer(0, 7)) {
        case 0:
        case 1:
          if (sofas++ < 2) add_sofa(wall, along, std::abs(along) < 0.3F ? 2 : 1, piece);
          break;
        case 2:
          if (!bed && std::abs(along) < 0.5F) {
            add_bed(wall, along, piece);
            bed = true;
          } else {
            add_plant(wall, along, piece);
          }
          break;
        case 3:
        case 4:
          add_table(wall, along, piece);
          break;
        case 5:
          if (!low) add_cupboard(wall, along, piece);
          break;
        case 6:
          if (!low) add_shelf(wall, along, piece);
          break;
        default:
          break;
      }
    }
  }
  bool seat = false;
  for (const Place& place : places_) seat = seat || place.use == Use::sit;
  if (!seat) add_sofa((static_cast<int>(noise_seed_ % 4)), 0, 2, random.of(99));
}

ViewPoint Interior::view(Random random, int width, int height) const {
  const bool right = random.chance(0.5F), far = random.chance(0.5F);
  const float inset = random.between(0.18F, 0.4F);
  const Vec3 eye{right ? size_.x - inset : inset, far ? size_.y - inset : inset, size_.z - random.between(0.15F, 0.5F)};
  const Vec3 target{mix(size_.x / 2, right ? 0 : size_.x, random.between(-0.15F, 0.3F)),
                    mix(size_.y / 2, far ? 0 : size_.y, random.between(-0.15F, 0.3F)), random.between(0.3F, 0.9F)};
  const float focal = static_cast<float>(width) / 2 / std::tan(random.between(0.62F, 0.82F));
  return {eye, target, random.between(-0.05F, 0.05F), focal, width, height};
}

Surface Interior::surface(const Fragment& f, float day, float lamp) const {
  const Stuff& s = stuff_[f.material];
  const Vec3 p = f.at;
  const bool level = std::abs(f.normal.z) > 0.7F;
  const float u = level ? p.x : std::abs(f.normal.x) > std::abs(f.normal.y) ? p.y : p.x, v = level ? p.y : p.z;
  const float px = f.footprint_m * 2;
  Surface out{s.colour, s.mirror, 30};
  switch (s.look) {
    case Look::plain:
      out.albedo = s.colour * (1 + 0.04F * fractal_noise(u * 0.8F, v * 0.8F, noise_seed_, 3, px));
      break;
    case Look::planks: {
      const float wide = 0.14F * s.scale, row = std::floor(v / wide);
      const float shade = value_noise(row * 7.3F + 0.5F, std::floor(u / 0.9F + row * 0.37F) + 0.5F, noise_seed_ + 1);
      const float vein = fractal_noise(u * 2.2F, v * 26, noise_seed_ + 2, 3, px * 8);
      const float gap =
          smoothstep(0.0F, 0.004F + px * 0.5F,
                     std::abs(v - (row + 0.5F) * wide) < wide / 2 ? wide / 2 - std::abs(v - (row + 0.5F) * wide) : 0);
      out.albedo = s.colour * ((1 + 0.2F * shade + 0.14F * vein) * (0.75F + 0.25F * gap));
      break;
    }
    case Look::tiles: {
      const float a = u / s.scale - std::floor(u / s.scale), b = v / s.scale - std::floor(v / s.scale);
      const float edge = std::min(std::min(a, 1 - a), std::min(b, 1 - b)) * s.scale;
      const float shade =
          value_noise(std::floor(u / s.scale) * 3.1F + 0.5F, std::floor(v / s.scale) * 5.7F + 0.5F, noise_seed_ + 3);
      out.albedo = mix(s.colour * 0.5F, s.colour * (1 + 0.08F * shade), smoothstep(0.0F, 0.006F + px * 0.5F, edge));
      break;
    }
    case Look::carpet: {
      const float broad = fractal_noise(u * 2 / s.scale, v * 2 / s.scale, noise_seed_ + 4, 2, px);
      out.albedo = mix(s.colour, s.second, smoothstep(0.1F, 0.3F, broad)) *
                   (1 + 0.2F * fractal_noise(u * 40, v * 40, noise_seed_ + 5, 2, px * 40));
      break;
    }
    case Look::cloth:
      out.albedo = s.colour * (1 + 0.13F * fractal_noise(u * 5, v * 5, noise_seed_ + 6, 4, px * 5));
      break;
    case Look::stripes:
      out.albedo = std::sin(2 * kPi * u / s.scale) > 0 ? s.colour : s.second;
      break;
    case Look::books: {
      const float hue = value_noise(std::floor(u / s.scale) * 3.3F + 0.5F, 7.5F, noise_seed_ + 7);
      const float light =
          value_noise(std::floor(u / s.scale) * 4.1F + 0.5F, std::floor(v / s.scale * 0.3F) + 0.5F, noise_seed_ + 8);
      out.albedo = mix(s.colour, s.second, 0.5F + 0.5F * hue) * (1 + 0.5F * light);
      break;
    }
    case Look::sky:
      return {{0.03F, 0.03F, 0.035F},
              0.06F,
              60,
              Rgb{1.3F, 1.45F, 1.6F} * (day * (0.75F + 0.25F * value_noise(p.z * 3, u, noise_seed_ + 9)))};
    case Look::glow:
      return {s.colour, 0, 20, Rgb{2.4F, 2.2F, 1.8F} * lamp};
  }
  // Corners and what stands on the floor see less of the room.
  const auto near = [&](float away) { return 0.38F * std::exp(-away / 0.22F); };
  out.occluded = 1 - (1 - (level ? 0 : near(p.z))) * (1 - (f.normal.x < 0.7F ? near(p.x) : 0)) *
                         (1 - (f.normal.x > -0.7F ? near(size_.x - p.x) : 0)) *
                         (1 - (f.normal.y < 0.7F ? near(p.y) : 0)) *
                         (1 - (f.normal.y > -0.7F ? near(size_.y - p.y) : 0));
  return out;
}

}  // namespace perch::scenes::room
