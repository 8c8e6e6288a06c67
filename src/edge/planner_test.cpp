#include "edge/planner.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/config_rig.hpp"
#include "support/tiny_onnx.hpp"

using namespace perch;
using namespace perch::edge;
using test::TempFolder;

namespace {

constexpr std::string_view kCard = R"(name = "means"
task = "detect"
labels = ["red", "green", "blue"]
decoder = { kind = "classify" }
)";

void write_model(const std::filesystem::path& folder, const std::string& name, int height = 8) {
  REQUIRE(write_file(folder / (name + ".onnx"), test::mean_onnx(1, height, 8)));
  test::write_test_file(folder / (name + ".toml"), kCard);
}

class Busy : public Decoder {
 public:
  Result<void> decode(const Tensors&, std::span<const Placement>, Findings&) const override { return {}; }
};

struct NoConfig {};

constexpr auto kNoFields = config::fields<NoConfig>();

std::filesystem::path touched_by_busy;  ///< a file; saved again whenever a model with this decoder is loaded

Result<std::unique_ptr<Decoder>> make_busy(const NoConfig&, const ModelShape&) {
  if (!touched_by_busy.empty()) {
    const auto written = std::filesystem::last_write_time(touched_by_busy);
    std::filesystem::last_write_time(touched_by_busy, written + std::chrono::seconds(5));
  }
  return std::make_unique<Busy>();
}

std::string task(std::string_view name, std::string_view rest) {
  return "[[camera.task]]\nname = '" + std::string(name) + "'\nanalysis = { kind = 'detect' }\n" + std::string(rest);
}

}  // namespace

TEST_CASE("a configuration comes with its models, each loaded once") {
  ConfigRig f;
  write_model(f.folder.path(), "means");
  const auto read =
      f.read(camera("a", task("x", "model = './means.onnx'\n")) + camera("b", task("x", "model = './means.onnx'\n")));
  REQUIRE(read);
  CHECK(read->models.size() == 1);
  CHECK(read->settings.data == (f.folder / "data").string());
}

TEST_CASE("models that cannot be had and labels that they lack come with all else that is wrong, in the file's order") {
  ConfigRig f;
  write_model(f.folder.path(), "means");
  const std::string text =
      camera("a", task("x", "model = './none.onnx'\nrecrod = 'every'\n")) +
      camera(
          "b",
          "[[camera.task]]\nname = 'y'\nmodel = './means.onnx'\nanalysis = { kind = 'detect', labels = ['bleu'] }\n") +
      task("z", "model = './means.onnx'\nregions_from = { task = 'y', labels = ['rde'] }\n") +
      "[[discover]]\nmatch = '*'\n[[discover.task]]\nname = 'd'\nmodel = './none.onnx'\nanalysis = { kind = 'detect' "
      "}\n";
  const std::string none = (f.folder / "none.onnx").string() + ": there is no such model file; check the path\n";
  CHECK(f.mistakes(text) ==
        ":7:9: camera.a.task.x.model: " + none +
            ":8:1: camera.a.task.x.recrod: unknown key; did you mean 'record'?\n"
            ":15:40: camera.b.task.y.analysis.labels: the model has no label 'bleu'; did you mean 'blue'?\n"
            ":20:39: camera.b.task.z.regions_from.labels: the model means has no label 'rde'; did you mean 'red'?\n"
            ":25:9: discover[1].task.d.model: " +
            none);
}

TEST_CASE("of a task that is none, or has no analysis, only that is said") {
  ConfigRig f;
  CHECK(f.mistakes(camera("a", "task = [1]\n")) == ":4:9: camera.a.task[1]: is a whole number, but must be a table\n");
  CHECK(f.mistakes(camera("a", "[[camera.task]]\nname = 't'\nanalysis = {}\n")) ==
        ":6:12: camera.a.task.t.analysis.kind: is missing; set it: it decides which other keys there are\n");
}

TEST_CASE("a model whose file has changed is loaded anew, the others are kept") {
  ConfigRig f;
  write_model(f.folder.path(), "one");
  write_model(f.folder.path(), "two");
  test::write_test_file(f.folder / "perch.toml",
                        camera("a", task("x", "model = './one.onnx'\n") + task("y", "model = './two.onnx'\n")));
  ConfigFile file(f.folder / "perch.toml", f.folder / "data", f.registry);
  const auto before = file.read();
  REQUIRE(before);
  CHECK_FALSE(file.changed());
  write_model(f.folder.path(), "two", 16);
  std::filesystem::last_write_time(f.folder / "two.onnx",
                                   std::filesystem::last_write_time(f.folder / "two.onnx") + std::chrono::seconds(5));
  CHECK_FALSE(file.changed());  // it may still be being written
  CHECK(file.changed());
  const auto after = file.read();
  REQUIRE(after);
  CHECK_FALSE(file.changed());
  CHECK(before->models.at("./one.onnx") == after->models.at("./one.onnx"));
  CHECK(before->models.at("./two.onnx") != after->models.at("./two.onnx"));
}

