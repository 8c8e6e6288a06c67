#include "seam/digit_answer.hpp"

#include <utility>

namespace perch {

namespace {

constexpr std::size_t kTenths = 100;

/// The probability of a place and the two beside it, around the wheel.
float around(std::span<const float> p, std::size_t place) {
  return p[(place + p.size() - 1) % p.size()] + p[place] + p[(place + 1) % p.size()];
}

}  // namespace

DigitAnswer digit_answer(std::span<const float> p) {
  const bool tenths = p.size() == kTenths;
  std::pair<float, float> most{-1, -1};
  DigitAnswer answer;
  for (std::size_t place = 0; place < p.size(); ++place) {
    const float right = tenths ? around(p, place) : p[place];
    if (const std::pair score{right, p[place]}; score > most) {
      most = score;
      answer = {place, static_cast<double>(place), right};
    }
  }
  if (tenths) answer.value /= 10;
  return answer;
}

}  // namespace perch
