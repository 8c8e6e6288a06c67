#include <algorithm>
#include <sstream>

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/program.hpp"
#include "support/real_data.hpp"

namespace json = boost::json;
using perch::test::Finished;
using perch::test::real_data;
using perch::test::run_program;
using perch::test::TempFolder;
using perch::test::write_test_file;

namespace {

Finished perch_run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {PERCH_PROGRAM, "run", "--json", "--model"});
  return run_program(arguments);
}

std::string model(const std::string& name) {
  return (real_data() / "models" / (name + ".onnx")).string();
}

std::vector<json::object> lines_of(const Finished& finished) {
  std::vector<json::object> lines;
  std::istringstream text(finished.out);
  for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line).as_object());
  return lines;
}

std::vector<std::string> keys_of(const json::object& object) {
  std::vector<std::string> keys;
  for (const auto& member : object) keys.emplace_back(member.key());
  return keys;
}

}  // namespace

TEST_CASE("a folder gives one object a picture, in name order, in the promised form") {
  PERCH_NEEDS_REAL_DATA("photos/coco33");
  const Finished f = perch_run({model("yolox-nano"), (real_data() / "photos/coco33").string()});
  CHECK(f.status == 0);
  CHECK(f.err.empty());  // no progress bar in a pipe
  const auto lines = lines_of(f);
  REQUIRE(lines.size() == 33);
  CHECK(std::ranges::is_sorted(lines, {}, [](const json::object& o) { return std::string(o.at("file").as_string()); }));
  const std::vector<std::string> promised{"file",   "width", "height", "ms",    "detections",
                                          "scores", "poses", "digits", "values"};
  for (const json::object& line : lines) {
    CAPTURE(line.at("file").as_string().c_str());
    CHECK(keys_of(line) == promised);
    CHECK(keys_of(line.at("ms").as_object()) == std::vector<std::string>{"decode", "infer", "total"});
    CHECK(line.at("values").as_object().size() == 80);
    const double width = line.at("width").to_number<double>(), height = line.at("height").to_number<double>();
    for (const json::value& d : line.at("detections").as_array()) {
      CHECK(keys_of(d.as_object()) == std::vector<std::string>{"label", "score", "box"});
      const auto& box = d.at("box").as_array();
      CHECK(box[0].to_number<double>() >= 0);
      CHECK(box[1].to_number<double>() >= 0);
      CHECK(box[0].to_number<double>() + box[2].to_number<double>() <= width + 0.02);
      CHECK(box[1].to_number<double>() + box[3].to_number<double>() <= height + 0.02);
    }
  }
}

TEST_CASE("the counts are those of the boxes, zeros included, and only the labels asked for are kept") {
  PERCH_NEEDS_REAL_DATA("photos/coco33");
  const Finished f =
      perch_run({model("yolox-nano"), "--labels", "person,zebra", (real_data() / "photos/coco33").string()});
  std::int64_t persons = 0;
  for (const json::object& line : lines_of(f)) {
    std::map<std::string, std::int64_t> counted{{"person", 0}, {"zebra", 0}};
    for (const json::value& d : line.at("detections").as_array()) ++counted.at(std::string(d.at("label").as_string()));
    REQUIRE(keys_of(line.at("values").as_object()) == std::vector<std::string>{"person", "zebra"});
    CHECK(line.at("values").at("person").to_number<std::int64_t>() == counted["person"]);
    CHECK(line.at("values").at("zebra").to_number<std::int64_t>() == counted["zebra"]);
    persons += counted["person"];
  }
  CHECK(persons > 10);
}

TEST_CASE("a label that the model does not have is an error that names the nearest one") {
  PERCH_NEEDS_REAL_DATA("photos/coco33");
  const Finished f = perch_run({model("yolox-nano"), "--labels", "persn", (real_data() / "photos/coco33").string()});
  CHECK(f.status == 2);
  CHECK(f.out.empty());
  CHECK(f.err.find("did you mean 'person'?") != std::string::npos);
}

TEST_CASE("a picture that cannot be read is an object in its place, and the rest is still done") {
  PERCH_NEEDS_REAL_DATA("models/yolox-nano.onnx");
  const TempFolder folder;
  perch::image::Picture grey(64, 48);
  std::fill_n(grey.data(), 64 * 48 * 3, std::uint8_t{128});
  const std::string good(perch::as_text(*perch::image::encode_jpeg(grey.view())));
  write_test_file(folder / "a.jpg", good);
  write_test_file(folder / "b.jpg", good.substr(0, good.size() / 2));
  write_test_file(folder / "c.jpg", "<html>");
  write_test_file(folder / "d.jpg", "");
  write_test_file(folder / "e.png", good);  // the content counts, not the name
  std::filesystem::create_directory(folder / "empty");
  const Finished f = perch_run(
      {model("yolox-nano"), folder.path().string(), (folder / "gone.jpg").string(), (folder / "empty").string()});
  CHECK(f.status == 1);
  const auto lines = lines_of(f);
  REQUIRE(lines.size() == 7);
  const std::vector<bool> broken{false, true, true, true, false, true, true};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(i);
    CHECK(lines[i].contains("error") == broken[i]);
    if (broken[i]) CHECK_FALSE(lines[i].at("error").as_string().empty());
  }
}