TEST_CASE("what is saved while a configuration is being loaded is a change") {
  for (const std::string saved : {"perch.toml", "means.onnx"}) {
    ConfigRig f;
    f.registry.decoder("busy", "for tests", kNoFields, &make_busy);
    write_model(f.folder.path(), "means");
    test::write_test_file(f.folder / "means.toml",
                          "name = \"means\"\ntask = \"detect\"\ndecoder = { kind = \"busy\" }\n");
    test::write_test_file(f.folder / "perch.toml", camera("a", task("x", "model = './means.onnx'\n")));
    ConfigFile file(f.folder / "perch.toml", f.folder / "data", f.registry);
    touched_by_busy = f.folder / saved;
    REQUIRE(file.read());
    CHECK_FALSE(file.changed());  // it may still be being written
    CHECK(file.changed());
    touched_by_busy.clear();
    REQUIRE(file.read());
    for (int i = 0; i < 2; ++i) CHECK_FALSE(file.changed());
  }
}

TEST_CASE("tasks are planned after the one that finds their regions") {
  ConfigRig f;
  write_model(f.folder.path(), "means");
  const auto read = f.read(
      camera("a", task("second", "model = './means.onnx'\nregions_from = { task = 'first', labels = ['blue'] }\n") +
                      task("first", "model = './means.onnx'\n")));
  REQUIRE(read);
  asio::io_context io;
  SystemClock clock;
  SourceContext context;
  context.io = context.blocking = io.get_executor();
  context.clock = &clock;
  context.folder = f.folder.path();
  const auto planned = plan_camera(read->settings.cameras[0], read->models, f.registry, context);
  REQUIRE(planned);
  CHECK(planned->info.tasks[0].name == "first");
  CHECK(planned->info.tasks[1].name == "second");
  CHECK(planned->info.tasks[1].model.starts_with("means@"));
  REQUIRE(planned->plan.state.tasks[1].regions_from);
  CHECK(planned->plan.state.tasks[1].regions_from->task == 0);
  CHECK(planned->plan.state.tasks[1].regions_from->labels == std::vector{LabelId{2}});
  CHECK(planned->info.source == "folder");
}

TEST_CASE("a camera is gone after the time limit of its source; a recording has none") {
  ConfigRig f;
  const auto read =
      f.read(camera("folder", "") +
             "[[camera]]\nname = 'far'\nsource = { kind = 'http', url = 'http://127.0.0.1/jpg', timeout = '30s' }\n");
  REQUIRE(read);
  asio::io_context io;
  SystemClock clock;
  SourceContext context;
  context.io = context.blocking = io.get_executor();
  context.clock = &clock;
  context.folder = f.folder.path();
  const auto folder = plan_camera(read->settings.cameras[0], read->models, f.registry, context);
  const auto far = plan_camera(read->settings.cameras[1], read->models, f.registry, context);
  REQUIRE(folder);
  REQUIRE(far);
  CHECK_FALSE(folder->plan.health.bounded);
  CHECK(far->plan.health.bounded);
  CHECK(far->plan.health.timeout == std::chrono::seconds(30));
}

TEST_CASE("a configuration's revision counts its changes and survives") {
  TempFolder folder;
  CHECK(config_revision(folder.path(), "a").value() == 1);
  CHECK(config_revision(folder.path(), "a").value() == 1);
  CHECK(config_revision(folder.path(), "b").value() == 2);
  CHECK(config_revision(folder.path(), "a").value() == 3);
  test::write_test_file(folder / "config-revision", "rubbish");
  CHECK(config_revision(folder.path(), "a").value() == 1);
  CHECK_FALSE(config_revision(folder / "gone", "a"));
}

namespace {

/// Writes a model whose card says that it answers this.
void write_model_of(const std::filesystem::path& folder, const std::string& task, std::string_view input = "") {
  REQUIRE(write_file(folder / (task + ".onnx"), test::mean_onnx(1, 8, 8)));
  test::write_test_file(folder / (task + ".toml"), "name = '" + task + "-net'\ntask = '" + task +
                                                       "'\nlabels = ['red', 'green', 'blue']\n" + std::string(input) +
                                                       "decoder = { kind = 'classify' }\n");
}

}  // namespace

