#include <chrono>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/clip_files.hpp"
#include "support/program.hpp"
#include "support/source_rig.hpp"

using namespace perch;
using perch::test::SourceRig;

namespace {

std::string settings(std::string_view path, std::string_view more = "") {
  return fmt::format("kind = 'folder'\npath = '{}'\n{}", path, more);
}

int height_of(const Frame& frame) {
  return std::get<image::Picture>(frame.payload).height();
}

bool is_jpeg(const Frame& frame) {
  return std::holds_alternative<Jpeg>(frame.payload);
}

}  // namespace

TEST_CASE("pictures and the frames of clips come in the order of their names, nothing lost, and end") {
  const test::TempFolder folder;
  test::write_test_file(folder / "a.jpg", as_text(test::jpeg_file(32, 32)));
  test::write_jpeg_clip(folder / "below/c.avi", 3, 10);
  test::write_test_file(folder / "below/notes.txt", "no picture");
  test::write_test_file(folder / "d.png", "no picture either, which is for who decodes it to say");
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings(".")));
  CHECK(rig.source->pace() == Pace::lossless);
  CHECK(is_jpeg(rig.next().value()));
  for (int i = 0; i < 3; ++i) CHECK(height_of(rig.next().value()) == 48);
  CHECK(is_jpeg(rig.next().value()));
  CHECK(rig.next().error().code == Errc::eof);
  CHECK(rig.next().error().code == Errc::eof);
}

TEST_CASE("a clip with damaged frames says so after its last, and what stands after it follows") {
  const test::TempFolder folder;
  test::write_jpeg_clip(folder / "a.avi", 5, 10);
  test::damage_jpeg_clip(folder / "a.avi", 2);
  test::write_test_file(folder / "b.avi", "no clip");
  test::write_jpeg_clip(folder / "c.avi", 1, 10, {64, 64});
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings(".")));
  for (int i = 0; i < 4; ++i) CHECK(height_of(rig.next().value()) == 48);
  CHECK(rig.next().error().what == "1 of its frames damaged and left out");
  CHECK(rig.next().error().code == Errc::invalid);
  CHECK(height_of(rig.next().value()) == 64);
  CHECK(rig.next().error().code == Errc::eof);
}

TEST_CASE("a loop sees what has come meanwhile") {
  const test::TempFolder folder;
  test::write_jpeg_clip(folder / "b.avi", 1, 10);
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings(".", "loop = true")));
  REQUIRE(rig.next());
  test::write_test_file(folder / "a.jpg", as_text(test::jpeg_file(32, 32)));
  CHECK(is_jpeg(rig.next().value()));
  CHECK(height_of(rig.next().value()) == 48);
}

// The bounds are far from what is right and from what was wrong: a second loop began as much later as the first took.
TEST_CASE("a loop by the times of the frames begins again at once, at its own pace") {
  const test::TempFolder folder;
  test::write_jpeg_clip(folder / "a.avi", 20, 20);
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings(".", "loop = true\ntiming = 'times'")));
  CHECK(rig.source->pace() == Pace::live);
  std::vector<std::chrono::duration<double>> came;
  for (int i = 0; i < 26; ++i) {
    REQUIRE(rig.next());
    came.emplace_back(std::chrono::steady_clock::now().time_since_epoch());
  }
  CHECK((came[19] - came[0]).count() > 0.9);
  CHECK((came[20] - came[19]).count() < 0.6);
  CHECK((came[25] - came[20]).count() > 0.1);
}

TEST_CASE("links to themselves and to nothing are passed over, whatever they are called") {
  const test::TempFolder folder;
  std::filesystem::create_symlink("loop", folder / "loop");
  std::filesystem::create_symlink("loop.jpg", folder / "loop.jpg");
  std::filesystem::create_symlink("nothing.jpg", folder / "gone.jpg");
  test::write_test_file(folder / "z.jpg", as_text(test::jpeg_file(32, 32)));
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings(".")));
  CHECK(is_jpeg(rig.next().value()));
  CHECK(rig.next().error().code == Errc::eof);
}

TEST_CASE("a path that is not there, and a folder without pictures, are errors in words") {
  const test::TempFolder folder;
  SourceRig rig(folder.path());
  REQUIRE(rig.make(settings("nowhere")));
  CHECK(rig.next().error().code == Errc::not_found);
  REQUIRE(rig.make(settings(".")));
  CHECK(rig.next().error().what == "there is no picture or clip in it");
}
