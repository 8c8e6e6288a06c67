#include "edge/settings.hpp"

#include <regex>

#include <doctest/doctest.h>

#include "seam/sink.hpp"
#include "seam/source.hpp"

using namespace perch;
using namespace perch::edge;
using namespace std::chrono_literals;
using config::field;
using pipeline::RecordPolicy;

namespace {

struct Http {
  std::string url;
};

struct Count {
  std::vector<std::string> labels;
  double min_score = 0.5;
};

struct File {
  std::string path;
};

// Components whose tables can be checked but which are never made.
Result<std::unique_ptr<Source>> no_source(const Http&, const SourceContext&) {
  return fail(Errc::unsupported, "");
}

Result<std::unique_ptr<Analysis>> no_analysis(const Count&, const AnalysisContext&) {
  return fail(Errc::unsupported, "");
}

Result<std::unique_ptr<Sink>> no_sink(const File&, const SinkContext&) {
  return fail(Errc::unsupported, "");
}

Registry test_registry() {
  Registry registry;
  registry.source("http", "", config::fields<Http>(field("url", &Http::url).required().help("address of a JPEG")),
                  no_source);
  registry.analysis(
      "detect", "", FindingKind::detections,
      config::fields<Count>(field("labels", &Count::labels), field("min_score", &Count::min_score).range(0.0, 1.0)),
      no_analysis);
  registry.sink("file", "", config::fields<File>(field("path", &File::path).required()), no_sink);
  return registry;
}

Settings good(std::string_view text) {
  const auto settings = load_settings(text, "perch.toml", test_registry());
  if (!settings) {
    for (const config::Diagnostic& d : settings.error().list()) MESSAGE(d.message());
    FAIL("these settings are wrong");
  }
  return *settings;
}

/// All messages, a line each.
std::string bad(std::string_view text, const Registry& registry = test_registry()) {
  const auto settings = load_settings(text, "perch.toml", registry);
  REQUIRE_FALSE(settings);
  std::string all;
  for (const config::Diagnostic& d : settings.error().list()) all += (all.empty() ? "" : "\n") + d.message();
  return all;
}

/// The messages about the tasks of a camera, lines counted from the first task's.
std::string bad_tasks(const std::string& tasks) {
  const std::string head = "[[camera]]\nname = 'c'\nsource = { kind = 'http', url = 'u' }\n";
  std::string all = bad(head + tasks);
  for (int line = 4; line < 30; ++line) {
    const std::string from = "perch.toml:" + std::to_string(line) + ":", to = std::to_string(line - 3) + ":";
    for (std::size_t at = 0; (at = all.find(from)) != std::string::npos;) all.replace(at, from.size(), to);
  }
  return all;
}

std::string task(const std::string& name, const std::string& more) {
  return "[[camera.task]]\nname = '" + name + "'\nanalysis = { kind = 'detect' }\n" + more + "\n";
}

constexpr std::string_view kExample = R"(
device = "garage"
data   = "/var/lib/perch"
listen = "127.0.0.1:3000"
models = ["/opt/models"]

[[camera]]
name   = "driveway"
source = { kind = "http", url = "http://192.168.1.20/jpg" }
every  = "200ms"
  [[camera.task]]
  name     = "cars"
  model    = "yolox-nano"
  analysis = { kind = "detect", labels = ["car", "truck"], min_score = 0.4 }
  record   = "change"
  [[camera.task]]
  name     = "plates"
  model    = "plates"
  regions_from = { task = "cars", labels = ["car"], margin = 0.1 }
  analysis = { kind = "detect" }
  record   = "10min"

[[camera]]
name   = "meter"
source = { kind = "http", url = "http://192.168.1.21/capture" }
every  = "1m"
  [[camera.task]]
  name     = "kwh"
  model    = "roller-digits"
  regions  = [[570, 150, 168, 210], [738, 150, 906, 150, 906, 360, 738, 360.5]]
  analysis = { kind = "detect" }
  record   = "every"

[[sink]]
kind = "file"
path = "readings.jsonl"
)";

}  // namespace

