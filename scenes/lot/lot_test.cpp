#include "scenes/lot/lot.hpp"

#include <map>
#include <set>

#include <doctest/doctest.h>

namespace perch::scenes::lot {

namespace {

constexpr double kHour = 3600;

Config small(std::int64_t seed, Weather weather = Weather::cloudy) {
  Config config;
  config.seed = seed;
  config.width = 480;
  config.height = 270;
  config.weather = weather;
  config.clean_camera = true;
  return config;
}

View look(const Config& config, double t_s) {
  View view;
  create(config)->render(t_s, view);
  return view;
}

/// A place at eleven, painted once for all tests of this file.
const View& at_eleven(const Config& config) {
  static std::map<std::pair<std::int64_t, double>, View> painted;
  const auto [known, is_new] = painted.try_emplace({config.seed, config.busy});
  if (is_new) create(config)->render(11 * kHour, known->second);
  return known->second;
}

/// The same place and time without anything that comes and goes.
const View& empty_at_eleven(Config config) {
  config.busy = 0;
  return at_eleven(config);
}

int difference(const View& a, const View& b, int x, int y) {
  int sum = 0;
  for (int c = 0; c < 3; ++c) sum += std::abs(a.picture.at(x, y)[c] - b.picture.at(x, y)[c]);
  return sum;
}

bool inside(const Quad& quad, Point p) {
  int turns = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const Point a = quad.corners[i], b = quad.corners[(i + 1) % 4];
    turns += (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0 ? 1 : -1;
  }
  return std::abs(turns) == 4;
}

/// The share of the middle of a slot that looks unlike the empty lot.
float changed_share(const View& now, const View& before, const Quad& slot) {
  Quad middle = slot;
  Point centre;
  for (const Point& p : slot.corners) centre = {centre.x + p.x / 4, centre.y + p.y / 4};
  for (Point& p : middle.corners) p = {(p.x + centre.x) / 2, (p.y + centre.y) / 2};
  const Box box = middle.bounds();
  int pixels = 0, changed = 0;
  for (int y = static_cast<int>(box.y); y <= static_cast<int>(box.bottom()); ++y)
    for (int x = static_cast<int>(box.x); x <= static_cast<int>(box.right()); ++x) {
      if (!inside(middle, {static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F})) continue;
      ++pixels;
      changed += difference(now, before, x, y) > 36 ? 1 : 0;
    }
  return pixels > 0 ? static_cast<float>(changed) / static_cast<float>(pixels) : 0;
}

}  // namespace

TEST_CASE("a lot has 40 slots, all within the picture") {
  for (std::int64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    const View& view = at_eleven(small(seed));
    CHECK(view.truth.slots.size() == 40);
    for (const TrueSlot& slot : view.truth.slots) {
      const Box b = slot.corners_px.bounds();
      CHECK(b.x >= 0);
      CHECK(b.y >= 0);
      CHECK(b.right() <= 480);
      CHECK(b.bottom() <= 270);
      CHECK(b.area() > 60);
    }
  }
}

TEST_CASE("an occupied slot looks unlike the empty lot") {
  int occupied = 0, seen = 0;
  for (std::int64_t seed = 1; seed <= 6; ++seed) {
    const View &now = at_eleven(small(seed)), &before = empty_at_eleven(small(seed));
    for (const TrueSlot& slot : now.truth.slots) {
      if (!slot.occupied) continue;
      ++occupied;
      seen += changed_share(now, before, slot.corners_px) > 0.35F ? 1 : 0;
    }
  }
  CHECK(occupied > 40);
  CHECK(seen >= occupied * 95 / 100);
}

TEST_CASE("where no object is, the picture shows the empty lot") {
  for (std::int64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    const View &now = at_eleven(small(seed)), &before = empty_at_eleven(small(seed));
    int elsewhere = 0, changed = 0;
    for (int y = 0; y < 270; ++y)
      for (int x = 0; x < 480; ++x) {
        const bool covered = std::ranges::any_of(now.truth.objects, [&](const TrueObject& o) {
          // What is near is darkened, for it sees less of the sky.
          return x > o.box_px.x - 14 && x < o.box_px.right() + 14 && y > o.box_px.y - 14 && y < o.box_px.bottom() + 14;
        });
        if (covered) continue;
        ++elsewhere;
        changed += difference(now, before, x, y) > 12 ? 1 : 0;
      }
    CHECK(elsewhere > 10'000);
    CHECK(changed <= elsewhere / 2000);
  }
}

TEST_CASE("boxes end where the pixels of their car end") {
  int boxes = 0, tight = 0;
  for (std::int64_t seed = 1; seed <= 4; ++seed) {
    const View &now = at_eleven(small(seed)), &before = empty_at_eleven(small(seed));
    for (const TrueObject& o : now.truth.objects) {
      if (o.visible < 0.97F || o.box_px.area() < 150) continue;
      const int left = static_cast<int>(o.box_px.x), right = static_cast<int>(o.box_px.right()) - 1;
      const int top = static_cast<int>(o.box_px.y), bottom = static_cast<int>(o.box_px.bottom()) - 1;
      const auto row = [&](int y) {
        for (int x = left; x <= right; ++x)
          if (difference(now, before, x, y) > 8) return true;
        return false;
      };
      const auto column = [&](int x) {
        for (int y = top; y <= bottom; ++y)
          if (difference(now, before, x, y) > 8) return true;
        return false;
      };
      ++boxes;
      tight += row(top) && row(bottom) && column(left) && column(right) ? 1 : 0;
    }
  }
  CHECK(boxes > 30);
  CHECK(tight >= boxes * 9 / 10);
}

TEST_CASE("the same seed and time give the same bytes, whatever was asked before") {
  Config config = small(5, Weather::changing);
  config.clean_camera = false;
  const std::unique_ptr<Scene> straight = create(config), around = create(config);
  View a, b;
  straight->render(8 * kHour + 123.4, a);
  around->render(8 * kHour, b);
  around->render(20 * kHour, b);
  around->render(8 * kHour + 100, b);
  around->render(8 * kHour + 123.4, b);
  CHECK(std::equal(a.picture.data(), a.picture.data() + a.picture.stride() * a.picture.height(), b.picture.data()));
  CHECK(to_json(a.truth) == to_json(b.truth));
}

TEST_CASE("a day has cars that come and go, people, and counts that agree") {
  Config config = small(2);
  config.width = 160;
  config.height = 120;
  const std::unique_ptr<Scene> scene = create(config);
  View view;
  int most_in = 0, moving = 0, people = 0;
  std::set<int> ids;
  for (double t = 7 * kHour; t < 21 * kHour; t += 1193) {
    scene->render(t, view);
    int cars = 0;
    for (const TrueObject& o : view.truth.objects) {
      if (o.label == "person") {
        ++people;
        continue;
      }
      ++cars;
      ids.insert(o.id);
      moving += o.moving ? 1 : 0;
    }
    CHECK(view.truth.crossings.size() == 2);
    CHECK(view.truth.crossings[0].in >= most_in);
    most_in = view.truth.crossings[0].in;
    CHECK(std::abs(most_in - view.truth.crossings[1].out) <= 40);
    CHECK(cars <= 48);
  }
  CHECK(most_in > 20);
  CHECK(ids.size() > 30);
  CHECK(moving > 0);
  CHECK(people > 0);
}

TEST_CASE("all weathers and times of day appear, and the night is dark but lit by lamps") {
  std::set<std::string> weathers, lights;
  for (std::int64_t seed = 1; seed <= 8; ++seed) {
    Config config = small(seed, Weather::changing);
    config.width = 160;
    config.height = 120;
    for (const double hour : {2.0, 6.2, 12.0}) {
      const View view = look(config, hour * kHour);
      weathers.insert(view.truth.weather);
      lights.insert(view.truth.light);
    }
  }
  CHECK(weathers == std::set<std::string>{"clear", "cloudy", "rain"});
  CHECK(lights.contains("day"));
  CHECK(lights.contains("night"));

  const auto brightness = [](const View& view) {
    double sum = 0;
    for (int y = 0; y < 270; ++y)
      for (int i = 0; i < 480 * 3; ++i) sum += view.picture.row(y)[i];
    return sum / (480.0 * 270 * 3);
  };
  const double day = brightness(look(small(3), 12 * kHour)), night = brightness(look(small(3), 1 * kHour));
  CHECK(night < 0.7 * day);
  CHECK(night > 12);
}

}  // namespace perch::scenes::lot
