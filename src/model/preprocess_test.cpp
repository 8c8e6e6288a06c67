#include "model/preprocess.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include <doctest/doctest.h>

namespace {

/// Counts what this thread allocates while it is above zero.
thread_local long counted_allocations = -1;

void* counted(std::size_t size) {
  if (counted_allocations >= 0) ++counted_allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

using namespace perch;
using namespace perch::model;
using image::Picture;
using image::PixelRect;

namespace {

InputCard input_card(int width, int height, Fit how) {
  InputCard card;
  card.width = width;
  card.height = height;
  card.fit = how;
  return card;
}

/// Smooth enough that sampling a little beside gives nearly the same, and different in every channel.
Picture gradient(int width, int height) {
  Picture picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = picture.at(x, y);
      pixel[0] = static_cast<std::uint8_t>(x * 255 / width);
      pixel[1] = static_cast<std::uint8_t>(y * 255 / height);
      pixel[2] = static_cast<std::uint8_t>((x + y) * 127 / (width + height));
    }
  }
  return picture;
}

Region region_of(const Box& box, int index = 0) {
  return {index, Quad::from_box(box), {}};
}

struct Filled {
  std::vector<float> values;
  Placement placement;
};

Filled fill(const InputCard& card, const Picture& picture, image::Size full, const Region& region) {
  const image::TensorFormat format = tensor_format(card, image::Element::f32).value();
  Preprocessor preprocessor(card, format);
  Filled filled;
  filled.values.resize(format.bytes() / sizeof(float));
  filled.placement =
      preprocessor.fill(picture.view(), full, region, std::as_writable_bytes(std::span(filled.values))).value();
  return filled;
}

/// OpenCV's INTER_LINEAR in doubles, pixel by pixel: the plain reference.
double bilinear(const Picture& picture, double x, double y, int channel) {
  const auto clamped = [](int v, int end) { return std::clamp(v, 0, end - 1); };
  const int left = static_cast<int>(std::floor(x)), top = static_cast<int>(std::floor(y));
  const double fx = x - left, fy = y - top;
  const auto at = [&](int px, int py) {
    return static_cast<double>(picture.at(clamped(px, picture.width()), clamped(py, picture.height()))[channel]);
  };
  return (at(left, top) * (1 - fx) + at(left + 1, top) * fx) * (1 - fy) +
         (at(left, top + 1) * (1 - fx) + at(left + 1, top + 1) * fx) * fy;
}

}  // namespace

TEST_CASE("YOLOX's letterbox truncates at the top left") {
  const Fitting fitting = fit(Fit::letterbox_topleft, 427, 640, {416, 416});
  CHECK(fitting.content == PixelRect{0, 0, 277, 416});
  CHECK(fit(Fit::letterbox_topleft, 640, 427, {416, 416}).content == PixelRect{0, 0, 416, 277});
  CHECK(fit(Fit::letterbox_topleft, 1280, 720, {416, 416}).content == PixelRect{0, 0, 416, 234});
  CHECK(fit(Fit::letterbox_topleft, 10000, 1, {416, 416}).content == PixelRect{0, 0, 416, 1});
}

TEST_CASE("NanoDet's letterbox is centred, the odd pixel below") {
  CHECK(fit(Fit::letterbox, 640, 427, {320, 320}).content == PixelRect{0, 53, 320, 213});
  CHECK(fit(Fit::letterbox, 427, 640, {320, 320}).content == PixelRect{53, 0, 213, 320});
  CHECK(fit(Fit::letterbox, 500, 500, {320, 320}).content == PixelRect{0, 0, 320, 320});
}

TEST_CASE("a crop keeps the aspect ratio and shows the middle") {
  const Fitting fitting = fit(Fit::crop, 640, 480, {224, 224});
  CHECK(fitting.content == PixelRect{0, 0, 224, 224});
  CHECK(fitting.crop == Box{80, 0, 480, 480});
}

TEST_CASE("a whole picture in the input is what a plain reference makes of it") {
  const Picture picture = gradient(100, 60);
  InputCard card = input_card(64, 64, Fit::letterbox_topleft);
  card.colour = image::ColourOrder::bgr;
  card.fill = {114};
  card.mean = {10, 20, 30};
  card.std = {2, 4, 8};
  const Filled filled = fill(card, picture, picture.size(), region_of({0, 0, 100, 60}));
  const int content_height = 38;  // int(60 · 0.64)
  double worst = 0;
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 64; ++x) {
        const double sx = (x + 0.5) * 100 / 64 - 0.5, sy = (y + 0.5) * 60 / content_height - 0.5;
        const double pixel = y < content_height ? bilinear(picture, sx, sy, 2 - c) : 114;
        const auto i = static_cast<std::size_t>(c);
        const double wanted = (pixel - card.mean[i]) / card.std[i];
        worst = std::max(
            worst, std::abs(wanted -
                            filled.values[(i * 64 + static_cast<std::size_t>(y)) * 64 + static_cast<std::size_t>(x)]));
      }
    }
  }
  CHECK(worst < 1e-3);
}

