#include <cmath>

#include <fmt/format.h>

#include "accuracy/looking.hpp"
#include "accuracy/truth.hpp"
#include "learn/compare.hpp"
#include "learn/exam.hpp"
#include "onnx/quantise_model.hpp"
#include "support/component.hpp"
#include "support/picture_files.hpp"
#include "support/program.hpp"

using namespace perch;

namespace {

const std::filesystem::path kTruth = "photos/coco33.json";

/// The photos with their truth in two halves, every other one.
std::array<learn::Exam, 2> halves() {
  std::array<learn::Exam, 2> halves;
  std::size_t count = 0;
  for (const accuracy::CocoPicture& photo : accuracy::must(accuracy::read_coco(test::real_data() / kTruth))) {
    learn::ExamPicture picture;
    picture.name = photo.file;
    picture.bytes = accuracy::must(read_file(test::real_data() / "photos/coco33" / photo.file));
    picture.boxes = photo.boxes;
    halves[count++ % 2].pictures.push_back(std::move(picture));
  }
  for (learn::Exam& half : halves) half.labelled = true;
  return halves;
}

/// Everything that two halves gave, as if it were one exam.
struct Whole {
  learn::Exam exam;
  std::vector<Findings> in_float, in_int8;

  double ap(const std::vector<Findings>& found) const {
    return learn::measure(exam, model::Task::detect, found).front().value;
  }
};

/// Quantises a detector twice, each time with the other half of the photos than those it is measured on, and prints a
/// line of the table in docs/accuracy.md. Returns what is lost of AP.
double loss_of(const std::string& file, float min_score, float nms_iou) {
  model::LoadOptions options;
  options.min_score = min_score;
  options.nms_iou = nms_iou;
  const std::array<learn::Exam, 2> photos = halves();
  Whole whole;
  double ratio = 1;
  std::size_t bytes = 0, float_bytes = 0;
  std::string how;
  for (const std::size_t half : {0, 1}) {
    const test::TempFolder folder;
    const auto in_float = accuracy::load_model(file, options);
    const auto made =
        accuracy::must(trainer::quantise_model(in_float, photos[1 - half], {}, test::all_components(),
                                               [](const std::string& line) { fmt::print("  {}\n", line); }));
    accuracy::must(write_file(folder / "m.onnx", made.onnx));
    model::Card card = in_float->card();
    card.sha256 = sha256_hex(made.onnx);
    accuracy::must(write_file(folder / "m.toml", as_bytes(to_toml(card))));
    const auto in_int8 =
        accuracy::must(model::Model::load((folder / "m.onnx").string(), test::all_components(), options));
    for (auto& findings : accuracy::must(learn::look_at(in_float, photos[half])))
      whole.in_float.push_back(std::move(findings));
    for (auto& findings : accuracy::must(learn::look_at(in_int8, photos[half])))
      whole.in_int8.push_back(std::move(findings));
    whole.exam.pictures.insert(whole.exam.pictures.end(), photos[half].pictures.begin(), photos[half].pictures.end());
    const std::vector<double> ms = accuracy::must(learn::core_ms_in_turns({in_float, in_int8}, 20));
    ratio *= std::sqrt(ms[0] / ms[1]);
    float_bytes = in_float->file_bytes();
    bytes = made.onnx.size();
    how += (how.empty() ? "" : "; ") + made.how();
  }
  whole.exam.labelled = true;
  const double before = whole.ap(whole.in_float), after = whole.ap(whole.in_int8);
  fmt::print("{} in int8: {:.2f} times as fast, {:.2f} of the size, AP {:.4f} -> {:.4f} ({})\n", file, ratio,
             static_cast<double>(bytes) / static_cast<double>(float_bytes), before, after, how);
  return before - after;
}

}  // namespace

// The bounds keep what was measured (docs/accuracy.md), with room for other processors: nanodet-m-320 loses 0.014.
TEST_CASE("nanodet-m-320 in int8 keeps its figure") {
  PERCH_NEEDS_REAL_DATA(kTruth);
  CHECK(loss_of("nanodet-m-320.onnx", 0.02F, 0.6F) <= 0.03);
}

TEST_CASE("fastestdet in int8 keeps its figure") {
  PERCH_NEEDS_REAL_DATA(kTruth);
  CHECK(loss_of("fastestdet.onnx", 0.05F, 0.45F) <= 0.01);
}

TEST_CASE("yolox-nano in int8 keeps its figure") {
  PERCH_NEEDS_REAL_DATA(kTruth);
  CHECK(loss_of("yolox-nano.onnx", 0.01F, 0.65F) <= 0.02);
}
