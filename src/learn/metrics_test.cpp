#include "learn/metrics.hpp"

#include <doctest/doctest.h>

#include "learn/report.hpp"
#include "learn/train_message.hpp"
#include "learn/train_settings.hpp"

namespace perch::learn {

namespace {

Detection found(float score, const Box& box, int label = 0) {
  Detection detection;
  detection.label = LabelId{label};
  detection.score = score;
  detection.box_px = box;
  return detection;
}

}  // namespace

TEST_CASE("precision and recall follow the threshold") {
  const auto curve = precision_recall({{0.9F, true}, {0.5F, false}, {0.7F, true}, {0.3F, true}}, 4);
  REQUIRE(curve.size() == 4);
  CHECK(curve[1].threshold == 0.7F);
  CHECK(curve[1].precision == 1);
  CHECK(curve[1].recall == 0.5);
  CHECK(curve[2].precision == doctest::Approx(2.0 / 3));
  CHECK(curve[3].f1() == doctest::Approx(0.75));
  CHECK(best_f1(curve).threshold == 0.3F);
  CHECK(precision_recall({{0.9F, false}}, 0).empty());
  CHECK(best_f1({}).recall == 0);
}

TEST_CASE("answers of one score are accepted together") {
  const auto curve = precision_recall({{0.5F, true}, {0.5F, false}}, 1);
  REQUIRE(curve.size() == 1);
  CHECK(curve[0].precision == 0.5);
}

TEST_CASE("the area under the ROC curve is the chance that a positive is scored above a negative") {
  CHECK(auroc({{1, true}, {0, false}}) == 1);
  CHECK(auroc({{0, true}, {1, false}}) == 0);
  CHECK(auroc({{1, true}, {1, false}}) == 0.5);
  CHECK(auroc({{3, true}, {2, false}, {1, true}, {0, false}}) == 0.75);
  CHECK(std::isnan(auroc({{1, true}})));
}

TEST_CASE("a detection finds the thing of its label that it overlaps most, and each thing is found once") {
  const std::vector<TrueThing> things{{0, {0, 0, 10, 10}}, {0, {4, 0, 10, 10}}, {1, {0, 0, 10, 10}}};
  const std::vector<Detection> detections{found(0.5F, {1, 0, 10, 10}), found(0.9F, {1, 0, 10, 10}),
                                          found(0.8F, {50, 0, 10, 10}), found(0.7F, {0, 0, 10, 10}, 1)};
  const Matching matching = match(detections, things);
  CHECK(matching.thing_of == std::vector<int>{1, 0, Matching::kNothing, 2});
  CHECK(matching.found == std::vector<bool>{true, true, true});
}

TEST_CASE("what does not count is neither found nor missed, and finding it is no mistake") {
  const std::vector<TrueThing> things{{0, {0, 0, 10, 10}, false}, {0, {100, 0, 10, 10}}};
  const std::vector<Detection> detections{found(0.9F, {0, 1, 10, 10}), found(0.8F, {2, 2, 3, 3}),
                                          found(0.7F, {0, 0, 10, 10}, 1)};
  const Matching matching = match(detections, things);
  CHECK(matching.thing_of == std::vector<int>{Matching::kIgnored, Matching::kIgnored, Matching::kNothing});
  CHECK(matching.found == std::vector<bool>{false, false});
}

TEST_CASE("messages of a training survive the way through a pipe") {
  const std::vector<TrainMessage> messages{TrainStart{"detect", "a \"b\"", 10, 3, 7, 2},
                                           TrainNote{"no\nway", true},
                                           TrainStep{3, 0.25, 1.5, 60},
                                           TrainEpoch{3, 7, 1.5, "F1", 0.5, 0.75, 2, 0.25, 60},
                                           TrainDone{true, "stopped", "a.onnx", "a.json", "F1", 0.5, 12.5},
                                           TrainFailed{"no space"}};
  for (const TrainMessage& message : messages) {
    const std::string line = to_json(message);
    CHECK(line.find('\n') == std::string::npos);
    const auto back = parse_train_message(line);
    REQUIRE(back);
    CHECK(to_json(*back) == line);
  }
  CHECK_FALSE(parse_train_message("{}"));
  CHECK_FALSE(parse_train_message("hello"));
  CHECK_FALSE(parse_train_message(R"({"event":"note","text":3,"problem":false})"));
}

TEST_CASE("a job is read back as it was written, and a mistyped key names the nearest") {
  TrainSettings settings;
  settings.kind = "detect";
  settings.data = "pictures of \"mine\"";
  settings.out = "models";
  settings.time = std::chrono::minutes(5);
  settings.detect.width = 416;
  config::Diagnostics diagnostics;
  const auto back = parse_train_settings(config::parse_toml(to_toml(settings), "job.toml", diagnostics));
  REQUIRE(diagnostics.ok());
  REQUIRE(back);
  CHECK(back->data == settings.data);
  CHECK(back->time == settings.time);
  CHECK(back->detect.width == 416);
  CHECK(back->model_name() == "detect");

  const auto wrong = parse_train_settings(
      config::parse_toml("kind = 'detect'\ndata = 'd'\nout = 'o'\nepoch = 3\n", "job.toml", diagnostics));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message().find("epochs") != std::string::npos);
  const auto bad_kind =
      parse_train_settings(config::parse_toml("kind = 'detekt'\ndata = 'd'\nout = 'o'\n", "job.toml", diagnostics));
  REQUIRE_FALSE(bad_kind);
  CHECK(bad_kind.error().message() == "kind: there is no trainer 'detekt'; did you mean 'detect'?");
  const auto bad_name = parse_train_settings(
      config::parse_toml("kind = 'detect'\ndata = 'd'\nout = 'o'\nname = '../x'\n", "job.toml", diagnostics));
  REQUIRE_FALSE(bad_name);
  CHECK(bad_name.error().code == Errc::invalid);
}

TEST_CASE("a report keeps the worst mistakes, worst first") {
  TrainReport report;
  report.mistakes = {{"a", "x", 1, std::nullopt}, {"b", "x", 3, Box{1, 2, 3, 4}}, {"c", "x", 2, std::nullopt}};
  report.keep_worst(2);
  REQUIRE(report.mistakes.size() == 2);
  CHECK(report.mistakes[0].picture == "b");
  CHECK(to_json(report).find(R"("box":[1,2,3,4])") != std::string::npos);
}

}  // namespace perch::learn