TEST_CASE("a placement leads from the content's corners to the region's") {
  const Filled filled =
      fill(input_card(64, 64, Fit::letterbox), gradient(200, 100), {200, 100}, region_of({20, 10, 120, 60}, 7));
  const Placement& p = filled.placement;
  CHECK(p.region == 7);
  CHECK(p.content_px == Box{0, 16, 64, 32});
  CHECK(p.bounds_px == Box{20, 10, 120, 60});
  const Box back = p.map(p.content_px);
  CHECK(back.x == doctest::Approx(20));
  CHECK(back.y == doctest::Approx(10));
  CHECK(back.right() == doctest::Approx(140));
  CHECK(back.bottom() == doctest::Approx(70));
}

TEST_CASE("a reduced picture gives nearly the same input and the same placement") {
  const Picture full = gradient(400, 300), half = gradient(200, 150);
  const InputCard card = input_card(32, 32, Fit::letterbox);
  const Region region = region_of({40, 20, 200, 200});
  const Filled a = fill(card, full, {400, 300}, region), b = fill(card, half, {400, 300}, region);
  CHECK(a.placement.to_frame == b.placement.to_frame);
  CHECK(a.placement.bounds_px == b.placement.bounds_px);
  for (std::size_t i = 0; i < a.values.size(); ++i) CHECK(std::abs(a.values[i] - b.values[i]) < 3);
}

TEST_CASE("a picture reduced with rounding up is still in its place") {
  const InputCard card = input_card(16, 16, Fit::stretch);
  const Filled filled = fill(card, gradient(161, 91), {1281, 721}, region_of({0, 0, 1281, 721}));
  CHECK(filled.placement.map(Point{16, 16}).x == doctest::Approx(1281));
  CHECK(filled.placement.map(Point{16, 16}).y == doctest::Approx(721));
}

TEST_CASE("a quadrilateral seen askew maps its corners to the content's") {
  const Quad corners{{{{30, 20}, {130, 40}, {120, 90}, {20, 70}}}};
  const Filled filled = fill(input_card(40, 20, Fit::stretch), gradient(100, 60), {200, 120}, {3, corners, {}});
  const Placement& p = filled.placement;
  const std::array<Point, 4> inside{{{0, 0}, {40, 0}, {40, 20}, {0, 20}}};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(p.map(inside[i]).x == doctest::Approx(corners.corners[i].x).epsilon(1e-4));
    CHECK(p.map(inside[i]).y == doctest::Approx(corners.corners[i].y).epsilon(1e-4));
  }
  CHECK(p.bounds_px == corners.bounds());
  CHECK(filled.values[0] == doctest::Approx(30.0 * 255 / 200).epsilon(0.1));
}

TEST_CASE("a region partly outside is looked at, its findings end at the frame") {
  const Filled filled =
      fill(input_card(16, 16, Fit::stretch), gradient(64, 64), {64, 64}, region_of({-10, -10, 40, 40}));
  CHECK(filled.placement.bounds_px == Box{0, 0, 30, 30});
}

TEST_CASE("a region outside the picture, without area or not finite is an error that names it") {
  const Picture picture = gradient(64, 64);
  const InputCard card = input_card(16, 16, Fit::letterbox);
  const image::TensorFormat format = tensor_format(card, image::Element::f32).value();
  Preprocessor preprocessor(card, format);
  std::vector<std::byte> tensor(format.bytes());
  for (const Box& box : {Box{100, 0, 10, 10}, Box{0, 0, 0, 10}, Box{NAN, 0, 10, 10}, Box{0, 0, INFINITY, 10}}) {
    const auto filled = preprocessor.fill(picture.view(), picture.size(), region_of(box, 4), tensor);
    REQUIRE_FALSE(filled);
    CHECK(filled.error().code == Errc::invalid);
    CHECK(filled.error().where == "region 5");
  }
  CHECK(preprocessor.fill(picture.view(), picture.size(), region_of({0, 0, 10, 10}), tensor));
}

