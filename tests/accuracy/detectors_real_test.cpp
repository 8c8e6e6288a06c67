#include <cmath>

#include <fmt/format.h>

#include "accuracy/looking.hpp"
#include "accuracy/truth.hpp"
#include "learn/average_precision.hpp"

using namespace perch;

namespace {

constexpr double kTolerance = 0.003;
const std::filesystem::path kTruth = "photos/coco33.json";

enum class Decode { full, as_run };

/// AP on the 33 photos: decoded at full size, or reduced where that loses nothing, as `perch run` does.
double measure(const std::string& file, float min_score, float nms_iou, Decode decode) {
  model::LoadOptions options;
  options.min_score = min_score;
  options.nms_iou = nms_iou;
  model::Predictor predictor(accuracy::load_model(file, options));
  const auto photos = accuracy::must(accuracy::read_coco(test::real_data() / kTruth));

  image::PictureDecoder decoder;
  image::Picture decoded;
  std::vector<learn::Judged> judged;
  for (const accuracy::CocoPicture& photo : photos) {
    const std::filesystem::path path = std::filesystem::path("photos/coco33") / photo.file;
    Findings findings;
    if (decode == Decode::as_run) {
      findings = accuracy::look(predictor, path);
    } else {
      const Bytes bytes = accuracy::must(read_file(test::real_data() / path));
      model::Timing timing;
      accuracy::must(decoder.decode(bytes, decoded));
      accuracy::must(predictor.predict(decoded.view(), decoded.size(), {}, findings, timing));
    }
    judged.push_back({photo.boxes, std::move(findings.detections)});
  }
  const learn::AveragePrecision result = learn::average_precision(judged);
  fmt::print("{} on {} photos, {}: AP {:.4f}, AP50 {:.4f}\n", predictor.model().card().name, judged.size(),
             decode == Decode::full ? "decoded in full" : "as perch run", result.ap, result.ap50);
  return result.ap;
}

}  // namespace

TEST_CASE("yolox-nano reaches its reference on photos") {
  PERCH_NEEDS_REAL_DATA(kTruth);
  for (const Decode decode : {Decode::full, Decode::as_run})
    CHECK(std::abs(measure("yolox-nano.onnx", 0.01F, 0.65F, decode) - 0.325) <= kTolerance);
}

TEST_CASE("nanodet-m reaches its reference on photos") {
  PERCH_NEEDS_REAL_DATA(kTruth);
  for (const Decode decode : {Decode::full, Decode::as_run})
    CHECK(std::abs(measure("nanodet-m-320.onnx", 0.02F, 0.6F, decode) - 0.252) <= kTolerance);
}

TEST_CASE("fastestdet reaches its reference on photos") {
  PERCH_NEEDS_REAL_DATA(kTruth);
  for (const Decode decode : {Decode::full, Decode::as_run})
    CHECK(std::abs(measure("fastestdet.onnx", 0.05F, 0.45F, decode) - 0.156) <= kTolerance);
}
