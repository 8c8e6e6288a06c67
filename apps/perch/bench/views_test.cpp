#include "bench/views.hpp"

#include <set>

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/program.hpp"

using perch::Bytes;
using perch::image::Picture;
using perch::image::Size;

namespace {

constexpr Size kSmall{160, 90};

/// A folder with two pictures: a slope of grey, and one of red.
struct Folder {
  Folder() {
    for (int i = 0; i < 2; ++i) {
      Picture picture(200, 150);
      for (int y = 0; y < picture.height(); ++y)
        for (int x = 0; x < picture.width(); ++x) {
          picture.at(x, y)[0] = static_cast<std::uint8_t>(x + 20);
          picture.at(x, y)[1] = picture.at(x, y)[2] = static_cast<std::uint8_t>(i == 0 ? x + 20 : y / 2);
        }
      const Bytes png = perch::image::encode_png(picture.view()).value();
      REQUIRE(perch::write_file(files / (std::to_string(i) + ".png"), png));
    }
  }

  std::string path() const { return files.path().string(); }

  perch::test::TempFolder files;
};

}  // namespace

TEST_CASE("views are JPEGs of the cameras' size, no two alike, and the same each time") {
  const Folder folder;
  const auto views = perch::bench::make_views(folder.path(), 12, kSmall);
  REQUIRE(views);
  CHECK(std::set<Bytes>(views->begin(), views->end()).size() == 12);
  for (const Bytes& view : *views) {
    const auto info = perch::image::probe(view);
    REQUIRE(info);
    CHECK(info->format == perch::image::Format::jpeg);
    CHECK(info->size == kSmall);
  }
  CHECK(perch::bench::make_views(folder.path(), 12, kSmall).value() == *views);
}

TEST_CASE("still views differ by noise alone") {
  const Folder folder;
  const auto views = perch::bench::make_still_views(folder.path(), 2, 3, 2.0, kSmall);
  REQUIRE(views);
  REQUIRE(views->size() == 6);
  CHECK(std::set<Bytes>(views->begin(), views->end()).size() == 6);
  perch::image::PictureDecoder decoder;
  std::vector<Picture> luma(6);
  for (std::size_t i = 0; i < 6; ++i) REQUIRE(decoder.decode_luma((*views)[i], luma[i], kSmall.width));
  const auto apart = [&](std::size_t a, std::size_t b) {
    double sum = 0;
    for (int i = 0; i < kSmall.width * kSmall.height; ++i) sum += std::abs(luma[a].data()[i] - luma[b].data()[i]);
    return sum / (kSmall.width * kSmall.height);
  };
  CHECK(apart(0, 1) > 0.5);
  CHECK(apart(0, 1) < 4);
  CHECK(apart(3, 5) < 4);
  CHECK(apart(0, 3) > 8);
}

TEST_CASE("views go to another process and keep their order") {
  const perch::test::TempFolder files;
  const std::vector<Bytes> views{{1, 2}, {3}, {}};
  REQUIRE(perch::bench::write_views(files / "views", views));
  CHECK(perch::bench::read_views(files / "views").value() == views);
  CHECK(perch::bench::read_views(files / "nothing").error().code == perch::Errc::not_found);
}

TEST_CASE("a folder without pictures cannot be looked at") {
  const perch::test::TempFolder files;
  CHECK(perch::bench::make_views(files.path().string(), 1).error().code == perch::Errc::not_found);
  perch::test::write_test_file(files / "bad.jpg", "no picture");
  CHECK(perch::bench::make_views(files.path().string(), 1).error().code == perch::Errc::invalid);
}
