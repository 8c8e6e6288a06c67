#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "scenes/core/canvas.hpp"
#include "scenes/meter/flow.hpp"
#include "scenes/meter/glyphs.hpp"

namespace perch::scenes::meter {

/// One wheel's window on the face, mm.
struct Window {
  Vec2 from;
  Vec2 to;
  bool decimal = false;
};

/// A small dial with a hand.
struct Dial {
  Vec2 middle;
  float radius = 6;
  double turns_per_unit = 10;  ///< 10: once round for a tenth
};

/// How one meter looks: made from a seed, in millimetres.
struct Design {
  Kind kind = Kind::electricity;
  std::string unit;
  int decimals = 1;
  Vec2 size{160, 120};
  std::vector<Window> windows;
  std::vector<Dial> dials;
  bool disc = false;  ///< electricity: the turning disc
  Hand hand;
  float digit_mm = 7;     ///< height of the digits
  float pitch_mm = 9.5F;  ///< from one digit to the next along the wheel
  Rgb wheel, ink, decimal_wheel, decimal_ink;
  Rgb wall, housing, plate, print;
  bool framed_decimals = false;
  bool strip = false;  ///< one long window instead of one for each wheel
  bool ticks = false;  ///< marks beside the digits of the last wheel
  bool round_face = false;
  float wear = 0.2F;
  float dirt = 0.2F;
  std::vector<float> play;  ///< how far each wheel stands off, in digits

  static Design of(Kind kind, Random random);
};

/// The face of a meter as a flat picture: what is printed once, and what turns.
class Face {
 public:
  Face(const Design& design, float pixels_per_mm, Random random);

  const Canvas& canvas() const { return canvas_; }

  /// Turns one wheel to a position. @param index  from the left
  void turn_wheel(std::size_t index, float position);

  /// Turns dials and disc. Returns whether there are any.
  bool turn_hands(double value);

  /// Where `turn_hands` paints, mm.
  Vec2 hands_from() const { return hands_from_; }

  Vec2 hands_to() const { return hands_to_; }

 private:
  void paint_wall();
  void paint_plate(Random random);
  void paint_print(Random random);
  void paint_windows();
  void write(Vec2 at, float height, std::string_view text, Rgb ink);

  Design design_;
  Glyphs glyphs_;
  Glyphs print_glyphs_;
  std::uint32_t noise_seed_;
  Canvas canvas_;
  Canvas printed_;  ///< without what turns
  Vec2 hands_from_, hands_to_;
};

}  // namespace perch::scenes::meter
