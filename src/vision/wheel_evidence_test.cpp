#include "vision/wheel_evidence.hpp"

#include <cmath>
#include <random>

#include <doctest/doctest.h>

using namespace perch;
using vision::ScoredReading;
using vision::Tenths;
using vision::WheelEvidence;

namespace {

/// A wheel that is seen at a position in tenths, with so much certainty.
Digit wheel(int region, int position, float certain = 0.9F) {
  Digit digit{region, std::vector<float>(100, (1 - certain) / 99)};
  digit.p[static_cast<std::size_t>((position + 100) % 100)] = certain;
  return digit;
}

std::vector<Digit> wheels(std::initializer_list<int> positions) {
  std::vector<Digit> digits;
  for (const int position : positions) digits.push_back(wheel(static_cast<int>(digits.size()), position));
  return digits;
}

Tenths best(const std::vector<Digit>& digits) {
  const auto evidence = WheelEvidence::create(digits);
  REQUIRE(evidence);
  return evidence->best(0, evidence->round() - 1, 1).front().reading;
}

}  // namespace

TEST_CASE("wheels at rest are read as they stand, with the tenths of the last") {
  CHECK(best(wheels({50, 10, 30, 43})) == 51'343);
  CHECK(best(wheels({0, 0, 0, 7})) == 7);
}

TEST_CASE("a wheel moves on while the one to its right leaves its nine, and all of them at once after nines") {
  CHECK(best(wheels({10, 25, 95})) == 1295);
  CHECK(best(wheels({19, 99, 99})) == 1999);
  CHECK(best(wheels({95, 95, 95})) == 9995);
}

TEST_CASE("a wheel that stands between two digits is decided by the one to its right") {
  // The second wheel stands off by a tenth or two: 3.9 with a 0 to its right has become 4, with a 9.9 it is still 3.
  CHECK(best(wheels({10, 39, 2})) == 1402);
  CHECK(best(wheels({10, 38, 99})) == 1399);
  CHECK(best(wheels({10, 41, 88})) == 1488);
  CHECK(best(wheels({10, 38, 1})) == 1401);
}

TEST_CASE("whole digits are read too, and have no tenths") {
  std::vector<Digit> digits;
  for (const int shown : {4, 2, 7}) {
    Digit digit{static_cast<int>(digits.size()), std::vector<float>(10, 0.01F)};
    digit.p[static_cast<std::size_t>(shown)] = 0.91F;
    digits.push_back(digit);
  }
  const auto evidence = WheelEvidence::create(digits);
  REQUIRE(evidence);
  CHECK_FALSE(evidence->has_tenths());
  CHECK(evidence->best(0, 9999, 1).front().reading / 10 == 427);
}

TEST_CASE("the search finds what trying every reading finds, within any bounds") {
  std::mt19937 random(4);
  std::uniform_real_distribution<float> uniform(0, 1);
  for (int round = 0; round < 40; ++round) {
    std::vector<Digit> digits;
    for (int i = 0; i < 3; ++i) {
      Digit digit{i, std::vector<float>(100)};
      float sum = 0;
      for (float& p : digit.p) sum += p = std::pow(uniform(random), 12.0F);
      for (float& p : digit.p) p /= sum;
      digits.push_back(digit);
    }
    const auto evidence = WheelEvidence::create(digits);
    REQUIRE(evidence);
    const Tenths low = static_cast<Tenths>(uniform(random) * 9000);
    const Tenths high = round % 2 == 0 ? 9999 : low + 150;
    std::vector<ScoredReading> all;
    for (Tenths reading = low; reading <= std::min<Tenths>(high, 9999); ++reading)
      all.push_back({reading, evidence->score(reading)});
    std::ranges::sort(all, std::ranges::greater{}, &ScoredReading::score);
    const std::vector<ScoredReading> found = evidence->best(low, high, 5);
    REQUIRE(found.size() == 5);
    for (std::size_t i = 0; i < found.size(); ++i) {
      CHECK(found[i].score == doctest::Approx(all[i].score).epsilon(1e-4));
      CHECK(found[i].score == doctest::Approx(evidence->score(found[i].reading)).epsilon(1e-4));
      CHECK(found[i].reading >= low);
      CHECK(found[i].reading <= high);
    }
  }
}

TEST_CASE("the shortfall names the wheel that does not fit") {
  const auto evidence = WheelEvidence::create(wheels({50, 80, 30, 43}));
  REQUIRE(evidence);
  const auto shortfall = evidence->shortfall(51'343);
  CHECK(shortfall[0] < 0.5F);
  CHECK(shortfall[1] > 2);
  CHECK(shortfall[2] < 0.5F);
}

TEST_CASE("what is no evidence of wheels is an error, and clear wheels are told from blurred ones") {
  CHECK_FALSE(WheelEvidence::create({}));
  CHECK_FALSE(WheelEvidence::create(std::vector<Digit>{{0, std::vector<float>(7, 1.0F / 7)}}));
  CHECK_FALSE(WheelEvidence::create(std::vector<Digit>(15, wheel(0, 0))));
  std::vector<Digit> digits = wheels({10, 20});
  digits.push_back({2, std::vector<float>(100, 0.01F)});
  CHECK(WheelEvidence::create(digits)->clear_wheels() == 2);
}
