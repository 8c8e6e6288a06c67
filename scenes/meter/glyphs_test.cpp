#include "scenes/meter/glyphs.hpp"

#include <vector>

#include <doctest/doctest.h>

namespace perch::scenes::meter {

namespace {

Hand block() {
  Hand hand;
  hand.block = hand.round_tails = hand.upright_four = true;
  hand.square = 12;
  hand.flag_on_one = false;
  hand.tail_end_deg = -20;
  return hand;
}

/// Where a digit has ink, on a grid.
std::vector<bool> ink(const Glyphs& glyphs, int digit) {
  std::vector<bool> out;
  for (float y = -0.49F; y < 0.5F; y += 0.035F)
    for (float x = -0.35F; x < 0.35F; x += 0.035F) out.push_back(glyphs.distance(digit, {x, y}) < 0);
  return out;
}

}  // namespace

TEST_CASE("in every hand each digit has its own shape") {
  for (int seed = 0; seed <= 20; ++seed) {
    CAPTURE(seed);
    const Glyphs glyphs(seed == 0 ? block() : Hand::of(Random(static_cast<std::uint64_t>(seed))));
    for (int a = 0; a < 10; ++a)
      for (int b = 0; b < a; ++b) {
        const std::vector<bool> one = ink(glyphs, a), other = ink(glyphs, b);
        int differ = 0;
        for (std::size_t i = 0; i < one.size(); ++i) differ += one[i] != other[i] ? 1 : 0;
        CHECK(differ >= 8);
      }
  }
}

TEST_CASE("a block digit has corners where a round one has none") {
  const Glyphs square(block()), round(Hand{});
  const float wide = (square.hand().narrow - square.hand().stroke) / 2, high = (1 - square.hand().stroke) / 2;
  CHECK(square.distance(5, {wide, high}) < 0);
  CHECK(square.distance(2, {wide, -high}) < 0);
  CHECK(square.distance(3, {wide, high}) < 0);
  CHECK(round.distance(5, {wide, high}) > 0);
  CHECK(round.distance(2, {wide, -high}) > 0);
  CHECK(round.distance(3, {wide, high}) > 0);
}

TEST_CASE("an upright seven stands at its right edge, and a hook hangs from the left of its bar") {
  Hand hand = block();
  const Glyphs bowed(hand);
  hand.upright_seven = true;
  hand.hook = 0.2F;
  const Glyphs upright(hand);
  const float wide = (hand.narrow - hand.stroke) / 2, high = (1 - hand.stroke) / 2;
  CHECK(upright.distance(7, {wide, high}) < 0);
  CHECK(bowed.distance(7, {wide, high}) > 0);
  CHECK(upright.distance(7, {-wide, -high + hand.stroke}) < 0);
  CHECK(bowed.distance(7, {-wide, -high + hand.stroke}) > 0);

  Hand plain;
  plain.hooked_seven = true;
  const float end = (plain.narrow - plain.stroke) / 2;
  CHECK(Glyphs(plain).distance(7, {-end, -0.3F}) < 0);
  CHECK(Glyphs(Hand{}).distance(7, {-end, -0.3F}) > 0);
}

}  // namespace perch::scenes::meter
