#include <doctest/doctest.h>
#include <opencv2/imgproc.hpp>

#include "support/sampling_reference.hpp"

namespace perch::image {

TEST_CASE("undoing a perspective agrees with a plain reference") {
  Scratch scratch;
  for (int round = 0; round < 400; ++round) {
    const Picture picture = make_picture(between(20, 90), between(20, 90), round % 5 == 0 ? 1 : 3);
    const TensorFormat format = random_format();
    const PixelRect content = random_content(format.size);
    const auto how = static_cast<Interpolation>(round % 3);
    const float w = static_cast<float>(picture.width()), h = static_cast<float>(picture.height());
    const Quad corners{{{{between(-0.15F, 0.2F) * w, between(-0.15F, 0.2F) * h},
                         {between(0.75F, 1.15F) * w, between(-0.15F, 0.2F) * h},
                         {between(0.75F, 1.15F) * w, between(0.75F, 1.15F) * h},
                         {between(-0.15F, 0.2F) * w, between(0.75F, 1.15F) * h}}}};
    const auto plan = WarpPlan::make(picture.size(), corners, content, format, how);
    REQUIRE(plan);
    auto tensor = tensor_for(format);
    REQUIRE(plan->run(picture.view(), tensor, scratch));
    // The map anew, by elimination instead of Heckbert's formulas.
    const auto cx = static_cast<float>(content.x), cy = static_cast<float>(content.y);
    const auto cw = static_cast<float>(content.width), ch = static_cast<float>(content.height);
    const std::vector<cv::Point2f> from{{cx, cy}, {cx + cw, cy}, {cx + cw, cy + ch}, {cx, cy + ch}};
    std::vector<cv::Point2f> to;
    for (const Point& p : corners.corners) to.emplace_back(p.x, p.y);
    const cv::Mat map = cv::getPerspectiveTransform(from, to);
    const auto* const m = map.ptr<double>();
    const auto at = [m](double x, double y) {
      const double z = m[6] * x + m[7] * y + m[8];
      return std::array{(m[0] * x + m[1] * y + m[2]) / z, (m[3] * x + m[4] * y + m[5]) / z};
    };
    // As many points a target pixel as the steepest place of the content asks for.
    double steep_x = 0, steep_y = 0;
    for (const double v : {0.0, 0.5, 1.0})
      for (const double u : {0.0, 0.5, 1.0}) {
        const double x = content.x + u * content.width, y = content.y + v * content.height, d = 1e-4;
        const auto here = at(x, y), right = at(x + d, y), below = at(x, y + d);
        steep_x = std::max(steep_x, std::hypot(right[0] - here[0], right[1] - here[1]) / d);
        steep_y = std::max(steep_y, std::hypot(below[0] - here[0], below[1] - here[1]) / d);
      }
    const auto points = [&](double steep) {
      if (how == Interpolation::nearest) return 1;
      if (how == Interpolation::bilinear) steep = steep > 2 ? steep / 2 : 1;
      return std::clamp(static_cast<int>(std::ceil(steep - 1e-6)), 1, 16);
    };
    const auto on_edge = [&](double steep) {
      return std::abs(steep - std::round(steep)) < 0.01 || std::abs(steep / 2 - std::round(steep / 2)) < 0.01;
    };
    if (on_edge(steep_x) || on_edge(steep_y)) continue;
    const int points_x = points(steep_x), points_y = points(steep_y);
    const Box all{-1e6F, -1e6F, 3e6F, 3e6F};
    int ties = 0;
    const double most = worst(format, content, tensor, [&](int x, int y, int channel) {
      double sum = 0;
      for (int v = 0; v < points_y; ++v)
        for (int u = 0; u < points_x; ++u) {
          const auto p = at(content.x + x + (u + 0.5) / points_x, content.y + y + (v + 0.5) / points_y);
          if (how == Interpolation::nearest) {
            ties += std::abs(p[0] - std::round(p[0])) < 1e-3 || std::abs(p[1] - std::round(p[1])) < 1e-3;
            sum += source_at(picture.view(), all, std::floor(p[0]), std::floor(p[1]), channel);
          } else {
            sum += lerped(picture.view(), all, p[0] - 0.5, p[1] - 0.5, channel);
          }
        }
      return sum / (points_x * points_y);
    });
    CAPTURE(round);
    if (ties == 0) REQUIRE(most <= tolerance(format) + 0.02);
  }
}

TEST_CASE("undoing a perspective agrees with OpenCV") {
  Scratch scratch;
  for (int round = 0; round < 100; ++round) {
    Picture picture = make_picture(130, 90, 3, true);
    const TensorFormat format{.size = {80, 64}, .layout = Layout::nhwc};
    const Quad corners{{{{between(5.F, 30.F), between(5.F, 30.F)},
                         {between(95.F, 120.F), between(5.F, 30.F)},
                         {between(95.F, 120.F), between(65.F, 85.F)},
                         {between(5.F, 30.F), between(65.F, 85.F)}}}};
    const auto plan = WarpPlan::make(picture.size(), corners, {0, 0, 80, 64}, format, Interpolation::bilinear);
    REQUIRE(plan);
    auto tensor = tensor_for(format);
    REQUIRE(plan->run(picture.view(), tensor, scratch));
    // OpenCV counts from pixel centres, we from pixel corners.
    const auto& h = plan->to_source();
    const cv::Mat map = (cv::Mat_<double>(3, 3) << h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8]);
    const cv::Mat to_corner = (cv::Mat_<double>(3, 3) << 1, 0, 0.5, 0, 1, 0.5, 0, 0, 1);
    const cv::Mat to_centre = (cv::Mat_<double>(3, 3) << 1, 0, -0.5, 0, 1, -0.5, 0, 0, 1);
    const cv::Mat centred = to_centre * map * to_corner;
    cv::Mat source(picture.height(), picture.width(), CV_8UC3, picture.data()), theirs;
    source.convertTo(source, CV_32FC3);
    cv::warpPerspective(source, theirs, centred, {80, 64}, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                        cv::BORDER_REPLICATE);
    double most = 0;
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 80; ++x)
        for (int c = 0; c < 3; ++c)
          most = std::max(most, std::abs(double{theirs.at<cv::Vec3f>(y, x)[c]} - element(format, tensor, x, y, c)));
    CHECK(most < 0.1);
  }
}

