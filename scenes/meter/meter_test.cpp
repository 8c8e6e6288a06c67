#include "scenes/meter/meter.hpp"

#include <cstdlib>
#include <set>

#include <doctest/doctest.h>

#include "scenes/core/tone.hpp"
#include "scenes/meter/face.hpp"

namespace perch::scenes::meter {

namespace {

constexpr double kHour = 3600;

Config clean(std::int64_t seed) {
  Config config;
  config.seed = seed;
  config.width = 640;
  config.height = 360;
  config.clean_camera = true;
  return config;
}

/// How unlike a window in the picture and one on a face are, mean of squares.
double unlike(const image::Picture& picture, const Quad& quad, const Face& face, const Window& window) {
  double sum = 0;
  int count = 0;
  for (float v = 0.1F; v < 0.95F; v += 0.06F)
    for (float u = 0.1F; u < 0.95F; u += 0.08F) {
      const Rgb expected =
          face.canvas().sample({mix(window.from.x, window.to.x, u), mix(window.from.y, window.to.y, v)});
      // Straight before the meter, so a window is a rectangle.
      const Box box = quad.bounds();
      const std::uint8_t* seen =
          picture.at(static_cast<int>(box.x + u * box.width), static_cast<int>(box.y + v * box.height));
      const double d = static_cast<double>(tone_byte(expected.y * 0.9F)) - seen[1];
      sum += d * d;
      ++count;
    }
  return sum / count;
}

}  // namespace

TEST_CASE("each window shows the digit that its wheel's true position says") {
  for (const std::int64_t seed : {2, 6, 11}) {
    CAPTURE(seed);
    const Config config = clean(seed);
    View view;
    create(config)->render(9 * kHour, view);
    REQUIRE(view.truth.meter);
    const Random random(static_cast<std::uint64_t>(seed) * 4 + 2);
    const Design design = Design::of(config.kind, random.of(1));
    Face face(design, 5, random.of(3));
    for (const std::size_t wheel : {std::size_t{0}, design.windows.size() / 2, design.windows.size() - 1}) {
      CAPTURE(wheel);
      const TrueWheel& truth = view.truth.meter->wheels[wheel];
      double best = 1e9;
      float read = -1;
      for (float position = 0; position < 10; position += 0.05F) {
        face.turn_wheel(wheel, position);
        const double d = unlike(view.picture, truth.window_px, face, design.windows[wheel]);
        if (d < best) {
          best = d;
          read = position;
        }
      }
      CHECK(std::abs(std::remainder(read - truth.position, 10.0F)) < 0.16F);
    }
  }
}

TEST_CASE("a wheel moves on while the one to its right goes from nine to nought") {
  std::array<double, 4> wheels{};
  wheel_positions(1299.4, wheels);
  CHECK(wheels[3] == doctest::Approx(9.4));
  CHECK(wheels[2] == doctest::Approx(9.4));
  CHECK(wheels[1] == doctest::Approx(2.4));
  CHECK(wheels[0] == doctest::Approx(1.0));
  wheel_positions(1298.9, wheels);
  CHECK(wheels[2] == doctest::Approx(9.0));
  CHECK(wheels[1] == doctest::Approx(2.0));
  wheel_positions(9999.75, wheels);
  CHECK(wheels[0] == doctest::Approx(9.75));
  wheel_positions(10000.25, wheels);
  CHECK(wheels[0] == doctest::Approx(0.0));
  CHECK(wheels[3] == doctest::Approx(0.25));
}

TEST_CASE("the counter only rises, and faster in the evening than at night") {
  for (const Kind kind : {Kind::electricity, Kind::gas, Kind::water}) {
    Flow flow(kind, Random(7));
    double before = 0;
    for (double t = 0; t < 3 * 24 * kHour; t += 777) {
      const double now = flow.value(t);
      CHECK(now >= before);
      before = now;
    }
    double night = 0, evening = 0;
    for (int day = 0; day < 10; ++day) {
      night += flow.value((day * 24 + 4) * kHour) - flow.value((day * 24 + 1) * kHour);
      evening += flow.value((day * 24 + 21) * kHour) - flow.value((day * 24 + 18) * kHour);
    }
    CHECK(evening > night);
  }
}

TEST_CASE("the wheels say the value") {
  View view;
  const std::unique_ptr<Scene> scene = create(clean(3));
  scene->render(5 * kHour, view);
  const TrueMeter& m = *view.truth.meter;
  double value = 0;
  for (std::size_t i = 0; i + 1 < m.wheels.size(); ++i)
    value = value * 10 + std::fmod(std::floor(m.wheels[i].position + 0.1F), 10.0F);
  value = value * 10 + static_cast<double>(m.wheels.back().position);
  CHECK(std::abs(value / std::pow(10, m.decimals) - m.value) < 1.2 / std::pow(10, m.decimals));
}

TEST_CASE("a small picture shows what a large one of the same meter does, only smaller") {
  for (const std::int64_t seed : {2, 6}) {
    CAPTURE(seed);
    Config half = clean(seed);
    half.width /= 2;
    half.height /= 2;
    View large, small;
    create(clean(seed))->render(9 * kHour, large);
    create(half)->render(9 * kHour, small);
    double unlike_sum = 0;
    for (int y = 0; y < half.height; ++y)
      for (int x = 0; x < half.width; ++x) {
        int sum = 0;
        for (const int v : {2 * y, 2 * y + 1})
          for (const int u : {2 * x, 2 * x + 1}) sum += large.picture.at(u, v)[1];
        unlike_sum += std::abs(sum / 4 - small.picture.at(x, y)[1]);
      }
    CHECK(unlike_sum / (half.width * half.height) < 2.5);
  }
}

TEST_CASE("a start can be given") {
  Config config = clean(4);
  config.start = 51345.9;
  config.kind = Kind::electricity;
  View view;
  create(config)->render(0, view);
  CHECK(view.truth.meter->value == doctest::Approx(51345.9));
}

TEST_CASE("the same seed and time give the same bytes, whatever was asked before") {
  Config config = clean(9);
  config.clean_camera = false;
  View a, b;
  create(config)->render(30'000, a);
  const std::unique_ptr<Scene> scene = create(config);
  for (const double t : {29'000.0, 29'990.0, 29'999.0, 90'000.0, 29'998.0, 30'000.0}) scene->render(t, b);
  CHECK(std::equal(a.picture.data(), a.picture.data() + a.picture.stride() * a.picture.height(), b.picture.data()));
  CHECK(to_json(a.truth) == to_json(b.truth));
}

TEST_CASE("every kind of meter, and lamps and daylight, appear") {
  std::set<std::string> kinds, lights;
  for (std::int64_t seed = 1; seed <= 12; ++seed) {
    Config config = clean(seed);
    config.width = 160;
    config.height = 120;
    View view;
    create(config)->render(12 * kHour, view);
    kinds.insert(view.truth.meter->kind);
    lights.insert(view.truth.light);
  }
  CHECK(kinds.size() == 3);
  CHECK(lights.size() == 2);
}

}  // namespace perch::scenes::meter
