#include <cstring>
#include <limits>

#include <doctest/doctest.h>
#include <opencv2/imgproc.hpp>

#include "support/sampling_reference.hpp"

namespace perch::image {

TEST_CASE("resizing agrees with a plain reference for any size, crop, layout, order and type") {
  Scratch scratch;
  ResizePlan plan;
  for (int round = 0; round < 1500; ++round) {
    const Picture picture = make_picture(between(1, 70), between(1, 70), between(0, 3) == 0 ? 1 : 3);
    const TensorFormat format = random_format();
    const PixelRect content = random_content(format.size);
    const auto how = static_cast<Interpolation>(round % 3);
    const auto width = static_cast<float>(picture.width()), height = static_cast<float>(picture.height());
    Box crop{0, 0, width, height};
    if (round % 4 == 1)
      crop = {between(0.F, width * 0.6F), between(0.F, height * 0.6F), width * between(0.05F, 0.4F),
              height * between(0.05F, 0.4F)};
    if (round % 4 == 2) crop = {-width * between(0.F, 0.5F), -height * between(0.F, 0.5F), width * 1.7F, height * 1.6F};
    if (round % 4 == 3) {
      crop.x = static_cast<float>(between(0, picture.width() - 1));
      crop.y = static_cast<float>(between(0, picture.height() - 1));
      crop.width = static_cast<float>(between(1, picture.width() - static_cast<int>(crop.x)));
      crop.height = static_cast<float>(between(1, picture.height() - static_cast<int>(crop.y)));
    }
    CAPTURE(round);
    REQUIRE(plan.remake(picture.size(), crop, content, format, how));
    auto tensor = tensor_for(format);
    REQUIRE(plan.run(picture.view(), tensor, scratch));
    const double most = worst(format, content, tensor, [&](int x, int y, int channel) {
      return reference_pixel(picture.view(), crop, {content.width, content.height}, how, x, y, channel);
    });
    // Area leaves out slivers under a thousandth of a pixel.
    REQUIRE(most <= tolerance(format) + (how == Interpolation::area ? 0.5 : 0));
  }
}

TEST_CASE("resizing agrees with OpenCV, whole pictures and crops at whole pixels") {
  Scratch scratch;
  const auto flag = [](Interpolation how) {
    return how == Interpolation::nearest    ? cv::INTER_NEAREST
           : how == Interpolation::bilinear ? cv::INTER_LINEAR
                                            : cv::INTER_AREA;
  };
  for (int round = 0; round < 600; ++round) {
    Picture picture = make_picture(between(2, 90), between(2, 90), 3);
    const int x = between(0, picture.width() / 2), y = between(0, picture.height() / 2);
    const cv::Rect roi(x, y, between(1, picture.width() - x), between(1, picture.height() - y));
    TensorFormat format{.size = {between(1, 60), between(1, 60)}, .layout = Layout::nhwc};
    if (round % 5 == 0) format.size = {std::max(1, roi.width / 2), std::max(1, roi.height / 2)};
    format.element = round % 2 == 0 ? Element::f32 : Element::u8;
    const auto how = static_cast<Interpolation>(round % 3);
    const cv::Mat whole(picture.height(), picture.width(), CV_8UC3, picture.data());
    cv::Mat source = whole(roi), theirs;
    if (format.element == Element::f32) source.convertTo(source, CV_32FC3);
    cv::resize(source, theirs, {format.size.width, format.size.height}, 0, 0, flag(how));
    const Box crop{static_cast<float>(roi.x), static_cast<float>(roi.y), static_cast<float>(roi.width),
                   static_cast<float>(roi.height)};
    const auto plan =
        ResizePlan::make(picture.size(), crop, {0, 0, format.size.width, format.size.height}, format, how);
    REQUIRE(plan);
    auto tensor = tensor_for(format);
    REQUIRE(plan->run(picture.view(), tensor, scratch));
    double most = 0;
    for (int v = 0; v < format.size.height; ++v)
      for (int u = 0; u < format.size.width; ++u)
        for (int c = 0; c < 3; ++c) {
          const double want =
              format.element == Element::u8 ? theirs.at<cv::Vec3b>(v, u)[c] : double{theirs.at<cv::Vec3f>(v, u)[c]};
          most = std::max(most, std::abs(want - element(format, tensor, u, v, c)));
        }
    CAPTURE(round);
    const double allowed = how == Interpolation::nearest ? 0 : format.element == Element::u8 ? 1 : 0.02;
    REQUIRE(most <= allowed);
  }
}

TEST_CASE("whole pixels are those with fractions, rounded, whatever the way and the format") {
  Scratch scratch;
  for (int round = 0; round < 300; ++round) {
    const Picture picture = make_picture(between(2, 70), between(2, 70), round % 7 == 0 ? 1 : 3);
    TensorFormat format{.size = {between(1, 40), between(1, 40)}};
    format.layout = round % 2 == 0 ? Layout::nchw : Layout::nhwc;
    format.order = round % 4 < 2 ? ColourOrder::rgb : ColourOrder::bgr;
    const PixelRect content = random_content(format.size);
    const auto how = static_cast<Interpolation>(round % 3);
    const auto width = static_cast<float>(picture.width()), height = static_cast<float>(picture.height());
    const auto tensor_of = [&](bool whole_pixels) {
      format.whole_pixels = whole_pixels;
      auto tensor = tensor_for(format);
      if (round % 5 == 0) {
        const Quad corners{{{{0, 0}, {width, 0}, {width * 0.9F, height}, {0, height * 0.8F}}}};
        REQUIRE(WarpPlan::make(picture.size(), corners, content, format, how)->run(picture.view(), tensor, scratch));
      } else {
        const Box crop{width * 0.1F, 0, width * 0.8F, height};
        REQUIRE(ResizePlan::make(picture.size(), crop, content, format, how)->run(picture.view(), tensor, scratch));
      }
      return tensor;
    };
    const auto fractions = tensor_of(false), whole = tensor_of(true);
    CAPTURE(round);
    bool same = true;
    for (int y = 0; y < format.size.height; ++y)
      for (int x = 0; x < format.size.width; ++x)
        for (int c = 0; c < 3; ++c) {
          const double value = element(format, fractions, x, y, c);
          same = same && element(format, whole, x, y, c) == std::floor(value + 0.5);
        }
    REQUIRE(same);
  }
}

TEST_CASE("whole pixels averaged over areas are OpenCV's of a picture of bytes, but for ties") {
  Scratch scratch;
  int pixels = 0, differ = 0;
  for (int round = 0; round < 100; ++round) {
    Picture picture = make_picture(between(41, 130), between(41, 130), 3);
    TensorFormat format{.size = {between(5, 40), between(5, 40)}, .layout = Layout::nhwc};
    format.whole_pixels = true;
    const cv::Mat source(picture.height(), picture.width(), CV_8UC3, picture.data());
    cv::Mat theirs;
    cv::resize(source, theirs, {format.size.width, format.size.height}, 0, 0, cv::INTER_AREA);
    const Box all{0, 0, static_cast<float>(picture.width()), static_cast<float>(picture.height())};
    auto tensor = tensor_for(format);
    REQUIRE(ResizePlan::make(picture.size(), all, {0, 0, format.size.width, format.size.height}, format,
                             Interpolation::area)
                ->run(picture.view(), tensor, scratch));
    for (int v = 0; v < format.size.height; ++v)
      for (int u = 0; u < format.size.width; ++u)
        for (int c = 0; c < 3; ++c) {
          const double difference = element(format, tensor, u, v, c) - theirs.at<cv::Vec3b>(v, u)[c];
          REQUIRE(std::abs(difference) <= 1);
          differ += difference != 0;
          ++pixels;
        }
  }
  CHECK(differ <= pixels / 1000);
}

TEST_CASE("what cannot be planned is refused, saying why") {
  const Size source{100, 80};
  const Box whole{0, 0, 100, 80};
  const TensorFormat format{.size = {32, 32}};
  const PixelRect all{0, 0, 32, 32};
  const auto refuses = [&](Size from, const Box& crop, const PixelRect& content, const TensorFormat& to) {
    const auto plan = ResizePlan::make(from, crop, content, to, Interpolation::area);
    const auto warp = WarpPlan::make(from, Quad::from_box(crop), content, to, Interpolation::area);
    return !plan && !warp && plan.error().code == Errc::invalid && warp.error().code == Errc::invalid &&
           !plan.error().what.empty();
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kHuge = std::numeric_limits<float>::max();
  CHECK(!refuses(source, whole, all, format));
  CHECK(refuses({0, 80}, whole, all, format));
  CHECK(refuses(source, {0, 0, 0, 10}, all, format));
  CHECK(refuses(source, {0, 0, kNan, 10}, all, format));
  CHECK(refuses(source, {kHuge, 0, kHuge, 10}, all, format));
  CHECK(refuses(source, {100, 0, 10, 10}, all, format));
  CHECK(refuses(source, {-20, 0, 20, 10}, all, format));
  CHECK(refuses(source, whole, {0, 0, 33, 32}, format));
  CHECK(refuses(source, whole, {-1, 0, 5, 5}, format));
  CHECK(refuses(source, whole, {0, 0, 0, 5}, format));
  CHECK(refuses(source, whole, {2'000'000'000, 0, 2'000'000'000, 5}, format));
  CHECK(refuses(source, whole, all, {.size = {0, 32}}));
  CHECK(refuses(source, whole, all, {.size = {32, 32}, .std = {1, 0, 1}}));
  CHECK(refuses(source, whole, all, {.size = {32, 32}, .mean = {kNan, 0, 1}}));
  CHECK(!WarpPlan::make(source, {{{{0, 0}, {20, 20}, {20, 0}, {0, 20}}}}, all, format, Interpolation::bilinear));
  CHECK(!WarpPlan::make(source, Quad::from_box({5, 5, 0.9F, 0.9F}), all, format, Interpolation::bilinear));
}

TEST_CASE("a crop far larger than the picture is planned at once and shows its edge around it") {
  Picture picture(2, 1, 1);
  *picture.at(0, 0) = 10, *picture.at(1, 0) = 200;
  const TensorFormat format{.size = {3, 1}, .order = ColourOrder::grey};
  Scratch scratch;
  for (const auto how : {Interpolation::nearest, Interpolation::bilinear, Interpolation::area}) {
    const auto plan = ResizePlan::make({2, 1}, {-1e9F, -1e9F, 2e9F, 2e9F}, {0, 0, 3, 1}, format, how);
    REQUIRE(plan);
    auto tensor = tensor_for(format);
    REQUIRE(plan->run(picture.view(), tensor, scratch));
    CHECK(element(format, tensor, 0, 0, 0) == doctest::Approx(10));
    CHECK(element(format, tensor, 2, 0, 0) == doctest::Approx(200));
  }
}

TEST_CASE("a picture or a tensor of another size than planned for is refused") {
  const TensorFormat format{.size = {8, 8}};
  const auto plan = ResizePlan::make({20, 10}, {0, 0, 20, 10}, {0, 0, 8, 8}, format, Interpolation::bilinear);
  REQUIRE(plan);
  Scratch scratch;
  auto tensor = tensor_for(format);
  CHECK(plan->run(Picture(20, 10).view(), tensor, scratch));
  CHECK(plan->run(Picture(20, 11).view(), tensor, scratch).error().code == Errc::mismatch);
  CHECK(plan->run(Picture(20, 10, 2).view(), tensor, scratch).error().code == Errc::mismatch);
  tensor.resize(tensor.size() - 1);
  CHECK(plan->run(Picture(20, 10).view(), tensor, scratch).error().code == Errc::mismatch);
  CHECK(ResizePlan().run(Picture(20, 10).view(), tensor, scratch).error().code == Errc::mismatch);
}

TEST_CASE("a field of temperatures is resized and warped as the pixels of a grey picture are") {
  constexpr std::array kAll{Interpolation::nearest, Interpolation::bilinear, Interpolation::area};
  const Quad askew{{{{3, 2}, {20, 4}, {18, 15}, {2, 13}}}};
  for (int round = 0; round < 60; ++round) {
    const Picture picture = make_picture(24, 18, 1);
    std::vector<float> celsius(picture.data(), picture.data() + 24 * 18);
    for (float& value : celsius) value -= 100;  // temperatures are no bytes
    const FieldView field{celsius.data(), 24, 18};
    TensorFormat grey = random_format();
    grey.order = ColourOrder::grey;
    grey.element = Element::f32;
    TensorFormat thermal = grey;
    thermal.order = ColourOrder::celsius;
    thermal.fill[0] -= 100;
    thermal.mean[0] -= 100 * thermal.scale;
    const PixelRect content = random_content(grey.size);
    const Interpolation how = kAll[static_cast<std::size_t>(round) % kAll.size()];
    Scratch scratch;
    auto want = tensor_for(grey), got = tensor_for(thermal);
    const auto check = [&](const auto& pictures, const auto& fields) {
      REQUIRE(pictures->run(picture.view(), want, scratch));
      REQUIRE(fields->run(field, got, scratch));
      double most = 0;
      for (int y = 0; y < grey.size.height; ++y)
        for (int x = 0; x < grey.size.width; ++x)
          most = std::max(most, std::abs(element(grey, want, x, y, 0) - element(thermal, got, x, y, 0)));
      CHECK(most < 2e-3);
    };
    const Box crop{between(-2.F, 8.F), between(-2.F, 6.F), between(3.F, 20.F), between(3.F, 14.F)};
    check(ResizePlan::make({24, 18}, crop, content, grey, how),
          ResizePlan::make({24, 18}, crop, content, thermal, how));
    check(WarpPlan::make({24, 18}, askew, content, grey, how), WarpPlan::make({24, 18}, askew, content, thermal, how));
  }
}

TEST_CASE("temperatures keep their value to the last bit where nothing is resized") {
  const std::vector<float> celsius{-39.93F, 21.47F, 64.26F, 299.9F};
  const TensorFormat format{.size = {2, 2}, .order = ColourOrder::celsius};
  const auto plan = ResizePlan::make({2, 2}, {0, 0, 2, 2}, {0, 0, 2, 2}, format, Interpolation::bilinear);
  Scratch scratch;
  auto tensor = tensor_for(format);
  REQUIRE(plan->run(FieldView{celsius.data(), 2, 2}, tensor, scratch));
  CHECK(std::memcmp(tensor.data(), celsius.data(), tensor.size()) == 0);
}

TEST_CASE("a picture where temperatures are wanted, and the other way round, is refused") {
  const std::vector<float> celsius(4, 20.0F);
  Scratch scratch;
  for (const ColourOrder order : {ColourOrder::grey, ColourOrder::celsius}) {
    const TensorFormat format{.size = {2, 2}, .order = order};
    const auto plan = ResizePlan::make({2, 2}, {0, 0, 2, 2}, {0, 0, 2, 2}, format, Interpolation::bilinear);
    auto tensor = tensor_for(format);
    const bool thermal = order == ColourOrder::celsius;
    CHECK(plan->run(FieldView{celsius.data(), 2, 2}, tensor, scratch).has_value() == thermal);
    CHECK(plan->run(Picture(2, 2).view(), tensor, scratch).has_value() != thermal);
  }
}

}  // namespace perch::image
