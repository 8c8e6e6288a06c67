#include "learn/exam.hpp"

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/program.hpp"

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
