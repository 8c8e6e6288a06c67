#include <doctest/doctest.h>

#include "support/real_data.hpp"
#include "video/clip.hpp"

namespace perch::video {

TEST_CASE("a real clip is read to its end: size, rate, times and every frame") {
  PERCH_NEEDS_REAL_DATA("clips/car-detection.mp4");
  auto reader = ClipReader::open(test::real_data() / "clips/car-detection.mp4");
  REQUIRE(reader);
  CHECK(reader->info().size == image::Size{768, 432});
  CHECK(reader->info().frames_per_s == doctest::Approx(12.5).epsilon(0.01));
  image::Picture picture;
  std::int64_t count = 0;
  for (;; ++count) {
    // All but every 25th are passed over.
    const auto frame = reader->next(picture, static_cast<double>(count) * 2 - 0.01);
    if (!frame) {
      CHECK(frame.error().code == Errc::eof);
      break;
    }
    CHECK(frame->index == count * 25);
    CHECK(frame->t_s == doctest::Approx(static_cast<double>(count) * 2).epsilon(0.001));
    CHECK(picture.size() == image::Size{768, 432});
  }
  CHECK(count == (*reader->info().count + 24) / 25);
}

TEST_CASE("a real clip that is cut mid-frame says so") {
  PERCH_NEEDS_REAL_DATA("clips/car-detection.mp4");
  const auto bytes = read_file(test::real_data() / "clips/car-detection.mp4");
  REQUIRE(bytes);
  const auto path = std::filesystem::temp_directory_path() / "perch_cut_clip_real_test.mp4";
  REQUIRE(write_file(path, ByteView(*bytes).first(bytes->size() / 2)));
  auto reader = ClipReader::open(path);
  if (reader) {
    image::Picture picture;
    int count = 0;
    auto frame = reader->next(picture);
    for (; frame; frame = reader->next(picture)) ++count;
    CHECK(count > 10);
    CHECK(frame.error().code == Errc::invalid);
    CHECK(frame.error().what.find("ends in the middle of frame") != std::string::npos);
  } else {
    CHECK(reader.error().code == Errc::invalid);
    CHECK(reader.error().what.find("cut short") != std::string::npos);
  }
  std::filesystem::remove(path);
}

}  // namespace perch::video