TEST_CASE("the example of the documentation is read") {
  const Settings settings = good(kExample);
  CHECK(settings.device.value == "garage");
  CHECK(settings.models == std::vector<std::string>{"/opt/models"});
  REQUIRE(settings.cameras.size() == 2);
  const Camera& driveway = settings.cameras[0];
  CHECK(driveway.name.value == "driveway");
  CHECK(driveway.source.kind() == "http");
  CHECK(driveway.every == 200ms);
  REQUIRE(driveway.tasks.size() == 2);
  CHECK(driveway.tasks[0].model == "yolox-nano");
  CHECK(driveway.tasks[0].record.kind == RecordPolicy::Kind::change);
  CHECK(driveway.tasks[1].record == RecordPolicy{RecordPolicy::Kind::interval, 10min});
  REQUIRE(driveway.tasks[1].regions_from);
  CHECK(driveway.tasks[1].regions_from->task.value == "cars");
  CHECK(driveway.tasks[1].regions_from->margin == 0.1F);
  const Task& kwh = settings.cameras[1].tasks[0];
  CHECK(kwh.regions.size() == 2);
  CHECK(kwh.regions[1].size() == 8);
  CHECK(kwh.record.kind == RecordPolicy::Kind::every);
  CHECK(settings.sinks[0].kind() == "file");
}

TEST_CASE("an empty file is a device without cameras") {
  const Settings settings = good("");
  CHECK_FALSE(settings.device.value.empty());
  CHECK(settings.data == "/var/lib/perch");
  CHECK(settings.listen == ListenAddress{"127.0.0.1", 3000});
  CHECK(settings.cameras.empty());
  CHECK(settings.sinks.empty());
}

TEST_CASE("a device is named after its host, in letters that names may have") {
  CHECK(device_name_from("garage") == "garage");
  CHECK(device_name_from("pi.home.lan") == "pi-home-lan");
  CHECK(device_name_from("k\xC3\xBC") == "k--");
  CHECK(device_name_from("") == "perch");
  CHECK(device_name_from(std::string(300, 'a')).size() == 64);
}

TEST_CASE("settings are written without their defaults and read back to the same settings") {
  const Settings settings = good(kExample);
  const config::Node written = write_settings(settings);
  CHECK(written.find("data") == nullptr);
  const auto again = read_settings(written, test_registry());
  REQUIRE(again);
  CHECK(write_settings(*again) == written);
  CHECK(again->cameras[0].tasks[1].regions_from->margin == 0.1F);
}

TEST_CASE("layers are checked where each value was written") {
  config::Diagnostics diagnostics;
  const config::Node lower = config::parse_toml(kExample, "perch.toml", diagnostics);
  const config::Node upper =
      config::parse_toml("[[camera]]\nname = 'meter'\nevery = '1ms'\n", "desired.toml", diagnostics);
  const auto settings = read_settings(config::merge(lower, upper), test_registry());
  REQUIRE_FALSE(settings);
  CHECK(settings.error().list()[0].message() ==
        "desired.toml:3:9: camera.meter.every: is 1ms, but must be between 10ms and 1d, or 0s");
}

