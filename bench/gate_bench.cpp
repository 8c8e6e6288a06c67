// gate_bench DIR: what a still camera's frame costs the gate, in CPU time: 200 cameras, 1280 × 720 JPEGs made of the
// pictures in DIR, with a sensor's noise. All of it must fit a thousand times into a second, beside everything else.
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "bench/views.hpp"
#include "image/codec.hpp"
#include "pipeline/gate.hpp"
#include "vision/motion_luma.hpp"

using namespace perch;

namespace {

constexpr int kCameras = 200, kScenes = 8, kVariants = 8, kRounds = 20;
constexpr double kSigma = 2;
constexpr Nanoseconds kEvery{200'000'000};

double cpu_us() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

void measure_parts(const std::vector<SharedBytes>& views) {
  image::PictureDecoder decoder;
  image::Picture luma;
  double decoding = 0, bytes = 0, brightness = 0;
  for (int round = 0; round < kRounds; ++round)
    for (const SharedBytes& view : views) {
      const double start = cpu_us();
      if (!decoder.decode_luma(view.view(), luma, pipeline::Gate::kLumaWidth)) std::abort();
      const double decoded = cpu_us();
      static_cast<void>(vision::luma_stats(luma.view()));
      decoding += decoded - start;
      brightness += cpu_us() - decoded;
      bytes += static_cast<double>(view.size());
    }
  const double count = static_cast<double>(views.size()) * kRounds;
  std::printf("a JPEG has            %7.1f kB\n", bytes / count / 1000);
  std::printf("its luma at 1/8 costs %7.1f µs\n", decoding / count);
  std::printf("brightness            %7.1f µs\n", brightness / count);
}

void measure_gate(const std::vector<SharedBytes>& views) {
  image::PictureDecoder decoder;
  std::vector<pipeline::Gate> gates;
  for (int i = 0; i < kCameras; ++i) gates.push_back(pipeline::Gate::create({.mode = pipeline::GateMode::on}).value());
  double total = 0;
  int still = 0, count = 0;
  for (int round = 0; round < kRounds; ++round)
    for (int camera = 0; camera < kCameras; ++camera) {
      Frame frame;
      frame.stamp.monotonic = kEvery * round;
      const int view = camera % kScenes * kVariants + (camera + round) % kVariants;
      frame.payload = Jpeg{views[static_cast<std::size_t>(view)]};
      const double start = cpu_us();
      const auto decision = gates[static_cast<std::size_t>(camera)].decide(frame, decoder);
      if (round == 0) continue;
      total += cpu_us() - start;
      still += decision->analyse ? 0 : 1;
      ++count;
    }
  std::printf("the whole gate        %7.1f µs (%.1f %% still)\n", total / count, 100.0 * still / count);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: gate_bench DIR\n"), 2;
  const auto made = bench::make_still_views(argv[1], kScenes, kVariants, kSigma);
  if (!made) return std::fprintf(stderr, "%s\n", made.error().message().c_str()), 2;
  std::vector<SharedBytes> views;
  for (const Bytes& view : *made) views.emplace_back(view);
  measure_parts(views);
  measure_gate(views);
}
