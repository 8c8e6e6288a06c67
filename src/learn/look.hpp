#pragma once
#include <array>
#include <cstdint>

#include "image/picture.hpp"

namespace perch::learn {

/// What a picture looks like, small enough to compare every picture of a data set with every other: luma of 32 × 32
/// cells, and a difference hash of 64 bits over 9 × 8 of them (Source: N. Krawetz, "Kind of like that", 2013).
struct Look {
  static constexpr int kSide = 32;

  std::array<std::uint8_t, static_cast<std::size_t>(kSide) * kSide> luma{};  ///< row by row
  std::uint64_t hash = 0;

  bool operator==(const Look&) const = default;
};

/// @param picture  RGB or grey, not empty. Allocates nothing that stays. @thread any
Look look_of(image::PictureView picture);

/// Whether two pictures show the same but for compression, size and brightness: nothing of note came, went or moved
/// between them. A camera that stands still sees the same view all day, so hashes of a picture's coarse shape alone
/// would call everything it sees alike; here every cell has to agree too. @thread any
bool nearly_equal(const Look& a, const Look& b);

}  // namespace perch::learn