TEST_CASE("every error of a file is reported at once, in its order") {
  CHECK(
      bad(R"(device = "front door"
lisen = "127.0.0.1:3000"
listen = "127.0.0.1"
[[camera]]
name = "driveway"
source = { kind = "htp", url = "u" }
evry = "200ms"
every = "1ms"
[[camera.task]]
name = "cars"
analysis = { kind = "detect", min_scor = 0.4, labels = "car" }
record = "chnage"
[[camera.task]]
name = "plates"
model = "plates"
regions_from = { task = "car" }
regions = [[1, 2, 3]]
analysis = { kind = "detect", min_score = 40 }
[[camera]]
name = "driveway"
source = { kind = "http" }
[[camera]]
every = "1s"
[[sink]]
path = "x"
[[sink]]
kind = "file"
)") ==
      R"(perch.toml:1:10: device: 'front door' is not a name; names have letters, digits, - and _: 'front-door' would do
perch.toml:2:1: lisen: unknown key; did you mean 'listen'?
perch.toml:3:10: listen: '127.0.0.1' has no port; write it as address:port, like "127.0.0.1:3000" or "[::1]:3000"
perch.toml:6:19: camera.driveway.source.kind: there is no source of the kind 'htp'; did you mean 'http'?
perch.toml:7:1: camera.driveway.evry: unknown key; did you mean 'every'?
perch.toml:8:9: camera.driveway.every: is 1ms, but must be between 10ms and 1d, or 0s
perch.toml:11:31: camera.driveway.task.cars.analysis.min_scor: unknown key; did you mean 'min_score'?
perch.toml:11:56: camera.driveway.task.cars.analysis.labels: is a string, but must be a list
perch.toml:12:10: camera.driveway.task.cars.record: 'chnage' is no record policy; did you mean 'change'?
perch.toml:16:16: camera.driveway.task.plates.regions_from: the task has regions too; keep one of them
perch.toml:16:25: camera.driveway.task.plates.regions_from.task: the camera has no task 'car'; did you mean 'cars'?
perch.toml:17:12: camera.driveway.task.plates.regions[1]: has 3 numbers; write [x, y, width, height] or the x, y of four corners
perch.toml:18:43: camera.driveway.task.plates.analysis.min_score: is 40, but must be between 0 and 1
perch.toml:20:8: camera.driveway.name: the camera of line 5 has this name already; give it another
perch.toml:21:10: camera.driveway.source.url: is missing; set it: address of a JPEG
perch.toml:22:1: camera[3].name: is missing; set it: letters, digits, - and _; the stable key of everything about the camera
perch.toml:22:1: camera[3].source: is missing; set it: where its frames come from
perch.toml:24:1: sink[1].kind: is missing; set it: it decides which other keys there are
perch.toml:26:1: sink[2].path: is missing)");
}

TEST_CASE("a syntax error is reported alone") {
  CHECK(bad("[[camera]]\nnaem = 'x'\nevery = 200ms\n") ==
        "perch.toml:3:12: not valid TOML: expected digit, saw 'm'; text, durations and sizes stand in quotes: every = "
        "\"200ms\"");
}

TEST_CASE("a name is told what names are made of") {
  CHECK(bad("device = ''") == "perch.toml:1:10: device: must not be empty; names have letters, digits, - and _");
  CHECK(bad("device = '" + std::string(65, 'a') + "'").ends_with("has 65 characters, but names have at most 64"));
  CHECK(bad("device = 'a\\n'").find("'a-n' would do") != std::string::npos);
  CHECK(bad("device = 'ä'").ends_with("'ä' is not a name; names have letters, digits, - and _"));
  CHECK(bad("device = ' Küche 2!'").ends_with("'K-che-2' would do"));
  good("device = '" + std::string(64, 'a') + "'");
}

TEST_CASE("where to listen is an address and a port") {
  const auto listen = [](const std::string& text) { return good("listen = '" + text + "'").listen; };
  CHECK(listen("0.0.0.0:80") == ListenAddress{"0.0.0.0", 80});
  CHECK(listen("localhost:0") == ListenAddress{"localhost", 0});
  CHECK(listen("[::1]:3000") == ListenAddress{"::1", 3000});
  const auto wrong = [](const std::string& text) {
    const std::string message = bad("listen = '" + text + "'");
    CHECK(message.ends_with("; write it as address:port, like \"127.0.0.1:3000\" or \"[::1]:3000\""));
    return message.substr(0, message.find(';'));
  };
  CHECK(wrong("3000") == "perch.toml:1:10: listen: '3000' has no port");
  CHECK(wrong("[::1]") == "perch.toml:1:10: listen: '[::1]' has no port");
  CHECK(wrong("") == "perch.toml:1:10: listen: '' has no port");
  CHECK(wrong("localhost:") == "perch.toml:1:10: listen: '' is not a port from 0 to 65535");
  CHECK(wrong("localhost:65536") == "perch.toml:1:10: listen: '65536' is not a port from 0 to 65535");
  CHECK(wrong("localhost:-1") == "perch.toml:1:10: listen: '-1' is not a port from 0 to 65535");
  CHECK(wrong("localhost:80 ") == "perch.toml:1:10: listen: '80 ' is not a port from 0 to 65535");
  CHECK(wrong("::1:3000") == "perch.toml:1:10: listen: '::1:3000' is an IPv6 address without brackets");
  CHECK(wrong(":3000") == "perch.toml:1:10: listen: '' names no host");
  CHECK(wrong("http://a:3000") == "perch.toml:1:10: listen: 'http://a' names no host");
  CHECK(wrong("[a]:3000") == "perch.toml:1:10: listen: '[a]' names no host");
  CHECK(bad("listen = 'myhost.local:3000'") ==
        "perch.toml:1:10: listen: 'myhost.local' is no address; write an address of this machine, 0.0.0.0 or [::] for "
        "all "
        "of them, or localhost");
}

