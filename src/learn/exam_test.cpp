#include "learn/exam.hpp"

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/program.hpp"
#include "support/small_dataset.hpp"

using namespace perch;
using learn::Exam;

namespace {

Findings detections(std::vector<Detection> list) {
  Findings findings;
  findings.detections = std::move(list);
  return findings;
}

Detection thing(float x, float score, int label = 0) {
  return {0, {label}, score, {x, 0, 10, 10}, std::nullopt};
}

Findings digit(std::size_t position) {
  Findings findings;
  findings.digits.push_back({0, std::vector<float>(100, 0)});
  findings.digits[0].p[position] = 1;
  return findings;
}

}  // namespace

TEST_CASE("detectors that find the same agree, whatever the order") {
  const std::vector<Findings> a{detections({thing(0, 0.9F), thing(50, 0.5F)})};
  CHECK(learn::agreement(a, {detections({thing(50, 0.6F), thing(0, 0.4F)})}) == 1);
  CHECK(learn::agreement(a, {detections({thing(0, 0.9F)})}) == doctest::Approx(2.0 / 3));
  CHECK(learn::agreement(a, {detections({thing(0, 0.9F, 1), thing(50, 0.5F)})}) == doctest::Approx(0.5));
  CHECK(learn::agreement({{}}, {{}}) == 1);
}

TEST_CASE("likeness falls with scores and overlaps, little by little") {
  const Findings a = detections({thing(0, 0.8F)});
  CHECK(learn::similarity(a, a) == doctest::Approx(1));
  CHECK(learn::similarity(a, detections({thing(0, 0.4F)})) == doctest::Approx(2 * 0.4 / 1.2));
  CHECK(learn::similarity(a, detections({thing(1, 0.8F)})) == doctest::Approx(9.0 / 11));
  CHECK(learn::similarity(a, {}) == 0);
  CHECK(learn::similarity(Findings{}, Findings{}) == 1);
}

TEST_CASE("digits are right within a tenth, around the wheel") {
  Exam exam;
  exam.labelled = true;
  for (const double position : {9.9, 0.0, 3.7}) {
    exam.pictures.emplace_back();
    exam.pictures.back().wheels = {position};
  }
  const auto measures = learn::measure(exam, model::Task::digits, {digit(0), digit(99), digit(40)});
  REQUIRE(measures.size() == 1);
  CHECK(measures[0].value == doctest::Approx(2.0 / 3));
  CHECK(learn::agreement({digit(99)}, {digit(0)}) == 1);
  CHECK(learn::agreement({digit(99)}, {digit(2)}) == 0);
  CHECK(learn::agreement({digit(99)}, {Findings{}}) == 0);

  Exam two_wheels;
  two_wheels.labelled = true;
  two_wheels.pictures.emplace_back();
  two_wheels.pictures[0].wheels = {9.9, 3.7};
  Findings second = digit(37);  // of the first window nothing could be read
  second.digits[0].region = 1;
  CHECK(learn::measure(two_wheels, model::Task::digits, {second})[0].value == 0.5);
}

TEST_CASE("what one model alone finds is disagreement, and nothing on both sides says nothing") {
  Findings pose, number;
  pose.poses.push_back({0, 0.9F, {{{0, 0}, 1}, {{10, 10}, 1}}});
  number.numbers.push_back({0, "score", 1.2});
  CHECK(learn::agreement({pose}, {pose}) == 1);
  CHECK(learn::agreement({pose}, {Findings{}}) == 0);
  CHECK(learn::agreement({Findings{}}, {pose}) == 0);
  Findings usual = number, more = number;
  usual.numbers[0].value = 0.9;
  more.numbers[0].value = 7;
  CHECK(learn::agreement({number}, {more}) == 1);
  CHECK(learn::agreement({number}, {usual}) == 0);
  CHECK_FALSE(learn::found_anything({Findings{}, Findings{}}));
  CHECK(learn::found_anything({Findings{}, usual}));
}

TEST_CASE("F1 counts what is missed and what is invented, but not what is found in a crowd") {
  Exam exam;
  exam.labelled = true;
  exam.pictures.emplace_back();
  exam.pictures[0].boxes = {{0, {0, 0, 10, 10}, false}, {0, {100, 0, 10, 10}, false}, {0, {200, 0, 100, 100}, true}};
  CHECK(learn::f1_of(exam, {detections({thing(0, 0.9F), thing(100, 0.9F), thing(220, 0.9F)})}) == 1);
  CHECK(learn::f1_of(exam, {detections({thing(0, 0.9F), thing(400, 0.9F)})}) == doctest::Approx(0.5));
  CHECK(learn::f1_of(exam, {{}}) == 0);
}

