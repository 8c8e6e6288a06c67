// health_bench [--every SECONDS] [--seeds N] [--first SEED] [--hours H] [NAME…]: a simulated day of each scene, at
// 640 × 360, as JPEG through the gate and the health of a camera, as in perch edge but without its waiting. Nothing is
// wrong with these cameras: every change to anything but live is a false alarm, printed with its time and weather.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "image/codec.hpp"
#include "pipeline/gate.hpp"
#include "pipeline/health.hpp"
#include "scenes/catalogue.hpp"

using namespace perch;

namespace {

struct Options {
  double every_s = 10;
  double hours = 24;
  std::int64_t first = 1, seeds = 3;
  std::vector<std::string> scenes;
};

constexpr double kHour_s = 3600;

config::Node settings_of(std::int64_t seed) {
  config::Node settings{config::Table{}};
  settings.set("seed", config::Node{seed});
  settings.set("width", config::Node{std::int64_t{640}});
  settings.set("height", config::Node{std::int64_t{360}});
  return settings;
}

Nanoseconds after(double seconds) {
  return std::chrono::duration_cast<Nanoseconds>(Seconds(seconds));
}

std::optional<pipeline::Health> health_of(std::optional<vision::ViewFault> fault) {
  if (!fault) return std::nullopt;
  return *fault == vision::ViewFault::covered   ? pipeline::Health::covered
         : *fault == vision::ViewFault::blurred ? pipeline::Health::blurred
                                                : pipeline::Health::moved;
}

/// False alarms of one day.
int day(const std::string& name, std::int64_t seed, const Options& options) {
  const auto scene = scenes::create(name, settings_of(seed)).value();
  pipeline::GateConfig gate_config;
  gate_config.mode = pipeline::GateMode::on;
  pipeline::Gate gate = pipeline::Gate::create(gate_config).value();
  pipeline::HealthConfig health_config;
  health_config.interval = after(options.every_s);
  pipeline::HealthMonitor health(health_config, Nanoseconds{0});
  image::PictureDecoder decoder;
  scenes::View view;
  int alarms = 0;
  for (double t = 0; t < options.hours * kHour_s; t += options.every_s) {
    scene->render(t, view);
    Frame frame;
    frame.stamp.monotonic = after(t);
    frame.payload = Jpeg{SharedBytes(image::encode_jpeg(view.picture.view(), view.jpeg_quality).value())};
    health.asked(after(t));
    const pipeline::Decision seen = gate.decide(frame, decoder).value();
    const pipeline::HealthReport& report = health.frame({seen.same_bytes, seen.luma, health_of(seen.view)}, after(t));
    if (!report.changed || report.health == pipeline::Health::live) continue;
    ++alarms;
    std::printf("  %s %lld at %.2f h: %s (%s)\n", name.c_str(), static_cast<long long>(seed), t / kHour_s,
                std::string(pipeline::name(report.health)).c_str(), report.reason.c_str());
  }
  std::printf("%-7s seed %lld, %.0f h, every %.0f s: %d false alarms\n", name.c_str(), static_cast<long long>(seed),
              options.hours, options.every_s, alarms);
  std::fflush(stdout);
  return alarms;
}

Options parse(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto number = [&] { return i + 1 < count ? std::strtod(words[++i], nullptr) : 0; };
    if (word == "--every")
      options.every_s = number();
    else if (word == "--hours")
      options.hours = number();
    else if (word == "--seeds")
      options.seeds = static_cast<std::int64_t>(number());
    else if (word == "--first")
      options.first = static_cast<std::int64_t>(number());
    else
      options.scenes.push_back(word);
  }
  if (options.scenes.empty())
    for (const scenes::SceneSpec& spec : scenes::catalogue()) options.scenes.push_back(spec.name);
  return options;
}

}  // namespace

int main(int count, char** words) {
  const Options options = parse(count, words);
  int worst = 0;
  for (const std::string& name : options.scenes)
    for (std::int64_t i = 0; i < options.seeds; ++i) worst = std::max(worst, day(name, options.first + i, options));
  std::printf("worst day: %d\n", worst);
  return worst > 1 ? 1 : 0;
}
