#include "learn/compare.hpp"

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/program.hpp"
#include "support/tiny_onnx.hpp"

using namespace perch;
using namespace perch::learn;

namespace {

/// Says the same of every picture: a score a label.
class Echo : public Decoder {
 public:
  Result<void> decode(const Tensors& tensors, std::span<const Placement> placements, Findings& out) const override {
    for (std::size_t i = 0; i < placements.size(); ++i) {
      const auto row = tensors.outputs[0].of_batch(static_cast<std::int64_t>(i));
      out.scores.push_back({placements[i].region, {row.begin(), row.end()}});
    }
    return {};
  }
};

struct NoConfig {};

constexpr auto kNoFields = config::fields<NoConfig>();

Result<std::unique_ptr<Decoder>> make_echo(const NoConfig&, const ModelShape&) {
  return std::make_unique<Echo>();
}

Registry registry() {
  Registry registry;
  registry.decoder("echo", "for tests", kNoFields, &make_echo);
  return registry;
}

/// The mean of each colour, as the scores of three labels.
std::string colour_model(const test::TempFolder& folder, const std::string& name, int side,
                         const std::string& labels = "'red', 'green', 'blue'", const std::string& task = "classify") {
  test::write_test_file(folder / (name + ".onnx"), as_text(test::mean_onnx(1, side, side)));
  test::write_test_file(folder / (name + ".toml"), "name = '" + name + "'\ntask = '" + task + "'\nlabels = [" + labels +
                                                       "]\n[decoder]\nkind = 'echo'\n");
  return (folder / (name + ".onnx")).string();
}

ExamPicture picture_of(int channel, std::optional<int> label) {
  image::Picture picture(16, 16);
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 16; ++x)
      for (int c = 0; c < 3; ++c) picture.at(x, y)[c] = c == channel ? 220 : 20;
  ExamPicture made;
  made.name = "p" + std::to_string(channel);
  made.bytes = image::encode_jpeg(picture.view()).value();
  made.label = label;
  return made;
}

Exam colours(bool labelled) {
  Exam exam;
  exam.labelled = labelled;
  // The last is labelled wrongly on purpose: no model can be right about all of them.
  for (int i = 0; i < 4; ++i) exam.pictures.push_back(picture_of(i % 3, labelled ? std::optional(i) : std::nullopt));
  if (labelled) exam.pictures.back().label = 1;
  return exam;
}

}  // namespace

TEST_CASE("a model agrees with itself, loses nothing, and is about as fast") {
  const test::TempFolder folder;
  const std::string model = colour_model(folder, "m", 8);
  const auto result = compare(model, model, colours(true), registry());
  REQUIRE_MESSAGE(result, (result ? "" : result.error().message()));
  CHECK(result->pictures == 4);
  CHECK(result->agreement == 1);
  CHECK(result->loss() == 0);
  REQUIRE(result->a.measures.size() == 1);
  CHECK(result->a.measures[0].name == "accuracy");
  CHECK(result->a.measures[0].value == 0.75);
  CHECK(result->a.core_ms > 0);
  CHECK(result->a.bytes > 0);
  CHECK(result->a.id == result->b.id);
}

TEST_CASE("without truth the loss is how often two models disagree, and there are no measures") {
  const test::TempFolder folder;
  const auto result = compare(colour_model(folder, "a", 8), colour_model(folder, "b", 4), colours(false), registry());
  REQUIRE_MESSAGE(result, (result ? "" : result.error().message()));
  CHECK(result->a.measures.empty());
  CHECK(result->loss() == doctest::Approx(1 - result->agreement));
  CHECK(result->agreement == 1);
  CHECK(result->a.id != result->b.id);
}

TEST_CASE("progress goes up to all of it, in steps of a picture and a model") {
  const test::TempFolder folder;
  const std::string model = colour_model(folder, "m", 8);
  std::vector<double> told;
  REQUIRE(compare(model, model, colours(true), registry(), {}, [&](double part) { told.push_back(part); }));
  REQUIRE(told.size() == 8);
  CHECK(std::is_sorted(told.begin(), told.end()));
  CHECK(told.back() == 1);
}

TEST_CASE("models of other labels are not compared, nor with one that is not there") {
  const test::TempFolder folder;
  const std::string a = colour_model(folder, "a", 8);
  const auto other = compare(a, colour_model(folder, "b", 8, "'x', 'y', 'z'"), colours(true), registry());
  CHECK(other.error().what == "the models tell different things apart");
  CHECK(compare(a, folder / "none.onnx", colours(true), registry()).error().code == Errc::not_found);
}

TEST_CASE("the time on a core is told for each model, however many") {
  const test::TempFolder folder;
  std::vector<std::shared_ptr<const model::Model>> models;
  for (const char* name : {"a", "b", "c"})
    models.push_back(model::Model::load(colour_model(folder, name, 8), registry(), {}).value());
  const auto times = core_ms_in_turns(models, 3);
  REQUIRE(times);
  REQUIRE(times->size() == 3);
  for (const double ms : *times) CHECK(ms > 0);
}
