#include "accuracy/eight_bits.hpp"

#include <array>
#include <cmath>

#include "accuracy/truth.hpp"
#include "base/file.hpp"
#include "learn/compare.hpp"
#include "learn/exam.hpp"
#include "learn/look.hpp"
#include "onnx/temporary_folder.hpp"

namespace perch::accuracy {

namespace {

/// The photos with their truth in two halves, every other one.
Result<std::array<learn::Exam, 2>> halves(const std::filesystem::path& data) {
  std::array<learn::Exam, 2> halves;
  std::size_t count = 0;
  PERCH_TRY(const std::vector<CocoPicture> photos, read_coco(data / "photos/coco33.json"));
  for (const CocoPicture& photo : photos) {
    learn::ExamPicture picture;
    picture.name = photo.file;
    PERCH_TRY(picture.bytes, read_file(data / "photos/coco33" / photo.file));
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

Result<void> look_into(std::vector<Findings>& all, const std::shared_ptr<const model::Model>& model,
                       const learn::Exam& exam) {
  PERCH_TRY(std::vector<Findings> found, learn::look_at(model, exam));
  for (Findings& findings : found) all.push_back(std::move(findings));
  return {};
}

}  // namespace

Result<EightBits> in_eight_bits(const std::filesystem::path& model, const std::filesystem::path& data,
                                const model::LoadOptions& options, const trainer::QuantiseSettings& settings,
                                const Registry& registry, int speed_rounds, const trainer::SayLine& say) {
  PERCH_TRY(const auto photos, halves(data));
  PERCH_TRY(const auto in_float, model::Model::load(model.string(), registry, options));
  Whole whole;
  EightBits made;
  double ratio = 1;
  for (const std::size_t half : {0, 1}) {
    const trainer::TemporaryFolder folder;
    PERCH_TRY(const trainer::Quantised quantised,
              trainer::quantise_model(in_float, photos[1 - half], settings, registry, say));
    PERCH_CHECK(write_file(folder.path() / "m.onnx", quantised.onnx));
    model::Card card = in_float->card();
    card.sha256 = sha256_hex(quantised.onnx);
    PERCH_CHECK(write_file(folder.path() / "m.toml", as_bytes(to_toml(card))));
    PERCH_TRY(const auto in_int8, model::Model::load((folder.path() / "m.onnx").string(), registry, options));
    PERCH_CHECK(look_into(whole.in_float, in_float, photos[half]));
    PERCH_CHECK(look_into(whole.in_int8, in_int8, photos[half]));
    whole.exam.pictures.insert(whole.exam.pictures.end(), photos[half].pictures.begin(), photos[half].pictures.end());
    if (speed_rounds > 0) {
      PERCH_TRY(const std::vector<double> ms, learn::core_ms_in_turns({in_float, in_int8}, speed_rounds));
      ratio *= std::sqrt(ms[0] / ms[1]);
      made.speed = ratio;
    }
    made.size = static_cast<double>(quantised.onnx.size()) / static_cast<double>(in_float->file_bytes());
    made.how += (made.how.empty() ? "" : "; ") + quantised.how();
  }
  whole.exam.labelled = true;
  made.ap_in_float = whole.ap(whole.in_float);
  made.ap_in_int8 = whole.ap(whole.in_int8);
  return made;
}

}  // namespace perch::accuracy