TEST_CASE("what to record is every observation, changes, or one in a while") {
  const auto wrong = [](const std::string& text) { return bad_tasks(task("t", "record = " + text)); };
  CHECK(wrong("'evry'") == "4:10: camera.c.task.t.record: 'evry' is no record policy; did you mean 'every'?");
  CHECK(
      wrong("'sometimes'") ==
      "4:10: camera.c.task.t.record: 'sometimes' is no record policy; give \"every\", \"change\" or a duration such as "
      "\"5m\"");
  CHECK(wrong("'10'").ends_with("such as \"5m\""));
  CHECK(wrong("'1ms'") == "4:10: camera.c.task.t.record: must be 100ms to 7d; use \"every\" to keep all");
  CHECK(wrong("60") == "4:10: camera.c.task.t.record: is a whole number, but must be a string");
}

TEST_CASE("regions have four numbers or four corners, and an area") {
  const auto wrong = [](const std::string& list) { return bad_tasks(task("t", "regions = " + list)); };
  CHECK(wrong("[[0, 0, 10, 10], [1, 2, 3, 4, 5]]") ==
        "4:28: camera.c.task.t.regions[2]: has 5 numbers; write [x, y, width, height] or the x, y of four corners");
  CHECK(wrong("[[0, 0, 0, 10]]").starts_with("4:12: camera.c.task.t.regions[1]: has no area"));
  CHECK(wrong("[[0, 0, 10, inf]]").starts_with("4:23: camera.c.task.t.regions[1][4]: is inf"));
  CHECK(wrong("[[0, 0, 10, 10, 10, 0, 0, 10]]").find("regions[1]: its four corners do not bound a convex area") !=
        std::string::npos);
  CHECK(wrong("[[0, 0, 10, 'x']]") == "4:23: camera.c.task.t.regions[1][4]: is a string, but must be a number");
  CHECK(wrong("[0, 0, 10, 10]").starts_with("4:12: camera.c.task.t.regions[1]: is a whole number, but must be a list"));
  std::string many;
  for (int i = 0; i < 1025; ++i) many += "[0, 0, 10, 10],";
  CHECK(wrong("[" + many + "]").find("has 1025 entries, but must have between 0 and 1024 entries") !=
        std::string::npos);
}

TEST_CASE("a task whose regions come from another names one of its camera that finds something") {
  const auto from = [](const std::string& name) { return "model = 'm'\nregions_from = { task = '" + name + "' }"; };
  CHECK(bad_tasks(task("a", "model = 'm'") + task("b", from("aa"))) ==
        "9:25: camera.c.task.b.regions_from.task: the camera has no task 'aa'; known: a");
  CHECK(bad_tasks(task("people", "model = 'm'") + task("b", from("cars"))).ends_with("no task 'cars'; known: people"));
  CHECK(bad_tasks(task("a", from("b"))) == "5:25: camera.c.task.a.regions_from.task: the camera has no other task 'b'");
  CHECK(bad_tasks(task("a", "") + task("b", from("a"))) ==
        "9:25: camera.c.task.b.regions_from.task: the task 'a' has no model, so it finds nothing; give it one, or name "
        "another task");
  CHECK(bad_tasks(task("a", "model = 'm'") + task("b", "regions_from = { task = 'a' }")) ==
        "8:16: camera.c.task.b.regions_from: the task has no model that could look at them; set its model");
}

TEST_CASE("tasks that wait for each other are told so, and a task that follows them is not") {
  const auto from = [](const std::string& name) { return "model = 'm'\nregions_from = { task = '" + name + "' }"; };
  CHECK(bad_tasks(task("a", from("a"))) ==
        "5:25: camera.c.task.a.regions_from.task: the tasks wait for each other: a → a; let one of them look at the "
        "whole frame");
  CHECK(
      bad_tasks(task("a", from("b")) + task("b", from("a")) + task("c", from("a"))) ==
      "5:25: camera.c.task.a.regions_from.task: the tasks wait for each other: a → b → a; let one of them look at the "
      "whole frame\n"
      "10:25: camera.c.task.b.regions_from.task: the tasks wait for each other: b → a → b; let one of them look at "
      "the whole frame");
}

