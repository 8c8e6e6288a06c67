// Counts what the way from bytes to tensor asks of operator new; libjpeg keeps its own pools by malloc.
#include <atomic>
#include <cstdlib>
#include <new>

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "image/sampling.hpp"
#include "support/picture_files.hpp"

namespace {

std::atomic<int> allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace perch::image {

TEST_CASE("once warm, nothing is allocated from a picture's bytes to the tensor") {
  const std::vector<Bytes> files{test::jpeg_file(320, 240), test::png_file(320, 240),
                                 test::jpeg_file(320, 240, {.colours = test::JpegKind::Colours::ycck_adobe}),
                                 test::png_file(320, 240, {.colour_type = 6}),
                                 test::with_exif_orientation(test::jpeg_file(240, 320), 6)};
  const TensorFormat format{.size = {96, 96}};
  const PixelRect content{0, 0, 96, 72};
  std::vector<std::byte> tensor(format.bytes());
  PictureDecoder decoder;
  Picture picture, luma;
  Scratch scratch;
  ResizePlan plan;
  const Quad askew{{{{20, 10}, {300, 30}, {310, 220}, {5, 200}}}};
  const auto warp = WarpPlan::make({320, 240}, askew, content, format, Interpolation::bilinear);
  REQUIRE(warp);
  bool good = true;
  const auto frame = [&](std::size_t i, const Box& crop) {
    good = good && decoder.decode(files[i], picture) && decoder.decode_luma(files[i], luma, 320);
    good = good && plan.remake({320, 240}, crop, content, format, Interpolation::area);
    good = good && plan.run(picture.view(), tensor, scratch) && warp->run(picture.view(), tensor, scratch);
  };
  for (std::size_t i = 0; i < files.size(); ++i) frame(i, {0, 0, 320, 240});
  const int before = allocations;
  for (std::size_t i = 0; i < 10 * files.size(); ++i)
    frame(i % files.size(), {static_cast<float>(i), 5, 200, 100 + static_cast<float>(i)});
  const int after = allocations;
  CHECK(good);
  CHECK(before > 0);
  CHECK(after == before);
}

}  // namespace perch::image
