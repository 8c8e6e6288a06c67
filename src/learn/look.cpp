#include "learn/look.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <span>

#include "base/assert.hpp"
#include "image/sampling.hpp"

namespace perch::learn {

namespace {

/// A picture that was compressed anew differs in no more of the 64 bits than this.
constexpr int kMostBits = 10;
/// And in no cell by more levels than this, once the difference of the means is taken off.
constexpr int kMostInCell = 14;
constexpr int kMostInMean = 3;

void shrink(image::PictureView picture, image::Size size, std::span<std::uint8_t> out) {
  const image::TensorFormat format{.size = size, .order = image::ColourOrder::grey, .element = image::Element::u8};
  const Box whole{0, 0, static_cast<float>(picture.width), static_cast<float>(picture.height)};
  const auto plan = image::ResizePlan::make(picture.size(), whole, {0, 0, size.width, size.height}, format,
                                            image::Interpolation::area);
  PERCH_ASSERT(plan.has_value());
  image::Scratch scratch;
  PERCH_ASSERT(plan->run(picture, std::as_writable_bytes(out), scratch).has_value());
}

std::uint64_t difference_hash(image::PictureView picture) {
  constexpr int kWide = 9, kHigh = 8;
  std::array<std::uint8_t, static_cast<std::size_t>(kWide) * kHigh> cells{};
  shrink(picture, {kWide, kHigh}, cells);
  std::uint64_t hash = 0;
  for (std::size_t y = 0; y < kHigh; ++y)
    for (std::size_t x = 0; x + 1 < kWide; ++x)
      hash = hash << 1U | (cells[y * kWide + x] < cells[y * kWide + x + 1] ? 1U : 0U);
  return hash;
}

}  // namespace

Look look_of(image::PictureView picture) {
  PERCH_ASSERT(picture.width > 0 && picture.height > 0);
  Look look;
  shrink(picture, {Look::kSide, Look::kSide}, look.luma);
  look.hash = difference_hash(picture);
  return look;
}

bool nearly_equal(const Look& a, const Look& b) {
  if (std::popcount(a.hash ^ b.hash) > kMostBits) return false;
  constexpr int kCells = Look::kSide * Look::kSide;
  int sum = 0;
  for (std::size_t i = 0; i < kCells; ++i) sum += int{a.luma[i]} - int{b.luma[i]};
  const int offset = sum / kCells;
  int total = 0;
  for (std::size_t i = 0; i < kCells; ++i) {
    const int apart = std::abs(int{a.luma[i]} - int{b.luma[i]} - offset);
    if (apart > kMostInCell) return false;
    total += apart;
  }
  return total <= kMostInMean * kCells;
}

}  // namespace perch::learn