TEST_CASE("the decoded size that is needed follows the region that is shown largest") {
  const InputCard card = input_card(416, 416, Fit::letterbox_topleft);
  CHECK(needed_size(card, {1920, 1080}, {}) == image::Size{416, 234});
  CHECK(needed_size(card, {320, 240}, {}) == image::Size{320, 240});
  const std::vector regions{region_of({0, 0, 1920, 1080}), region_of({0, 0, 832, 832})};
  CHECK(needed_size(card, {1920, 1080}, regions) == image::Size{960, 540});
}

TEST_CASE("where areas are averaged, twice as many pixels a side are needed as the input shows") {
  InputCard card = input_card(320, 320, Fit::letterbox);
  card.interpolation = image::Interpolation::area;
  CHECK(needed_size(card, {1920, 1080}, {}) == image::Size{640, 360});
  CHECK(needed_size(card, {640, 480}, {}) == image::Size{640, 480});
  CHECK(needed_size(card, {500, 375}, {}) == image::Size{500, 375});
}

TEST_CASE("regions seen before allocate nothing, nor do boxes that move") {
  const Picture picture = gradient(320, 240);
  const InputCard card = input_card(32, 32, Fit::letterbox);
  const image::TensorFormat format = tensor_format(card, image::Element::f32).value();
  Preprocessor preprocessor(card, format);
  preprocessor.expect(5);
  std::vector<std::byte> tensor(format.bytes());
  const auto frame = [&](float shift) {
    bool ok = true;
    for (int i = 0; i < 5; ++i) {
      const float x = static_cast<float>(i) * 40 + shift;
      ok = ok && preprocessor.fill(picture.view(), picture.size(), region_of({x, 10, 60, 80}, i), tensor).has_value();
    }
    return ok;
  };
  for (int round = 0; round < 8; ++round) REQUIRE(frame(static_cast<float>(round)));
  counted_allocations = 0;
  bool ok = true;
  for (int round = 0; round < 8; ++round) ok = ok && frame(7);
  const long still = counted_allocations;
  for (int round = 8; round < 30; ++round) ok = ok && frame(static_cast<float>(round));
  const long moving = counted_allocations;
  counted_allocations = -1;
  CHECK(ok);
  CHECK(still == 0);
  CHECK(moving == 0);
  CHECK(preprocessor.plans() <= 16);
}

TEST_CASE("numbers of a card that do not fit its channels are errors") {
  InputCard card = input_card(16, 16, Fit::stretch);
  card.mean = {1, 2};
  CHECK(tensor_format(card, image::Element::f32).error().code == Errc::invalid);
  card.mean = {};
  card.std = {0};
  CHECK(tensor_format(card, image::Element::f32).error().code == Errc::invalid);
  card.std = {};
  card.fill = {300};
  CHECK(tensor_format(card, image::Element::f32).error().code == Errc::invalid);
  card.fill = {1, 2, 3};
  card.colour = image::ColourOrder::grey;
  CHECK(tensor_format(card, image::Element::f32).error().code == Errc::invalid);
  card.fill = {-100};
  CHECK(tensor_format(card, image::Element::f32).error().code == Errc::invalid);
  card.colour = image::ColourOrder::celsius;
  CHECK(tensor_format(card, image::Element::f32));
  card.whole_pixels = true;
  CHECK(tensor_format(card, image::Element::f32).error().code == Errc::invalid);
}

TEST_CASE("a grid of temperatures becomes an input in °C, its cells as pixels are") {
  InputCard card = input_card(4, 2, Fit::stretch);
  card.colour = image::ColourOrder::celsius;
  card.mean = {20};
  card.std = {10};
  const image::TensorFormat format = tensor_format(card, image::Element::f32).value();
  Preprocessor preprocessor(card, format);
  const std::vector<float> celsius{-10, 20, 30, 320};  // 2 × 2, each cell becomes two wide
  std::vector<std::byte> tensor(format.bytes());
  const image::FieldView field{celsius.data(), 2, 2};
  const auto placement = preprocessor.fill(field, field.size(), region_of({0, 0, 2, 2}), tensor);
  REQUIRE(placement);
  CHECK(placement->map(Point{4, 2}) == Point{2, 2});
  std::vector<float> values(8);
  std::memcpy(values.data(), tensor.data(), tensor.size());
  CHECK(values[0] == -3);
  CHECK(values[1] == doctest::Approx((-10 + 0.25 * 30 - 20) / 10));
  CHECK(values[3] == 0);
  CHECK(values[7] == 30);
  const Picture picture(2, 2);
  CHECK(preprocessor.fill(picture.view(), picture.size(), region_of({0, 0, 2, 2}), tensor).error().code ==
        Errc::mismatch);
}