TEST_CASE("an upright quadrilateral gives what the box gives") {
  Scratch scratch;
  const Picture picture = make_picture(60, 50, 3);
  const TensorFormat format{.size = {30, 25}};
  const Box crop{4.5F, 7.25F, 40, 31};
  for (const auto how : {Interpolation::nearest, Interpolation::bilinear}) {
    const auto box = ResizePlan::make(picture.size(), crop, {0, 0, 30, 25}, format, how);
    const auto quad = WarpPlan::make(picture.size(), Quad::from_box(crop), {0, 0, 30, 25}, format, how);
    REQUIRE(box);
    REQUIRE(quad);
    auto one = tensor_for(format), other = tensor_for(format);
    REQUIRE(box->run(picture.view(), one, scratch));
    REQUIRE(quad->run(picture.view(), other, scratch));
    double most = 0;
    // Away from the edge: there the box stops at its own pixels and the quadrilateral at the picture's. Nearest takes a
    // pixel's corner in the box, as OpenCV does, and its centre in the quadrilateral.
    for (int y = 1; y < 24 && how == Interpolation::bilinear; ++y)
      for (int x = 1; x < 29; ++x)
        for (int c = 0; c < 3; ++c)
          most = std::max(most, std::abs(element(format, one, x, y, c) - element(format, other, x, y, c)));
    CHECK(most < 1e-3);
  }
}

TEST_CASE("strong shrinking by perspective sees everything: a fine pattern becomes its mean") {
  Scratch scratch;
  Picture picture(400, 400, 3);
  for (int y = 0; y < 400; ++y)
    for (int x = 0; x < 400; ++x)
      for (int c = 0; c < 3; ++c) picture.at(x, y)[c] = (x / 3 + y / 3) % 2 == 0 ? 255 : 0;
  const Quad corners{{{{3, 8}, {390, 2}, {398, 395}, {10, 380}}}};
  const TensorFormat format{.size = {24, 24}};
  const auto plan = WarpPlan::make(picture.size(), corners, {0, 0, 24, 24}, format, Interpolation::bilinear);
  REQUIRE(plan);
  auto tensor = tensor_for(format);
  REQUIRE(plan->run(picture.view(), tensor, scratch));
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 24; ++x) CHECK(std::abs(element(format, tensor, x, y, 0) - 127.5) < 45);
}

}  // namespace perch::image