TEST_CASE("a folder's pictures are taken in the order of their names; one without any is said") {
  const test::TempFolder folder;
  CHECK_FALSE(learn::exam_of_folder(folder.path()));
  CHECK_FALSE(learn::exam_of_folder(folder / "none"));
  const Bytes png = image::encode_png(image::Picture(4, 4).view()).value();
  for (const char* name : {"b/2.png", "a.PNG", "notes.txt"}) test::write_test_file(folder / name, as_text(png));
  const auto exam = learn::exam_of_folder(folder.path());
  REQUIRE(exam);
  REQUIRE(exam->pictures.size() == 2);
  CHECK(exam->pictures[0].name.ends_with("a.PNG"));
  CHECK_FALSE(exam->labelled);
}

TEST_CASE("a picture that cannot be read is an error, or left out and named for whoever wants to hear of it") {
  const test::TempFolder folder;
  const Bytes png = image::encode_png(image::Picture(4, 4).view()).value();
  test::write_test_file(folder / "b.png", as_text(png));
  std::filesystem::create_symlink("/proc/self/mem", folder / "a.png");  // opens, and nothing can be read at its start
  CHECK(learn::exam_of_folder(folder.path()).error().where == (folder / "a.png").string());
  std::vector<Error> left_out;
  const auto exam = learn::exam_of_folder(folder.path(), [&](const Error& error) { left_out.push_back(error); });
  REQUIRE(exam);
  REQUIRE(exam->pictures.size() == 1);
  CHECK(exam->pictures[0].name == (folder / "b.png").string());
  REQUIRE(left_out.size() == 1);
  CHECK(left_out[0].where == (folder / "a.png").string());
}

TEST_CASE("pictures that are damaged are taken out of an exam, and each is named with what is wrong") {
  Exam exam;
  const std::string sound = test::squares_jpeg(1);
  const auto add = [&](const char* name, const std::string& bytes) {
    exam.pictures.emplace_back();
    exam.pictures.back().name = name;
    exam.pictures.back().bytes.assign(bytes.begin(), bytes.end());
  };
  add("a.jpg", sound);
  add("cut.jpg", sound.substr(0, sound.size() / 2));
  add("b.jpg", sound);
  add("text.jpg", "no picture");
  const std::vector<Error> damaged = learn::leave_out_damaged(exam);
  REQUIRE(exam.pictures.size() == 2);
  CHECK(exam.pictures[0].name == "a.jpg");
  CHECK(exam.pictures[1].name == "b.jpg");
  REQUIRE(damaged.size() == 2);
  CHECK(damaged[0].where == "cut.jpg");
  CHECK(damaged[1].where == "text.jpg");
  CHECK(damaged[0].code == Errc::invalid);
  CHECK(learn::leave_out_damaged(exam).empty());
}

TEST_CASE("a crowd in a data set is one in its exam") {
  const test::TempFolder folder;
  auto writer = learn::DatasetWriter::create(folder / "set", {"set", "detect", {"car"}, {}, ""});
  REQUIRE(writer);
  learn::Label crowd = test::small_thing("car", 1, 1);
  crowd.attributes = {{"crowd", true}};
  REQUIRE(writer->add("a.jpg", as_bytes(test::squares_jpeg(1)), 64, 48, {crowd, test::small_thing("car", 20, 20)}, {}));
  REQUIRE(writer->finish());
  model::Card card;
  card.task = model::Task::detect;
  card.labels = {"car"};
  const auto exam = learn::exam_of_dataset(learn::Dataset::load(folder / "set").value(), learn::kSplits, card);
  REQUIRE(exam);
  REQUIRE(exam->pictures.at(0).boxes.size() == 2);
  CHECK(exam->pictures[0].boxes[0].crowd);
  CHECK_FALSE(exam->pictures[0].boxes[1].crowd);
  CHECK(learn::expect_truth(*exam, model::Task::detect));
  Exam empty = *exam;
  empty.pictures[0].boxes.pop_back();
  CHECK(learn::expect_truth(empty, model::Task::detect).error().what ==
        "nothing that the model looks for shows in the pictures to measure with (1)");
  empty.labelled = false;
  CHECK(learn::expect_truth(empty, model::Task::detect));
}
