// motion_bench: the time of one motion look, by size of the luma picture, still and moving, and of what stands before
// it in the gate: the reduced luma decode of a 1280 × 720 JPEG, and the comparison of equal bytes.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

#include "image/codec.hpp"
#include "vision/motion.hpp"
#include "vision/motion_luma.hpp"
#include "vision/view.hpp"

using namespace perch;

namespace {

constexpr int kFrames = 400;

image::Picture noisy(int width, int height, int channels, unsigned seed, int object_x) {
  std::mt19937 random(seed);
  image::Picture picture(width, height, channels);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const bool object = x >= object_x && x < object_x + width / 10 && y > height / 3 && y < height / 2;
      const int level = (object ? 200 : 50 + 100 * x / width) + static_cast<int>(random() % 9) - 4;
      std::fill_n(picture.at(x, y), channels, static_cast<std::uint8_t>(level));
    }
  return picture;
}

/// The median time of a call, in microseconds.
template <class Call>
double median_us(Call call) {
  std::vector<double> times;
  for (int i = 0; i < kFrames; ++i) {
    const auto start = std::chrono::steady_clock::now();
    call(i);
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::nth_element(times, times.begin() + kFrames / 2);
  return times[kFrames / 2];
}

void bench_motion(image::Size luma, bool moving) {
  std::vector<image::Picture> pictures;
  for (unsigned i = 0; i < 16; ++i)
    pictures.push_back(
        noisy(luma.width, luma.height, 1, i, moving ? static_cast<int>(i) * luma.width / 20 : -luma.width));
  auto detector = vision::MotionDetector::create({}).value();
  int moved = 0;
  const double us = median_us([&](int i) {
    moved +=
        detector.update(pictures[static_cast<std::size_t>(i) % 16].view(), {1280, 720}, Nanoseconds(i * 40'000'000LL))
            .moved;
  });
  std::printf("motion %4d × %-4d %-7s %7.1f µs   (%d of %d moved)\n", luma.width, luma.height,
              moving ? "moving" : "still", us, moved, kFrames);
}

/// A look at the view: in place, and displaced, so that the displacement is searched for.
void bench_view(image::Size luma, bool displaced) {
  std::vector<image::Picture> pictures;
  for (unsigned i = 0; i < 16; ++i) pictures.push_back(noisy(luma.width, luma.height, 1, i, luma.width / 4));
  const image::Picture other = noisy(luma.width, luma.height, 1, 99, luma.width / 2);
  vision::ViewWatch watch;
  const double us = median_us([&](int i) {
    const bool look_at_other = displaced && i > kFrames / 4;
    const image::Picture& picture = look_at_other ? other : pictures[static_cast<std::size_t>(i) % 16];
    watch.look(picture.view(), vision::luma_stats(picture.view()), Nanoseconds(i * 1'000'000'000LL));
  });
  std::printf("view   %4d × %-4d %-9s %7.1f µs, at most once a second\n", luma.width, luma.height,
              displaced ? "displaced" : "in place", us);
}

}  // namespace

int main() {
  for (const image::Size luma : {image::Size{160, 90}, image::Size{320, 180}, image::Size{640, 360}})
    for (const bool moving : {false, true}) bench_motion(luma, moving);
  for (const bool displaced : {false, true}) bench_view({160, 90}, displaced);

  const image::Picture frame = noisy(1280, 720, 3, 1, 400);
  const auto jpeg = image::encode_jpeg(frame.view()).value();
  image::PictureDecoder decoder;
  image::Picture luma;
  std::printf("luma decode of a 1280 × 720 JPEG (%zu kB) at 1/8 %7.1f µs\n", jpeg.size() / 1000,
              median_us([&](int) { static_cast<void>(decoder.decode_luma(jpeg, luma, 160)); }));
  std::printf("luma of a decoded 1280 × 720 picture at 1/8      %7.1f µs\n",
              median_us([&](int) { vision::reduce_to_luma(frame.view(), 160, luma); }));
  std::printf("brightness of 160 × 90                           %7.1f µs\n",
              median_us([&](int) { static_cast<void>(vision::luma_stats(luma.view())); }));
}
