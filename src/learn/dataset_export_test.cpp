#include "learn/dataset_export.hpp"

#include <map>

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "learn/dataset_import.hpp"
#include "support/picture_files.hpp"
#include "support/small_dataset.hpp"

namespace perch::learn {

namespace fs = std::filesystem;

TEST_CASE("COCO is written as a file of labels and a folder of pictures a split") {
  const test::TempFolder folder;
  const Dataset set = test::make_lot(folder / "set", 40);
  const auto done = export_coco(set, folder / "coco");
  REQUIRE(done);
  CHECK(done->pictures == 40);
  for (const char* split : {"train", "val", "test"}) {
    CHECK(fs::exists(folder / fmt::format("coco/annotations/instances_{}.json", split)));
    CHECK_FALSE(fs::is_empty(folder / "coco/images" / split));
  }
}

TEST_CASE("YOLO is written with a text beside each picture, and says what it cannot say") {
  const test::TempFolder folder;
  const auto plain = export_yolo(test::make_lot(folder / "set", 40), folder / "plain");
  REQUIRE(plain);
  CHECK(plain->pictures == 40);
  CHECK(plain->lost.empty());
  std::size_t pictures = 0, texts = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "plain")) {
    pictures += entry.path().extension() == ".jpg" ? 1 : 0;
    texts += entry.path().extension() == ".txt" ? 1 : 0;
  }
  CHECK(pictures == 40);
  CHECK(texts == 40);

  auto writer = DatasetWriter::create(folder / "rich", {"rich", "detect", {"car"}, {}, ""});
  REQUIRE(writer);
  REQUIRE(writer->add("a.jpg", as_bytes(test::squares_jpeg(1)), 64, 48, {test::small_thing("car", 1, 1)},
                      {{"weather", std::string("rain")}}));
  REQUIRE(writer->finish());
  const auto rich = export_yolo(Dataset::load(folder / "rich").value(), folder / "rich-yolo");
  REQUIRE(rich);
  CHECK(rich->lost.find("weather") != std::string::npos);
}

TEST_CASE("a picture that its EXIF turns is written upright, as its labels have it; others as they are") {
  const test::TempFolder folder;
  auto writer = DatasetWriter::create(folder / "set", {"set", "detect", {"car"}, {}, ""});
  REQUIRE(writer);
  const Bytes plain = test::jpeg_file(64, 48), turned = test::with_exif_orientation(test::jpeg_file(32, 80), 6);
  REQUIRE(writer->add("plain.jpg", plain, 64, 48, {test::small_thing("car", 1, 1)}, {}));
  const Bytes turned_png = test::with_png_exif(test::png_file(32, 80), test::tiff_with_orientation(6));
  REQUIRE(writer->add("turned.jpg", turned, 80, 32, {test::small_thing("car", 1, 1)}, {}));
  REQUIRE(writer->add("on_its_side.png", turned_png, 80, 32, {test::small_thing("car", 1, 1)}, {}));
  REQUIRE(writer->finish());
  REQUIRE(export_yolo(Dataset::load(folder / "set").value(), folder / "yolo"));
  std::map<std::string, Bytes> written;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "yolo/images"))
    if (entry.is_regular_file()) written[entry.path().filename().string()] = read_file(entry.path()).value();
  REQUIRE(written.size() == 3);
  CHECK(written["plain.jpg"] == plain);
  for (const auto& [name, format] :
       {std::pair("turned.jpg", image::Format::jpeg), {"on_its_side.png", image::Format::png}}) {
    const auto info = image::probe(written[name]);
    REQUIRE(info);
    CHECK(info->format == format);
    CHECK(info->size == image::Size{80, 32});
    CHECK(info->orientation == image::Orientation::upright);
  }
}

TEST_CASE("an export that was stopped says so") {
  const test::TempFolder folder;
  const Dataset set = test::make_lot(folder / "set", 4);
  const auto stop = [](std::size_t, std::size_t) { return false; };
  CHECK(export_coco(set, folder / "a", stop).error().code == Errc::canceled);
  CHECK(export_yolo(set, folder / "b", stop).error().code == Errc::canceled);
}

TEST_CASE("an export does not write into a folder that has something in it") {
  const test::TempFolder folder;
  const Dataset set = test::make_lot(folder / "set", 2);
  CHECK(export_yolo(set, folder / "set").error().code == Errc::exists);
  CHECK(export_classes(set, folder / "out").error().what ==
        "shows 'car' and 'person', and has only one folder to go to");
}

namespace {

/// A set of pictures with one label each, of these names.
Dataset make_set(const fs::path& folder, const std::vector<std::string>& names, const Label& label) {
  auto writer = DatasetWriter::create(folder, {"set", "classify", {label.category}, {}, ""});
  REQUIRE(writer);
  for (unsigned i = 0; i < names.size(); ++i)
    REQUIRE(writer->add(names[i], as_bytes(test::squares_jpeg(i)), 64, 48, {label}, {{"split", std::string("train")}}));
  REQUIRE(writer->finish());
  return Dataset::load(folder).value();
}

}  // namespace

TEST_CASE("pictures that differ in their extension alone keep their labels in YOLO") {
  const test::TempFolder folder;
  const Dataset set = make_set(folder / "set", {"a.jpg", "a.png"}, test::small_thing("car", 1, 1));
  REQUIRE(export_yolo(set, folder / "yolo"));
  const auto back = import_yolo(test::import_job(folder / "yolo", folder / "back"));
  REQUIRE(back);
  CHECK(back->problems.empty());
  CHECK(back->labels == 2);
}

TEST_CASE("a label that cannot be a folder's name is refused before anything is written") {
  const test::TempFolder folder;
  int i = 0;
  for (const char* name : {"N/A", "..", ".hidden"}) {
    const Dataset set = make_set(folder / fmt::format("set{}", ++i), {"a.jpg"}, test::small_thing(name, 1, 1));
    const Error error = export_classes(set, folder / "out").error();
    CHECK(error.code == Errc::invalid);
    CHECK(error.what == fmt::format("its label '{}' cannot be the name of a folder", name));
    CHECK_FALSE(fs::exists(folder / "out"));
  }
}

TEST_CASE("temperatures and corners that a form cannot hold are said to be lost") {
  const test::TempFolder folder;
  Label plane = test::small_thing("car", 1, 1);
  plane.corners_px = Quad::from_box(plane.box_px);
  make_set(folder / "set", {"a.jpg"}, plane);
  test::write_test_file(folder / "set/pictures/a.raw", "x");
  const Dataset set = Dataset::load(folder / "set").value();
  CHECK(export_coco(set, folder / "coco")->lost == "the temperatures (.raw) of 1 pictures are left out");
  CHECK(export_yolo(set, folder / "yolo")->lost ==
        "the corners of 1 labels are left out, not their boxes; the temperatures (.raw) of 1 pictures are left out");
}

}  // namespace perch::learn
