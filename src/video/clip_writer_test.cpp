#include "video/clip_writer.hpp"

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/program.hpp"
#include "video/clip.hpp"

namespace perch::video {

TEST_CASE("a clip written frame by frame is read back frame by frame") {
  const test::TempFolder folder;
  const std::filesystem::path path = folder / "made.avi";
  auto writer = ClipWriter::create(path, {64, 48}, 15);
  REQUIRE(writer);
  for (int i = 0; i < 5; ++i) {
    image::Picture picture(64, 48);
    std::fill_n(picture.data(), 64 * 48 * 3, static_cast<std::uint8_t>(40 * i));
    REQUIRE(writer->add(image::encode_jpeg(picture.view()).value()));
  }
  REQUIRE(writer->finish());

  auto reader = ClipReader::open(path);
  REQUIRE(reader);
  CHECK(reader->info().size == image::Size{64, 48});
  CHECK(reader->info().frames_per_s == doctest::Approx(15));
  image::Picture picture;
  for (int i = 0; i < 5; ++i) {
    REQUIRE(reader->next(picture));
    CHECK(std::abs(*picture.at(20, 20) - 40 * i) < 6);
  }
  CHECK(reader->next(picture).error().code == Errc::eof);
}

TEST_CASE("a clip in a folder that is not there is an error that names it") {
  const auto writer = ClipWriter::create("/nowhere/at/all.avi", {64, 48}, 15);
  REQUIRE_FALSE(writer);
  CHECK(writer.error().code == Errc::io);
  CHECK(writer.error().where == "/nowhere/at/all.avi");
}

}  // namespace perch::video
