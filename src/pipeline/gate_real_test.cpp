#include <cstdio>

#include <doctest/doctest.h>

#include "pipeline/gate.hpp"
#include "support/real_data.hpp"
#include "video/clip.hpp"

using perch::Frame;
using perch::Jpeg;
using perch::Nanoseconds;
using perch::SharedBytes;
using perch::image::Picture;
using perch::pipeline::Gate;
using perch::pipeline::GateMode;

namespace {

bool has_car(std::int64_t frame) {
  return (frame >= 57 && frame <= 104) || (frame >= 186 && frame <= 235) || (frame >= 319 && frame <= 346);
}

}  // namespace

TEST_CASE("cars on a real road are motion, and the empty road is mostly still") {
  PERCH_NEEDS_REAL_DATA("clips/car-detection.mp4");
  auto clip = perch::video::ClipReader::open(perch::test::real_data() / "clips/car-detection.mp4");
  REQUIRE(clip);
  auto gate = Gate::create({.mode = GateMode::on});
  REQUIRE(gate);
  perch::image::PictureDecoder decoder;
  Picture picture;
  int cars = 0, cars_moved = 0, empty = 0, empty_moved = 0, analysed = 0;
  std::string missed, extra;
  for (;;) {
    const auto read = clip->next(picture);
    if (!read) {
      CHECK(read.error().code == perch::Errc::eof);
      break;
    }
    Frame frame;
    frame.stamp.monotonic = Nanoseconds(static_cast<std::int64_t>(read->t_s * 1e9));
    frame.payload = Jpeg{SharedBytes(perch::image::encode_jpeg(picture.view()).value())};
    const auto decision = gate->decide(frame, decoder);
    REQUIRE(decision);
    const bool moved = decision->motion.moved;
    const bool car = has_car(read->index);
    (car ? cars : empty) += 1;
    (car ? cars_moved : empty_moved) += moved;
    analysed += decision->analyse;
    if (car && !moved) missed += fmt::format(" {}", read->index);
    if (!car && moved) extra += fmt::format(" {}", read->index);
  }
  std::printf("car frames with motion %d of %d (missed:%s); others %d of %d (%s ); analysed %d of %d\n", cars_moved,
              cars, missed.c_str(), empty_moved, empty, extra.c_str(), analysed, cars + empty);
  CHECK(cars == 126);
  CHECK(cars_moved == cars);
  CHECK(empty_moved <= empty / 4);
}
