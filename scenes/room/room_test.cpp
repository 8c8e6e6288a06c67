#include "scenes/room/room.hpp"

#include <set>

#include <doctest/doctest.h>

#include "scenes/room/people.hpp"

namespace perch::scenes::room {

namespace {

constexpr double kHour = 3600;

Config small(std::int64_t seed, std::int64_t people = 3) {
  Config config;
  config.seed = seed;
  config.width = 480;
  config.height = 270;
  config.people = people;
  config.falls_per_day = 40;
  config.clean_camera = true;
  return config;
}

int difference(const View& a, const View& b, int x, int y) {
  int sum = 0;
  for (int c = 0; c < 3; ++c) sum += std::abs(a.picture.at(x, y)[c] - b.picture.at(x, y)[c]);
  return sum;
}

}  // namespace

TEST_CASE("visible keypoints lie on pixels that the empty room does not have") {
  int visible = 0, on_body = 0;
  for (std::int64_t seed = 1; seed <= 4; ++seed) {
    const std::unique_ptr<Scene> scene = create(small(seed)), alone = create(small(seed, 0));
    View now, before;
    for (const double t : {10 * kHour, 10.2 * kHour, 17 * kHour}) {
      scene->render(t, now);
      alone->render(t, before);
      CHECK(before.truth.objects.empty());
      for (const TrueObject& o : now.truth.objects) {
        REQUIRE(o.keypoints.size() == 17);
        for (const TruePoint& p : o.keypoints) {
          if (!p.visible) continue;
          ++visible;
          on_body += difference(now, before, static_cast<int>(p.at_px.x), static_cast<int>(p.at_px.y)) > 6 ? 1 : 0;
          CHECK(p.at_px.x >= o.box_px.x - 1);
          CHECK(p.at_px.x <= o.box_px.right() + 1);
          CHECK(p.at_px.y >= o.box_px.y - 1);
          CHECK(p.at_px.y <= o.box_px.bottom() + 1);
        }
      }
    }
  }
  CHECK(visible > 100);
  CHECK(on_body >= visible * 93 / 100);
}

TEST_CASE("boxes end where the pixels of their person end") {
  int edges = 0, tight = 0;
  for (std::int64_t seed = 1; seed <= 5; ++seed) {
    const std::unique_ptr<Scene> scene = create(small(seed, 1)), alone = create(small(seed, 0));
    View now, before;
    for (double t = 9 * kHour; t < 18 * kHour; t += 2.21 * kHour) {
      scene->render(t, now);
      alone->render(t, before);
      for (const TrueObject& o : now.truth.objects) {
        if (o.visible < 0.97F) continue;
        const int left = static_cast<int>(o.box_px.x), right = static_cast<int>(o.box_px.right()) - 1;
        const int top = static_cast<int>(o.box_px.y), bottom = static_cast<int>(o.box_px.bottom()) - 1;
        bool at_top = false, at_left = false, at_right = false;
        for (int x = left; x <= right; ++x) at_top = at_top || difference(now, before, x, top) > 6;
        for (int y = top; y <= bottom; ++y) {
          at_left = at_left || difference(now, before, left, y) > 6;
          at_right = at_right || difference(now, before, right, y) > 6;
        }
        edges += 3;
        tight += (at_top ? 1 : 0) + (at_left ? 1 : 0) + (at_right ? 1 : 0);
      }
    }
  }
  CHECK(edges > 20);
  CHECK(tight >= edges * 9 / 10);
}

TEST_CASE("people walk, stand, sit, lie and fall, by day, by lamp and in the dark") {
  std::set<std::string> postures, lights;
  int fallen = 0, fallen_upright = 0;
  for (std::int64_t seed = 1; seed <= 2; ++seed) {
    Config config = small(seed);
    config.width = 160;
    config.height = 120;
    const std::unique_ptr<Scene> scene = create(config);
    View view;
    for (double t = 0; t < 24 * kHour; t += 1511) {
      scene->render(t, view);
      lights.insert(view.truth.light);
      for (const TrueObject& o : view.truth.objects) {
        postures.insert(o.posture);
        fallen += o.fallen ? 1 : 0;
        fallen_upright += o.fallen && o.posture != "lying" ? 1 : 0;
      }
    }
  }
  CHECK(postures == std::set<std::string>{"lying", "sitting", "standing", "walking"});
  CHECK(lights == std::set<std::string>{"day", "lamp", "night"});
  CHECK(fallen > 5);
  CHECK(fallen_upright == 0);
}

TEST_CASE("who falls was in the room a second before, at nearly the same place") {
  const Interior interior(Random(8));
  const People people(interior, Random(9), 1, 96);
  std::vector<PersonNow> before, now;
  int falls = 0;
  for (double t = 9 * kHour; t < 15 * kHour; t += 0.5) {
    people.at(t, now);
    const bool fell = !now.empty() && now[0].fallen && (before.empty() || !before[0].fallen);
    if (fell) {
      ++falls;
      REQUIRE_FALSE(before.empty());
      CHECK(length(now[0].at - before[0].at) < 1.2F);
    }
    before = now;
  }
  CHECK(falls > 3);
}

TEST_CASE("the same seed and time give the same bytes, whatever was asked before") {
  Config config = small(7);
  config.clean_camera = false;
  View a, b;
  create(config)->render(50'000.5, a);
  const std::unique_ptr<Scene> scene = create(config);
  for (const double t : {49'990.0, 49'999.0, 10'000.0, 50'000.0, 50'000.5}) scene->render(t, b);
  CHECK(std::equal(a.picture.data(), a.picture.data() + a.picture.stride() * a.picture.height(), b.picture.data()));
  CHECK(to_json(a.truth) == to_json(b.truth));
}

TEST_CASE("a body's 17 points are where a body has them") {
  View view;
  const std::unique_ptr<Scene> scene = create(small(3));
  for (double t = 9 * kHour; t < 12 * kHour; t += 500) {
    scene->render(t, view);
    for (const TrueObject& o : view.truth.objects) {
      if (o.posture != "standing" && o.posture != "walking") continue;
      const auto y = [&](std::size_t i) { return o.keypoints[i].at_px.y; };
      if (!o.keypoints[0].in_picture || !o.keypoints[15].in_picture || !o.keypoints[16].in_picture || o.moving)
        continue;
      CHECK(y(0) < y(5));
      CHECK(y(5) < y(11));
      CHECK(y(11) < y(13) + 4);
      CHECK(y(13) < y(15) + 4);
    }
  }
}

}  // namespace perch::scenes::room
