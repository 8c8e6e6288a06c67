#include "pipeline/worker.hpp"

#include <stdexcept>
#include <utility>

#include <doctest/doctest.h>

#include "seam/registry.hpp"
#include "support/program.hpp"
#include "support/tiny_onnx.hpp"

namespace perch::pipeline {

namespace {

/// Passes a model's values on.
class Values : public Decoder {
 public:
  Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const override {
    const auto row = tensors.outputs[0].of_batch(0);
    out.scores.push_back({placements[0].region, {row.begin(), row.end()}});
    return {};
  }
};

struct NoConfig {};

constexpr auto kNoFields = config::fields<NoConfig>();

Result<std::unique_ptr<Decoder>> make_values(const NoConfig&, const ModelShape&) {
  return std::make_unique<Values>();
}

/// Passes findings on.
class Pass : public Analysis {
 public:
  std::span<const Output> outputs() const override { return {}; }

  Result<Observation> update(const Frame&, const Findings& findings) override {
    Observation observation;
    observation.findings = findings;
    return observation;
  }
};

/// Throws when the frame is its first, as a library may, and passes findings on after that.
class ThrowsFirst : public Pass {
 public:
  Result<Observation> update(const Frame& frame, const Findings& findings) override {
    if (!std::exchange(thrown_, true)) throw std::length_error("too long");
    return Pass::update(frame, findings);
  }

 private:
  bool thrown_ = false;
};

/// A camera with one task, whose model passes its input of 2 × 2 on.
struct Bench {
  explicit Bench(const std::string& colour) {
    registry.decoder("values", "for tests", kNoFields, &make_values);
    const int channels = colour == "celsius" ? 1 : 3;
    test::write_test_file(folder / "m.onnx",
                          as_text(test::identity_onnx({"in", test::OnnxType::f32, {1, channels, 2, 2}})));
    test::write_test_file(folder / "m.toml", "name = \"m\"\ntask = \"classify\"\ninput = { colour = \"" + colour +
                                                 "\" }\n[decoder]\nkind = \"values\"\n");
    Task task;
    task.name = "t";
    task.model = model::Model::load((folder / "m.onnx").string(), registry).value();
    task.analysis = std::make_unique<Pass>();
    camera.tasks.push_back(std::move(task));
  }

  Observation look(decltype(Frame::payload) payload) {
    auto frame = std::make_shared<Frame>();
    frame->payload = std::move(payload);
    Looked looked = worker.look(frame, camera);
    CHECK_FALSE(looked.broken);
    REQUIRE(looked.answers.size() == 1);
    return looked.answers[0].observation;
  }

  test::TempFolder folder;
  Registry registry;
  SystemClock clock;
  Worker worker{clock};
  CameraState camera{{}, Gate::create({}).value(), {}};
};

}  // namespace

TEST_CASE("a model in °C sees a camera's temperatures, not a rendering of them") {
  Bench bench("celsius");
  const Observation seen = bench.look(ThermalGrid{2, 2, {20, 21.5F, 64.25F, -5}});
  CHECK(seen.status == Status::ok);
  REQUIRE(seen.findings.scores.size() == 1);
  CHECK(seen.findings.scores[0].p == std::vector{20.0F, 21.5F, 64.25F, -5.0F});
}

TEST_CASE("a model that looks at another kind of frame than the camera gives says so, each time") {
  Bench thermal("celsius"), pictures("rgb");
  for (int i = 0; i < 2; ++i) {
    Observation seen = thermal.look(image::Picture(4, 4));
    CHECK(seen.status == Status::unknown);
    CHECK(seen.reason.find("the model m looks at temperatures, but the frame is a picture") != std::string::npos);
    seen = pictures.look(ThermalGrid{2, 2, {20, 20, 20, 20}});
    CHECK(seen.status == Status::unknown);
    CHECK(seen.reason.find("the model m looks at pictures, but the frame is a thermal grid") != std::string::npos);
  }
}

TEST_CASE("what a library throws in one task is that task's reason; the other tasks and the next frame are looked at") {
  Bench bench("rgb");
  Task task;
  task.name = "second";
  task.model = bench.camera.tasks[0].model;
  task.analysis = std::make_unique<Pass>();
  bench.camera.tasks[0].analysis = std::make_unique<ThrowsFirst>();
  bench.camera.tasks.push_back(std::move(task));
  auto frame = std::make_shared<Frame>();
  frame->payload = image::Picture(4, 4);
  for (const Status first : {Status::unknown, Status::ok}) {
    const Looked looked = bench.worker.look(frame, bench.camera);
    CHECK_FALSE(looked.broken);
    REQUIRE(looked.answers.size() == 2);
    CHECK(looked.answers[0].observation.status == first);
    CHECK(looked.answers[0].observation.reason == (first == Status::unknown ? "too long" : ""));
    CHECK(looked.answers[1].observation.status == Status::ok);
    CHECK(looked.answers[1].observation.findings.scores.size() == 1);
  }
}

TEST_CASE("a task does not say that nothing is there when the task that finds its regions has failed") {
  Bench bench("rgb");
  const std::vector<double> far{100, 100, 10, 10};
  bench.camera.tasks[0].regions = model::fixed_regions(std::span(&far, 1)).value();
  for (const std::size_t finder : {0U, 1U}) {
    Task task;
    task.name = "u" + std::to_string(finder);
    task.model = bench.camera.tasks[0].model;
    task.regions_from = RegionsFrom{finder, {}, {}};
    task.analysis = std::make_unique<Pass>();
    bench.camera.tasks.push_back(std::move(task));
  }
  const auto look = [&](image::Picture picture) {
    auto frame = std::make_shared<Frame>();
    frame->payload = std::move(picture);
    return bench.worker.look(frame, bench.camera).answers;
  };

  const std::vector<Answer> outside = look(image::Picture(4, 4));
  REQUIRE(outside.size() == 3);
  for (const Answer& answer : outside) CHECK(answer.observation.status == Status::unknown);
  CHECK(outside[1].observation.reason == "the task 't', which finds its regions, has failed");
  CHECK(outside[2].observation.reason == "the task 'u0', which finds its regions, has failed");

  for (const Answer& answer : look(image::Picture(200, 200))) CHECK(answer.observation.status == Status::ok);
}

TEST_CASE("a record of signals has nothing for a model to look at") {
  Bench bench("celsius");
  const Observation seen = bench.look(Record{});
  CHECK(seen.status == Status::unknown);
  CHECK(seen.reason.find("no picture and no thermal grid") != std::string::npos);
}

}  // namespace perch::pipeline
