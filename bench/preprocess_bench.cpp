// How long a picture takes from JPEG bytes to a model's input, against OpenCV and a plain loop in the same run.
//   preprocess_bench [SECONDS a case]
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "image/codec.hpp"
#include "image/sampling.hpp"

namespace {

using namespace perch;
using namespace perch::image;

double seconds_a_case = 1;

/// What this thread has used of a processor, in microseconds: other programs on the machine do not count.
double used_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

/// The median time of one call, in microseconds.
template <class Work>
double median_us(Work work) {
  std::vector<double> times;
  const double until = used_us() + seconds_a_case * 1e6;
  do {
    const double from = used_us();
    work();
    times.push_back(used_us() - from);
  } while (used_us() < until);
  std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
  return times[times.size() / 2];
}

Picture street(int width, int height) {
  Picture picture(width, height);
  std::uint32_t noise = 1;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) {
        noise = noise * 1664525U + 1013904223U;
        picture.at(x, y)[c] = static_cast<std::uint8_t>(
            (x / 3 + y / 2 * (c + 1) + (x / 40 * 37 + y / 50 * 53) % 90) % 200 + (noise >> 27));
      }
  return picture;
}

/// As many write it by hand: cv::resize, then a loop over pixels and planes.
void plain(const Picture& picture, const PixelRect& content, const TensorFormat& format, int how, cv::Mat& resized,
           std::vector<float>& tensor) {
  const cv::Mat source(picture.height(), picture.width(), CV_8UC3, const_cast<std::uint8_t*>(picture.data()));
  cv::resize(source, resized, {content.width, content.height}, 0, 0, how);
  const auto plane = static_cast<std::size_t>(format.size.width) * static_cast<std::size_t>(format.size.height);
  std::ranges::fill(tensor, format.fill[0]);
  for (int y = 0; y < content.height; ++y)
    for (int x = 0; x < content.width; ++x)
      for (std::size_t c = 0; c < 3; ++c)
        tensor[c * plane + static_cast<std::size_t>((y + content.y) * format.size.width + x + content.x)] =
            resized.at<cv::Vec3b>(y, x)[2 - static_cast<int>(c)];
}

void measure(Size from, const TensorFormat& format, const PixelRect& content, Interpolation how, const char* name) {
  const Picture original = street(from.width, from.height);
  const Bytes jpeg = *encode_jpeg(original.view(), 85);
  PictureDecoder decoder;
  Picture picture;
  const double decode_us = median_us([&] { (void)decoder.decode(jpeg, picture); });
  const auto plan = *ResizePlan::make(from, {0, 0, static_cast<float>(from.width), static_cast<float>(from.height)},
                                      content, format, how);
  const auto warp =
      *WarpPlan::make(from, Quad::from_box({0, 0, static_cast<float>(from.width), static_cast<float>(from.height)}),
                      content, format, how);
  std::vector<std::byte> tensor(format.bytes());
  std::vector<float> floats(format.bytes() / sizeof(float));
  Scratch scratch;
  cv::Mat resized;
  const double plan_us = median_us([&] { (void)plan.run(picture.view(), tensor, scratch); });
  const double warp_us = median_us([&] { (void)warp.run(picture.view(), tensor, scratch); });
  const int flag = how == Interpolation::area ? cv::INTER_AREA : cv::INTER_LINEAR;
  const double plain_us = median_us([&] { plain(picture, content, format, flag, resized, floats); });
  std::printf(
      "%4d×%-4d → %d×%d %-9s decode %6.0f µs   plan %5.0f µs   warp %6.0f µs   cv::resize and loop %5.0f µs   "
      "plan/plain %.2f\n",
      from.width, from.height, format.size.width, format.size.height, name, decode_us, plan_us, warp_us, plain_us,
      plan_us / plain_us);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) seconds_a_case = std::atof(argv[1]);
  cv::setNumThreads(1);
  const TensorFormat yolo{.size = {416, 416}, .order = ColourOrder::bgr, .fill = {114, 114, 114}};
  const TensorFormat pose{.size = {192, 192}, .order = ColourOrder::bgr};
  for (const Interpolation how : {Interpolation::bilinear, Interpolation::area}) {
    const char* const name = how == Interpolation::area ? "area" : "bilinear";
    measure({1280, 720}, yolo, {0, 0, 416, 234}, how, name);
    measure({640, 480}, yolo, {0, 0, 416, 312}, how, name);
    measure({640, 480}, pose, {0, 0, 192, 192}, how, name);
  }
}
