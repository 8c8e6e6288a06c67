#include "seam/registry.hpp"

#include <doctest/doctest.h>

#include "seam/sink.hpp"
#include "seam/source.hpp"

using namespace perch;
using config::field;

namespace {

struct Config {
  double min_score = 0.5;
  std::string label;
};

constexpr auto kFields = config::fields<Config>(field("min_score", &Config::min_score).range(0.0, 1.0),
                                                field("label", &Config::label).required().help("what to count"));

class Counter : public Analysis {
 public:
  explicit Counter(const Config& config) : outputs_{{config.label, "", OutputKind::gauge, 0}} {}

  std::span<const Output> outputs() const override { return outputs_; }

  Result<Observation> update(const Frame&, const Findings&) override { return Observation{}; }

 private:
  std::vector<Output> outputs_;
};

Result<std::unique_ptr<Analysis>> make_counter(const Config& config, const AnalysisContext& context) {
  if (!context.labels.empty() && std::ranges::find(context.labels, config.label) == context.labels.end())
    return fail(Errc::not_found, "the model has no such label");
  return std::make_unique<Counter>(config);
}

Registry test_registry() {
  Registry registry;
  registry.analysis("tally", "Tallies.", FindingKind::scores, kFields, make_counter);
  registry.analysis("count", "Counts.", FindingKind::detections, kFields, make_counter);
  return registry;
}

config::Component component(std::string_view table) {
  config::Diagnostics diagnostics;
  const config::Node root = config::parse_toml(std::string("part = ") + std::string(table), "a.toml", diagnostics);
  REQUIRE(diagnostics.ok());
  return {*root.find("part")};
}

std::string checked(std::string_view category, std::string_view table) {
  config::Diagnostics diagnostics;
  test_registry().check(category, component(table), "task.analysis", diagnostics);
  diagnostics.sort();
  std::string all;
  for (const config::Diagnostic& d : diagnostics.list()) all += (all.empty() ? "" : "\n") + d.message();
  return all;
}

}  // namespace

TEST_CASE("a component is made from its table") {
  const auto made = test_registry().make_analysis(component("{ kind = 'count', label = 'car' }"), {{"car"}, {}});
  REQUIRE(made);
  CHECK((*made)->outputs()[0].name == "car");
}

TEST_CASE("what its creation reports is passed on") {
  const auto made = test_registry().make_analysis(component("{ kind = 'count', label = 'cat' }"), {{"car"}, {}});
  CHECK(made.error().what == "the model has no such label");
}

TEST_CASE("an unknown kind is told the nearest, or that there is none at all") {
  const Registry registry = test_registry();
  CHECK(registry.make_analysis(component("{ kind = 'cuont' }"), {}).error().message() ==
        "there is no analysis of the kind 'cuont'; did you mean 'count'?");
  CHECK(registry.make_decoder(component("{ kind = 'yolox' }"), {}).error().code == Errc::not_found);
  CHECK(checked("analysis", "{ kind = 'cuont', x = 1 }") ==
        "a.toml:1:17: task.analysis.kind: there is no analysis of the kind 'cuont'; did you mean 'count'?");
  CHECK(checked("analysis", "{ kind = 'meter' }").ends_with("known: count, tally"));
  CHECK(checked("source", "{ kind = 'http' }") ==
        "a.toml:1:17: task.analysis.kind: there is no source of the kind 'http'; this program has no source at all");
}

TEST_CASE("a wrong table makes no component and reports everything that is wrong with it") {
  const auto made = test_registry().make_analysis(component("{ kind = 'count', min_score = 2, lable = 'x' }"), {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::invalid);
  CHECK(checked("analysis", "{ kind = 'count', min_score = 2, lable = 'x' }") ==
        "a.toml:1:8: task.analysis.label: is missing; set it: what to count\n"
        "a.toml:1:38: task.analysis.min_score: is 2, but must be between 0 and 1\n"
        "a.toml:1:41: task.analysis.lable: unknown key; did you mean 'label'?");
  CHECK(checked("analysis", "{ kind = 'count', label = 'x' }").empty());
}

TEST_CASE("the components of a category are listed by name, with their fields") {
  const std::vector<ComponentSpec> specs = test_registry().list("analysis");
  REQUIRE(specs.size() == 2);
  CHECK(specs[0].kind == "count");
  CHECK(specs[0].help == "Counts.");
  CHECK(specs[0].fields.size() == 2);
  CHECK(test_registry().list("sink").empty());
}