TEST_CASE("names are unique where they are keys, and only there") {
  CHECK(bad_tasks(task("a", "") + task("b", "") + task("a", "")) ==
        "10:8: camera.c.task.a.name: the task of line 5 has this name already; give it another");
  good(
      "[[camera]]\nname = 'a'\nsource = { kind = 'http', url = 'u' }\n[[camera.task]]\nname = 'a'\nanalysis = { kind = "
      "'detect' }\n[[camera]]\nname = 'b'\nsource = { kind = 'http', url = 'u' }\n[[camera.task]]\nname = "
      "'a'\nanalysis "
      "= { kind = 'detect' }\n");
}

TEST_CASE("a program without sources says so") {
  CHECK(bad("[[camera]]\nname = 'c'\nsource = { kind = 'http', url = 'u' }\n", Registry()) ==
        "perch.toml:3:19: camera.c.source.kind: there is no source of the kind 'http'; this program has no source at "
        "all");
}

TEST_CASE("tables where lists belong, and lists where tables belong, are named") {
  CHECK(bad("[camera]\nname = 'c'\n") == "perch.toml:1:1: camera: is a table, but must be a list");
  CHECK(bad("sink = 'file'\n") == "perch.toml:1:8: sink: is a string, but must be a list");
  CHECK(bad("camera = [1]\n") == "perch.toml:1:11: camera[1]: is a whole number, but must be a table");
  CHECK(bad_tasks("task = [1]\n") == "1:9: camera.c.task[1]: is a whole number, but must be a table");
}

TEST_CASE("the patterns of the schema accept what is read") {
  const auto matches = [](std::string_view pattern, const std::string& text) {
    return std::regex_search(text, std::regex(std::string(pattern)));
  };
  for (const std::string text : {"a", "front-door_2", "0"}) CHECK(matches(config::TextForm<Name>::kPattern, text));
  for (const std::string text : {"", "a b", "ä"}) CHECK_FALSE(matches(config::TextForm<Name>::kPattern, text));
  for (const std::string text : {"0.0.0.0:80", "localhost:0", "[::1]:3000", "[fe80::1%eth0]:80"})
    CHECK(matches(config::TextForm<ListenAddress>::kPattern, text));
  for (const std::string text : {"3000", "[::1]", ":3000", "::1:3000", "myhost.local:3000"})
    CHECK_FALSE(matches(config::TextForm<ListenAddress>::kPattern, text));
  for (const std::string text : {"every", "change", "10min", "1.5 s"})
    CHECK(matches(config::TextForm<RecordPolicy>::kPattern, text));
  for (const std::string text : {"", "never", "10", "min"})
    CHECK_FALSE(matches(config::TextForm<RecordPolicy>::kPattern, text));
}

TEST_CASE("two sinks on one file are wrong at the second's path") {
  CHECK(bad("[[sink]]\nkind = 'file'\nname = 'a'\npath = 'x/readings.jsonl'\n"
            "[[sink]]\nkind = 'file'\nname = 'b'\npath = './x//readings.jsonl'\n") ==
        "perch.toml:8:8: sink.b.path: the sink of line 4 writes there already; give it another file");
  CHECK(good("[[sink]]\nkind = 'file'\nname = 'a'\npath = 'x'\n[[sink]]\nkind = 'file'\nname = 'b'\npath = 'y'\n")
            .sinks.size() == 2);
}

TEST_CASE("allowed hosts and origins that nothing can match are wrong") {
  CHECK(bad("allowed_hosts = ['panel.example', 'http://x:80']\nallowed_origins = ['panel.example/x']\n") ==
        "perch.toml:1:35: allowed_hosts[2]: 'http://x:80' is not the name of a host; write the name or address alone, "
        "like \"panel.example\", without scheme, port and brackets\n"
        "perch.toml:2:20: allowed_origins[1]: 'panel.example/x' is not an origin: it has no scheme; write it as "
        "\"https://panel.example\", with the port if the address has one");
}
