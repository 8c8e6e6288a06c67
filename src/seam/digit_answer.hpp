#pragma once
#include <cstddef>
#include <span>

namespace perch {

/// What a reader of one wheel says in a word.
struct DigitAnswer {
  std::size_t place = 0;  ///< index into `Digit::p`
  double value = 0;       ///< in digits: 3.7 is seven tenths of the way from 3 to 4
  float confidence = 0;   ///< 0..1: that it is right; of tenths, right within one tenth
};

/// The answer that is most likely right. A position in tenths is good within one tenth, so it is not the single
/// likeliest place, but the one that has most of the probability on itself and the two beside it. Of equals the
/// likelier place.
/// @param p  as `Digit::p`: 10 whole digits or 100 tenths, the last next to the first; empty: an answer never right
/// @thread any
DigitAnswer digit_answer(std::span<const float> p);

}  // namespace perch
