#pragma once
#include <array>
#include <vector>

#include "scenes/core/canvas.hpp"
#include "scenes/core/random.hpp"

namespace perch::scenes::meter {

/// How digits are drawn: every choice that the makers of rollers make.
struct Hand {
  float square = 2;      ///< bowls: 2 round, 5 almost rectangular
  float narrow = 0.55F;  ///< width as a share of the height
  float stroke = 0.12F;  ///< thickness as a share of the height
  float contrast = 0;    ///< how much thinner level strokes are, 0..0.5
  bool flag_on_one = true;
  bool foot_on_one = false;
  bool flat_three = false;
  bool open_four = false;
  bool bar_on_seven = false;
  bool straight_tails = false;  ///< of 6 and 9
  bool round_tails = false;     ///< of 6 and 9: they come back over the bowl, as the upper half of a 0 does
  float tail_end_deg = -40;     ///< where a round tail ends: -90 above the bowl's middle, 0 at its side
  float bowl = 0.31F;           ///< of 6 and 9: half the height of the bowl, as a share of the digit
  bool upright_four = false;    ///< both stems of a 4 stand upright
  bool bent_seven = false;      ///< the stem of a 7 comes down in a bow
  bool block = false;           ///< 2, 3, 5 and 7 of level and upright strokes; wants bowls that are almost rectangular
  float hook = 0.08F;           ///< how far the loose ends of 2, 3, 5 and an upright 7 turn back in block digits
  bool upright_seven = false;   ///< the stem of a block 7 stands at its right edge
  bool hooked_seven = false;    ///< the bar of a 7 that is no block begins with a serif

  static Hand of(Random random);
};

/// The ten digits in one hand, as strokes. Made once; then pure. @thread any
class Glyphs {
 public:
  explicit Glyphs(const Hand& hand);

  const Hand& hand() const { return hand_; }

  /// How far a place is from the ink of a digit, negative within; all in heights of the digit.
  /// @param p  from the digit's middle
  float distance(int digit, Vec2 p) const;

 private:
  using Line = std::vector<Vec2>;

  void add_bowl(int digit, Vec2 centre, Vec2 radius, float from_deg, float to_deg, std::vector<Vec2> before = {},
                std::vector<Vec2> after = {});
  void add_six(int digit, bool turned);

  Hand hand_;
  std::array<std::vector<Line>, 10> lines_;
};

}  // namespace perch::scenes::meter
