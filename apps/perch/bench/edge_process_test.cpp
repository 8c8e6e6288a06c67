#include "bench/edge_process.hpp"

#include <doctest/doctest.h>

#include "edge/settings.hpp"
#include "support/program.hpp"

using namespace std::chrono_literals;
using perch::bench::edge_config;

TEST_CASE("the configuration is one that the daemon takes") {
  perch::Registry registry;
  perch::describe_all(registry);
  const std::string text = edge_config({.cameras = 3,
                                        .camera_port = 4711,
                                        .model = "/models/a \"strange\" one.onnx",
                                        .models = "/models",
                                        .every = 200ms,
                                        .gate = true},
                                       3000);
  const auto settings = perch::edge::load_settings(text, "perch.toml", registry);
  REQUIRE_MESSAGE(settings, (settings ? "" : settings.error().list().front().message()));
  REQUIRE(settings->cameras.size() == 3);
  const auto& camera = settings->cameras[2];
  CHECK(camera.every == 200ms);
  CHECK(camera.gate.mode == perch::pipeline::GateMode::on);
  REQUIRE(camera.tasks.size() == 1);
  CHECK(camera.tasks[0].model == "/models/a \"strange\" one.onnx");
  CHECK(settings->listen.port == 3000);
}

TEST_CASE("without an interval cameras are asked as fast as they can be, and without a gate all is looked at") {
  perch::Registry registry;
  perch::describe_all(registry);
  const auto settings =
      perch::edge::load_settings(edge_config({.cameras = 1, .model = "yolox-nano"}, 3000), "perch.toml", registry);
  REQUIRE(settings);
  CHECK(settings->cameras[0].every == 0ms);
  CHECK(settings->cameras[0].gate.mode == perch::pipeline::GateMode::off);
}

TEST_CASE("a model is looked at by the plainest analysis that reads what it finds, if one can without settings") {
  using perch::model::Task;
  perch::Registry registry;
  perch::describe_all(registry);
  perch::model::Card card;
  card.labels = {"one", "two"};
  const auto of = [&](Task task) {
    card.task = task;
    return perch::bench::analysis_for(card, registry).value_or("none");
  };
  CHECK(of(Task::detect) == "detect");
  CHECK(of(Task::classify) == "state");
  CHECK(of(Task::anomaly) == "anomaly");
  CHECK(of(Task::digits) == "none");  // nobody knows where the wheels are
  CHECK(of(Task::pose) == "none");
}

TEST_CASE("the end of a log is what tells why") {
  const perch::test::TempFolder files;
  perch::test::write_test_file(files / "log", "one\ntwo\nthree\n");
  CHECK(perch::bench::last_lines(files / "log", 2) == "two\nthree");
  CHECK(perch::bench::last_lines(files / "log", 9) == "one\ntwo\nthree");
  CHECK(perch::bench::last_lines(files / "none", 2).empty());
}
