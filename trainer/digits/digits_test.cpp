#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "classify/classifier.hpp"
#include "core/publish.hpp"
#include "digits/pictures.hpp"
#include "image/codec.hpp"
#include "learn/dataset_writer.hpp"
#include "model/predictor.hpp"
#include "seam/registry.hpp"
#include "support/training_rig.hpp"

namespace perch::trainer {

namespace {

constexpr int kWide = 20, kHigh = 32;  // px

Bytes picture_of(int seed) {
  const WheelCrop crop = render_wheels(scenes::Random(static_cast<std::uint64_t>(seed) + 50), 1, 1).front();
  return image::encode_jpeg(crop.picture.view()).value();
}

/// A short training on few rendered wheels and some labelled crops.
struct WheelRig : test::TrainingRig {
  explicit WheelRig(int epochs) : TrainingRig("digits", "wheels", epochs) {
    settings.digits.rendered = 100;
    settings.digits.channels = 4;
    settings.digits.batch = 16;
    auto writer =
        learn::DatasetWriter::create(folder / "data", {"wheels", "digits", {"wheel"}, {}, "painted by a test"});
    REQUIRE(writer);
    for (int i = 0; i < 10; ++i) {
      const image::Picture crop(kWide, kHigh);
      const learn::Label label{"wheel", {0, 0, kWide, kHigh}, std::nullopt, {}, {{"position", i * 0.7}}};
      REQUIRE(writer->add(std::to_string(i) + ".jpg", image::encode_jpeg(crop.view()).value(), kWide, kHigh, {label},
                          {{"split", std::string(i < 7 ? "train" : "validation")}}));
    }
    REQUIRE(writer->finish());
  }
};

}  // namespace

TEST_CASE("a wheel's target is spread over the nearest tenths, around the circle") {
  const std::vector<float> p = circular_target(9.96F);
  CHECK(std::accumulate(p.begin(), p.end(), 0.0F) == doctest::Approx(1));
  CHECK(std::max_element(p.begin(), p.end()) == p.begin());  // 9.96 is nearest to 0.0
  CHECK(p[99] > p[1]);
  CHECK(p[1] > 0.05F);
  CHECK(p[50] < 1e-6F);
}

TEST_CASE("rendered wheels come at every position, with their window inside the crop, the same for the same seed") {
  const std::vector<WheelCrop> crops = render_wheels(scenes::Random(7), 10, 20);
  REQUIRE(crops.size() == 200);
  std::array<int, 10> count{};
  for (const WheelCrop& crop : crops) {
    REQUIRE(crop.position >= 0);
    REQUIRE(crop.position < 10);
    ++count[static_cast<std::size_t>(crop.position)];
    const Box box = crop.window_px.bounds();
    CHECK(box.x > 0);
    CHECK(box.right() < static_cast<float>(crop.picture.width()));
    CHECK(box.height > box.width);
  }
  CHECK(*std::min_element(count.begin(), count.end()) >= 5);
  const std::vector<WheelCrop> again = render_wheels(scenes::Random(7), 10, 20);
  CHECK(again[150].position == crops[150].position);
  CHECK(std::equal(again[150].picture.data(), again[150].picture.data() + 300, crops[150].picture.data()));
}

TEST_CASE("a wheel half a turn on looks different") {
  // Wheels that stand still at 0 and at 5 differ; were the position not painted, nothing could be learned.
  const std::vector<WheelCrop> crops = render_wheels(scenes::Random(3), 1, 60);
  double differ = 0;
  int pairs = 0;
  for (std::size_t i = 1; i < crops.size(); ++i)
    if (crops[i].picture.size() == crops[i - 1].picture.size() &&
        std::abs(crops[i].position - crops[i - 1].position) > 1) {
      double sum = 0;
      const int pixels = crops[i].picture.width() * crops[i].picture.height();
      for (int k = 0; k < pixels; ++k)
        sum += std::abs(int{crops[i].picture.data()[k]} - crops[i - 1].picture.data()[k]);
      differ += sum / pixels;
      ++pairs;
    }
  REQUIRE(pairs > 5);
  CHECK(differ / pairs > 3);
}

TEST_CASE("a display shows each digit differently, the same for the same design, within its window") {
  std::vector<WheelCrop> digits;
  for (int digit = 0; digit < 10; ++digit) {
    scenes::Random random(3);
    digits.push_back(render_display(digit, scenes::Random(7), random));
    const WheelCrop& crop = digits.back();
    CHECK(crop.position == static_cast<float>(digit));
    const Box window = crop.window_px.bounds(),
              whole{0, 0, static_cast<float>(crop.picture.width()), static_cast<float>(crop.picture.height())};
    CHECK(intersection(window, whole).area() == doctest::Approx(window.area()));
  }
  const auto apart = [&](std::size_t a, std::size_t b) {
    const image::Picture &one = digits[a].picture, &other = digits[b].picture;
    REQUIRE(one.size() == other.size());
    int most = 0;
    for (int i = 0; i < one.width() * one.height(); ++i)
      most = std::max(most, std::abs(one.data()[i] - other.data()[i]));
    return most;
  };
  for (std::size_t a = 0; a < 10; ++a)
    for (std::size_t b = 0; b < a; ++b) CHECK(apart(a, b) > 15);
  scenes::Random random(3);
  const WheelCrop again = render_display(4, scenes::Random(7), random);
  CHECK(std::equal(again.picture.data(), again.picture.data() + again.picture.width() * again.picture.height(),
                   digits[4].picture.data()));
}

TEST_CASE("a window that is missed still frames most of the wheel") {
  scenes::Random random(1);
  const Quad window = Quad::from_box({10, 10, 20, 30});
  for (int i = 0; i < 200; ++i) {
    const Box box = missed_window(window, random).bounds();
    CHECK(intersection(box, window.bounds()).area() > 0.7F * window.bounds().area());
  }
}

TEST_CASE("a window that slipped to a side frames more than half of the wheel, some of them not most of it") {
  scenes::Random random(1);
  const Quad window = Quad::from_box({10, 10, 20, 30});
  int far = 0;
  for (int i = 0; i < 200; ++i) {
    const float framed = intersection(slipped_window(window, random).bounds(), window.bounds()).area();
    CHECK(framed > 0.5F * window.bounds().area());
    far += framed < 0.8F * window.bounds().area() ? 1 : 0;
  }
  CHECK(far > 10);
}

TEST_CASE("weather changes the light of a wheel, not its size") {
  WheelCrop crop = render_wheels(scenes::Random(5), 1, 1)[0];
  const image::Picture before = crop.picture;
  scenes::Random random(2);
  weather_wheel(crop, random);
  CHECK(crop.picture.size() == before.size());
  CHECK_FALSE(std::equal(before.data(), before.data() + before.width() * before.height(), crop.picture.data()));
}

TEST_CASE(
    "a reader of wheels is trained, published as a model that equals it, and goes on after a stop to the very same "
    "figures") {
  WheelRig whole(2);
  REQUIRE_MESSAGE(whole.run(), "a training that is never stopped");
  const auto report = read_file(whole.folder / "out/wheels.json");
  REQUIRE(report);
  CHECK(as_text(*report).find("export difference") != std::string_view::npos);

  Registry registry;
  describe_all(registry);
  const auto model = model::Model::load(model_path(whole.settings), registry);
  REQUIRE_MESSAGE(model, model.error().message());
  model::Predictor predictor(*model);
  Findings findings;
  model::Timing timing;
  REQUIRE(predictor.predict(picture_of(3), {}, findings, timing));
  REQUIRE(findings.digits.size() == 1);
  CHECK(findings.digits[0].p.size() == learn::kWheelPlaces);

  WheelRig stopped(2);
  stopped.stop_after = 1;
  REQUIRE(stopped.run());
  stopped.stop = false;
  stopped.stop_after = 0;
  REQUIRE(stopped.run(true));
  CHECK(stopped.history() == whole.history());
}

TEST_CASE(
    "towers that learn side by side come to the very same figures as one after the other, and are one model that "
    "equals "
    "them") {
  WheelRig in_turn(2), at_once(2);
  in_turn.settings.digits.towers = at_once.settings.digits.towers = 3;
  at_once.settings.threads = 2;
  REQUIRE(in_turn.run());
  REQUIRE(at_once.run());
  CHECK(in_turn.history() == at_once.history());
  CHECK(read_file(model_path(in_turn.settings)).value() == read_file(model_path(at_once.settings)).value());

  WheelRig alone(2);
  REQUIRE(alone.run());
  CHECK(alone.history() != in_turn.history());
  CHECK(std::filesystem::file_size(model_path(in_turn.settings)) >
        2 * std::filesystem::file_size(model_path(alone.settings)));
}

TEST_CASE("the scale that makes certainty fit how often the answer is right") {
  // Two classes, logits ±3 (95 % sure), right in three of four: the model is far too sure.
  std::vector<std::vector<float>> logits;
  std::vector<std::size_t> classes;
  for (std::size_t i = 0; i < 400; ++i) {
    logits.push_back({3, 0});
    classes.push_back(i % 4 == 0 ? 1 : 0);
  }
  const float scale = best_scale(logits, classes);
  CHECK(softmax(logits[0], scale)[0] == doctest::Approx(0.75).epsilon(0.02));
}

}  // namespace perch::trainer
