// scene_bench [NAME…]: frames a second of each scene at 1280 × 720 on one core, by processor time, with and without
// JPEG; one minute of each at 15 frames a second, and what the slowest frame took.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "image/codec.hpp"
#include "scenes/catalogue.hpp"

using namespace perch;

namespace {

double now_ms() {
  return static_cast<double>(std::clock()) * 1000 / CLOCKS_PER_SEC;
}

void bench(const std::string& name, double from_s) {
  constexpr int kFrames = 900;
  config::Node settings{config::Table{}};
  settings.set("width", config::Node{std::int64_t{1280}});
  settings.set("height", config::Node{std::int64_t{720}});
  const std::unique_ptr<scenes::Scene> scene = scenes::create(name, settings).value();
  scenes::View view;
  std::vector<double> render_ms;
  double jpeg_ms = 0;
  for (int i = 0; i < kFrames; ++i) {
    const double begin = now_ms();
    scene->render(from_s + i / 15.0, view);
    render_ms.push_back(now_ms() - begin);
    const double drawn = now_ms();
    static_cast<void>(image::encode_jpeg(view.picture.view(), view.jpeg_quality));
    jpeg_ms += now_ms() - drawn;
  }
  double sum = 0;
  for (const double ms : render_ms) sum += ms;
  std::printf("%-8s %5.1f h  %6.1f frames/s drawn, %6.1f with JPEG, slowest %6.1f ms\n", name.c_str(), from_s / 3600,
              1000 * kFrames / sum, 1000 * kFrames / (sum + jpeg_ms), std::ranges::max(render_ms));
}

}  // namespace

int main(int count, char** names) {
  std::vector<std::string> wanted(names + 1, names + count);
  if (wanted.empty())
    for (const scenes::SceneSpec& spec : scenes::catalogue()) wanted.push_back(spec.name);
  for (const std::string& name : wanted)
    for (const double hour : {12.0, 22.0}) bench(name, hour * 3600);
}
