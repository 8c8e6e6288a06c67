#include "image/homography.hpp"

#include <limits>
#include <random>

#include <doctest/doctest.h>
#include <opencv2/imgproc.hpp>

namespace perch::image {

namespace {

Quad quad(std::array<float, 8> c) {
  return {{{{c[0], c[1]}, {c[2], c[3]}, {c[4], c[5]}, {c[6], c[7]}}}};
}

std::vector<cv::Point2f> points(const Quad& q) {
  std::vector<cv::Point2f> all;
  for (const Point& p : q.corners) all.emplace_back(p.x, p.y);
  return all;
}

}  // namespace

TEST_CASE("corners go to corners, the inverse brings them back, and OpenCV agrees") {
  std::mt19937 random(7);
  const auto off = [&](float most) { return static_cast<float>(random() % 10'000) / 10'000 * most; };
  for (int i = 0; i < 500; ++i) {
    // Corners of two unequal rectangles, each moved by less than a third of a side: always convex.
    const auto any = [&](float side) {
      return quad({off(side), off(side), 3.2F * side - off(side), off(side), 3.2F * side - off(side),
                   3.2F * side - off(side), off(side), 3.2F * side - off(side)});
    };
    const Quad from = any(20), to = any(i % 2 == 0 ? 500.F : 3.F);
    const auto h = homography(from, to);
    REQUIRE(h);
    const auto back = inverse(*h);
    REQUIRE(back);
    for (std::size_t k = 0; k < 4; ++k) {
      const Point there = apply(*h, from.corners[k]), again = apply(*back, to.corners[k]);
      CHECK(there.x == doctest::Approx(to.corners[k].x).epsilon(1e-4));
      CHECK(there.y == doctest::Approx(to.corners[k].y).epsilon(1e-4));
      CHECK(again.x == doctest::Approx(from.corners[k].x).epsilon(1e-4));
      CHECK(again.y == doctest::Approx(from.corners[k].y).epsilon(1e-4));
    }
    const cv::Mat theirs = cv::getPerspectiveTransform(points(from), points(to));
    for (int k = 0; k < 9; ++k)
      CHECK((*h)[static_cast<std::size_t>(k)] == doctest::Approx(theirs.at<double>(k / 3, k % 3)).epsilon(1e-4));
  }
}

TEST_CASE("a box to a box is a shift and a scale, and a mirrored order mirrors") {
  const auto h = homography(Quad::from_box({0, 0, 10, 20}), Quad::from_box({100, 50, 20, 60}));
  REQUIRE(h);
  CHECK((*h)[0] == doctest::Approx(2));
  CHECK((*h)[4] == doctest::Approx(3));
  CHECK((*h)[2] == doctest::Approx(100));
  CHECK((*h)[6] == doctest::Approx(0));
  CHECK((*h)[8] == 1);
  const auto mirrored = homography(Quad::from_box({0, 0, 10, 10}), quad({10, 0, 0, 0, 0, 10, 10, 10}));
  REQUIRE(mirrored);
  CHECK(apply(*mirrored, {2, 3}) == Point{8, 3});
}

TEST_CASE("corners that bound no convex area are refused, saying why") {
  const Quad good = Quad::from_box({0, 0, 10, 10});
  const auto why = [&](const Quad& bad) {
    const auto one = homography(good, bad), other = homography(bad, good);
    REQUIRE(!one);
    REQUIRE(!other);
    CHECK(one.error().code == Errc::invalid);
    return one.error().what;
  };
  CHECK(why(quad({0, 0, 10, 10, 10, 0, 0, 10})).find("cross") != std::string::npos);
  CHECK(why(quad({0, 0, 10, 0, 2, 2, 0, 10})).find("convex") != std::string::npos);
  CHECK(why(quad({0, 0, 5, 0, 10, 0, 0, 10})).find("no area") != std::string::npos);
  CHECK(why(quad({3, 3, 3, 3, 3, 3, 3, 3})).find("no area") != std::string::npos);
  CHECK(why(quad({0, 0, 10, 0, 10, 1e-7F, 0, 1e-7F})).find("no area") != std::string::npos);
  CHECK(why(quad({0, 0, 10, 0, std::numeric_limits<float>::quiet_NaN(), 10, 0, 10})).find("finite") !=
        std::string::npos);
  CHECK(why(quad({0, 0, std::numeric_limits<float>::infinity(), 0, 10, 10, 0, 10})).find("finite") !=
        std::string::npos);
}

TEST_CASE("a map without an inverse is refused") {
  CHECK(!inverse({1, 2, 3, 2, 4, 6, 0, 0, 1}));
  CHECK(!inverse({0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

}  // namespace perch::image
