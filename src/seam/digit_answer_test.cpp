#include "seam/digit_answer.hpp"

#include <array>
#include <vector>

#include <doctest/doctest.h>

namespace perch {

namespace {

std::array<float, 100> tenths(std::initializer_list<std::pair<std::size_t, float>> values) {
  std::array<float, 100> p{};
  for (const auto& [place, value] : values) p[place] = value;
  return p;
}

}  // namespace

TEST_CASE("a position in tenths is the one around which most of the probability lies, not the single peak") {
  const auto p = tenths({{30, 0.4F}, {61, 0.2F}, {62, 0.25F}, {63, 0.15F}});
  const DigitAnswer answer = digit_answer(p);
  CHECK(answer.place == 62);
  CHECK(answer.value == doctest::Approx(6.2));
  CHECK(answer.confidence == doctest::Approx(0.6));
}

TEST_CASE("a lone peak is the answer itself, not a place beside it") {
  CHECK(digit_answer(tenths({{57, 1.0F}})).place == 57);
  CHECK(digit_answer(tenths({{0, 1.0F}})).place == 0);
}

TEST_CASE("the last tenth is next to the first") {
  const DigitAnswer answer = digit_answer(tenths({{98, 0.2F}, {99, 0.3F}, {0, 0.2F}, {50, 0.3F}}));
  CHECK(answer.place == 99);
  CHECK(answer.confidence == doctest::Approx(0.7));
}

TEST_CASE("of whole digits the likeliest is the answer") {
  const std::vector<float> p{0, 0, 0.3F, 0.4F, 0.3F, 0, 0, 0, 0, 0};
  const DigitAnswer answer = digit_answer(p);
  CHECK(answer.value == 3);
  CHECK(answer.confidence == doctest::Approx(0.4));
}

TEST_CASE("of no probabilities nothing is read, and nothing trusted") {
  CHECK(digit_answer({}).value == 0);
  CHECK(digit_answer({}).confidence == 0);
}

}  // namespace perch