TEST_CASE("a model that finds something else than the analysis reads is refused, with what each is for") {
  ConfigRig f;
  for (const char* task : {"detect", "classify", "pose", "digits", "anomaly"}) write_model_of(f.folder.path(), task);
  const std::map<std::string, std::string> wanted{
      {"detect", "detect"}, {"count", "detect"}, {"state", "classify"}, {"meter", "digits"}, {"anomaly", "anomaly"}};
  for (const auto& [analysis, right] : wanted)
    for (const char* given : {"detect", "classify", "pose", "digits", "anomaly"}) {
      CAPTURE(analysis);
      CAPTURE(given);
      const std::string wrong =
          f.mistakes(camera("a", fmt::format("[[camera.task]]\nname = 't'\nregions = [[0, 0, 9, 9]]\n"
                                             "model = './{}.onnx'\nanalysis = {{ kind = '{}' }}\n",
                                             given, analysis)));
      if (given == right)
        CHECK(wrong.empty());
      else
        CHECK(wrong ==
              fmt::format(":8:12: camera.a.task.t.analysis: '{0}' needs a model of the task '{1}', and the model "
                          "{2}-net is of the task '{2}'; take another model or another analysis\n",
                          analysis, right, given));
    }
}

TEST_CASE("an analysis without the model that it needs, or with one that it does not read, is refused") {
  ConfigRig f;
  write_model_of(f.folder.path(), "detect");
  CHECK(f.mistakes(camera("a", "[[camera.task]]\nname = 't'\nanalysis = { kind = 'count' }\n")) ==
        ":6:12: camera.a.task.t.analysis: 'count' needs a model of the task 'detect', and the task has none; set its "
        "model\n");
  for (const char* kind : {"hottest", "record"})
    CHECK(f.mistakes(camera("a", "[[camera.task]]\nname = 't'\nmodel = './detect.onnx'\nanalysis = { kind = '" +
                                     std::string(kind) + "' }\n")) ==
          ":7:12: camera.a.task.t.analysis: '" + std::string(kind) +
              "' reads no findings, and the model detect-net is of the task 'detect'; leave out the model, or take "
              "another analysis\n");
}

TEST_CASE("regions come from a detector only") {
  ConfigRig f;
  for (const char* task : {"detect", "classify"}) write_model_of(f.folder.path(), task);
  CHECK(
      f.mistakes(camera("a", "[[camera.task]]\nname = 's'\nmodel = './classify.onnx'\nanalysis = { kind = 'state' }\n" +
                                 task("t", "model = './detect.onnx'\nregions_from = { task = 's' }\n"))) ==
      ":12:25: camera.a.task.t.regions_from.task: the model classify-net of the task 's' is of the task 'classify': "
      "it finds no regions; name a task whose model is of the task 'detect'\n");
}

TEST_CASE("a model in °C wants a camera of temperatures, any other one of pictures, as far as that is known") {
  ConfigRig f;
  write_model(f.folder.path(), "means");
  test::write_test_file(f.folder / "heat.toml",
                        "name = 'heat'\ntask = 'detect'\nlabels = ['red', 'blue']\ninput = { colour = 'celsius' }\n"
                        "decoder = { kind = 'classify' }\n");
  REQUIRE(write_file(f.folder / "heat.onnx",
                     test::constant_onnx({"x", test::OnnxType::f32, {1, 1, 8, 8}}, {{"y", {1, 2}, 0.5F}})));
  const auto mistakes = [&](const std::string& source, const std::string& model) {
    return f.mistakes("[[camera]]\nname = 'a'\nsource = { " + source + " }\n" +
                      task("t", "model = './" + model + ".onnx'\n"));
  };
  const std::string pictures = "kind = 'folder', path = 'x'", grids = "kind = 'thermal-file', path = 'x'";
  CHECK(mistakes(pictures, "means").empty());
  CHECK(mistakes(grids, "heat").empty());
  CHECK(mistakes("kind = 'scene', scene = 'boiler'", "heat").empty());
  for (const char* model : {"means", "heat"}) CHECK(mistakes("kind = 'http', url = 'http://camera'", model).empty());
  CHECK(mistakes(pictures, "heat") ==
        ":7:9: camera.a.task.t.model: the model heat looks at grids of temperatures, and the camera gives pictures; "
        "take another model\n");
  CHECK(mistakes("kind = 'scene', scene = 'boiler'", "means") ==
        ":7:9: camera.a.task.t.model: the model means looks at pictures, and the camera gives grids of temperatures; "
        "take another model\n");
}