TEST_CASE("a clip gives an object a frame, thinned on request") {
  PERCH_NEEDS_REAL_DATA("clips/car-detection.mp4");
  const Finished f =
      perch_run({model("fastestdet"), "--every", "2s", (real_data() / "clips/car-detection.mp4").string()});
  CHECK(f.status == 0);
  const auto lines = lines_of(f);
  REQUIRE(lines.size() > 5);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(lines[i].at("t").to_number<double>() == doctest::Approx(2.0 * static_cast<double>(i)).epsilon(0.05));
    CHECK(lines[i].at("frame").to_number<std::int64_t>() ==
          doctest::Approx(25.0 * static_cast<double>(i)).epsilon(0.05));
    CHECK(lines[i].at("width").to_number<int>() == 768);
  }
}

TEST_CASE("a clip that ends in the middle gives its whole frames, then says where it ends") {
  PERCH_NEEDS_REAL_DATA("clips/bottle-detection.mp4");
  const TempFolder folder;
  const auto whole = perch::read_file(real_data() / "clips/bottle-detection.mp4");
  REQUIRE(whole);
  write_test_file(folder / "cut.mp4", perch::as_text(*whole).substr(0, whole->size() * 2 / 3));
  const Finished f = perch_run({model("fastestdet"), "--every", "5s", (folder / "cut.mp4").string()});
  CHECK(f.status == 1);
  const auto lines = lines_of(f);
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.back().contains("error"));
}

TEST_CASE("annotated pictures are written below the folder asked for, as they lay in theirs") {
  PERCH_NEEDS_REAL_DATA("photos/coco33");
  const TempFolder folder;
  std::filesystem::create_directories(folder / "in/deep");
  std::filesystem::path first;
  for (const auto& entry : std::filesystem::directory_iterator(real_data() / "photos/coco33"))
    if (first.empty() || entry.path() < first) first = entry.path();
  std::filesystem::copy_file(first, folder / "in/deep/photo.jpg");
  const Finished f =
      perch_run({model("yolox-nano"), "--annotate", (folder / "out").string(), (folder / "in").string()});
  CHECK(f.status == 0);
  const auto drawn = perch::read_file(folder / "out/deep/photo.jpg");
  REQUIRE(drawn);
  const auto original = perch::read_file(first);
  REQUIRE(original);
  CHECK(perch::image::probe(*drawn)->size == perch::image::probe(*original)->size);
}

TEST_CASE("what another model finds are the regions of this one") {
  PERCH_NEEDS_REAL_DATA("photos/coco33");
  const Finished f = perch_run({model("movenet-lightning-int8"), "--regions", model("yolox-nano") + ":person",
                                (real_data() / "photos/coco33").string()});
  CHECK(f.status == 0);
  std::size_t poses = 0;
  for (const json::object& line : lines_of(f)) {
    for (const json::value& pose : line.at("poses").as_array()) {
      CHECK(pose.at("keypoints").as_array().size() == 17);
      CHECK(pose.as_object().contains("region"));
      ++poses;
    }
  }
  CHECK(poses > 10);
}

TEST_CASE("fixed regions give a digit each") {
  PERCH_NEEDS_REAL_DATA("meters/energy-51345.png");
  const Finished f = perch_run({model("dig-class100"), "--regions", "[[0,0,20,30],[20,0,20,30],[40,0,20,30]]",
                                (real_data() / "meters/energy-51345.png").string()});
  CHECK(f.status == 0);
  const auto lines = lines_of(f);
  REQUIRE(lines.size() == 1);
  const auto& digits = lines[0].at("digits").as_array();
  REQUIRE(digits.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(digits[i].at("region").to_number<std::size_t>() == i);
}

TEST_CASE("boxes found on a reduced decode are those found on the whole picture") {
  PERCH_NEEDS_REAL_DATA("parking/pklot.json");
  const std::string lot = (real_data() / "parking/pklot").string();
  const TempFolder folder;
  const auto reduced = lines_of(perch_run({model("yolox-nano"), lot}));
  const auto full = lines_of(perch_run({model("yolox-nano"), "--annotate", folder.path().string(), lot}));
  REQUIRE(reduced.size() == full.size());
  std::size_t all = 0, difference = 0;
  for (std::size_t i = 0; i < full.size(); ++i) {
    const std::size_t a = reduced[i].at("detections").as_array().size(), b = full[i].at("detections").as_array().size();
    all += b;
    difference += a > b ? a - b : b - a;
  }
  CHECK(all > 50);
  CHECK(difference * 10 < all);
}
