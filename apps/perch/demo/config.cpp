#include "demo/config.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "config/node.hpp"

namespace perch::cli {

namespace {

std::string quoted(const std::string& text) {
  return config::to_toml(config::Node{text});
}

/// The lines, each further in.
std::string indented(const std::string& lines) {
  std::string out;
  for (const std::string& line : split(std::string_view(lines).substr(0, lines.size() - 1), '\n'))
    out += "  " + line + "\n";
  return out;
}

std::string command_of(const Place& place, const std::string& type) {
  const SceneSight& sight = place.sight;
  std::string settings;
  for (const std::string& setting : sight.settings) settings += " --set " + setting;
  return fmt::format(
      "perch camera --scene {} --seed {} --width {} --height {} --hour {} --speed {:g} --every {} --name {} --port 0 "
      "--address 127.0.0.1 --interface lo --announce-as {}{}",
      sight.scene, sight.seed, sight.width, sight.height, sight.hour, sight.speed, duration_text(place.period),
      place.name, type, settings);
}

std::string block_of(const Place& place, const DemoPlan& plan) {
  std::string out = fmt::format(
      "\n# {}\n[[discover]]\nmatch = {}   # the name that the camera announces itself with\npath  = {}\nevery = {}\n",
      place.note, quoted(place.name + "*"), quoted(place.path), quoted(duration_text(place.period)));
  out += "health = { view = false }   # a day passes in minutes: no view stays what it was\n";
  for (const Question& question : place.questions) {
    if (std::ranges::find(plan.without, question.model) != plan.without.end()) {
      out += fmt::format("  # without the task '{}': the model {} is not there\n", question.task, question.model);
      continue;
    }
    out += fmt::format("  [[discover.task]]\n  name     = {}\n", quoted(question.task));
    if (!question.model.empty()) out += fmt::format("  model    = {}\n", quoted(question.model));
    out += indented(question.toml);
  }
  return out;
}

}  // namespace

std::string demo_type(unsigned number) {
  return fmt::format("_demo-{}._tcp", number);
}

std::string demo_config(const DemoPlan& plan) {
  std::string out =
      "# What `perch demo` runs: the configuration of an edge, as `perch edge -c FILE` takes it. While the demo runs,\n"
      "# changes of its file are taken up at once. docs/reference.md has every key.\n";
  out += fmt::format("device = \"demo\"\nlisten = \"127.0.0.1:{}\"\n", plan.port);
  out += fmt::format(
      "\n# The cameras are simulated, and announce themselves within this machine only. Real ones need neither line.\n"
      "[discovery]\ntype = {}\ninterfaces = [\"lo\"]\n",
      quoted(plan.type));
  for (const Place& place : plan.places) out += block_of(place, plan);
  out +=
      "\n# Every reading as a line of JSON: docs/formats/readings-file.md\n[[sink]]\nkind = \"file\"\npath = "
      "\"readings.jsonl\"\n";
  out += "\n# The same with a process for each camera:\n";
  for (const Place& place : plan.places) out += fmt::format("#   {}\n", command_of(place, plan.type));
  return out;
}

}  // namespace perch::cli
