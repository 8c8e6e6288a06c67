// reduced_decoding MODEL DATASET: what a detector loses when JPEGs are decoded at 1/2 and 1/4 of their size. Enlarges
// the labelled pictures to seven sizes, so that they are as large as a camera's, looks at each decoded in full and
// reduced, and prints how the average precision changes by how many decoded pixels, on average, go into one of the
// input a side.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include "accuracy/truth.hpp"
#include "base/file.hpp"
#include "image/codec.hpp"
#include "learn/exam.hpp"
#include "model/predictor.hpp"
#include "model/preprocess.hpp"
#include "seam/registry.hpp"

using namespace perch;

namespace {

constexpr float kLeastScore = 0.02F;
constexpr int kQuality = 90;
constexpr double kStep = 0.5;  // pixels that are averaged, for the table

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "reduced_decoding: {}\n", result.error().message());
  std::exit(2);
}

learn::Exam photos(const std::filesystem::path& data) {
  learn::Exam exam;
  for (const accuracy::CocoPicture& photo : must(accuracy::read_coco(data / "photos/coco33.json"))) {
    learn::ExamPicture picture;
    picture.name = photo.file;
    picture.bytes = must(read_file(data / "photos/coco33" / photo.file));
    picture.boxes = photo.boxes;
    exam.pictures.push_back(std::move(picture));
  }
  return exam;
}

/// The exam with every picture enlarged by that, and what it shows with it.
learn::Exam enlarged(const learn::Exam& exam, double by) {
  learn::Exam larger = exam;
  image::PictureDecoder decoder;
  image::Picture picture;
  for (learn::ExamPicture& each : larger.pictures) {
    must(decoder.decode(each.bytes, picture));
    const auto size = [by](int length) { return static_cast<int>(std::lround(length * by)); };
    image::Picture large(size(picture.width()), size(picture.height()), 3);
    cv::Mat to(large.height(), large.width(), CV_8UC3, large.data());
    cv::resize(cv::Mat(picture.height(), picture.width(), CV_8UC3, picture.data()), to, to.size(), 0, 0,
               cv::INTER_LANCZOS4);
    each.bytes = must(image::encode_jpeg(large.view(), kQuality));
    for (learn::TrueBox& truth : each.boxes)
      for (float* length : {&truth.box_px.x, &truth.box_px.y, &truth.box_px.width, &truth.box_px.height})
        *length *= static_cast<float>(by);
  }
  return larger;
}

struct Look {
  double ap = 0;
  double averaged = 0;  ///< decoded pixels for one of the input, along the axis with fewer
};

Look look(const std::shared_ptr<const model::Model>& model, const learn::Exam& exam, int reduced_by) {
  model::Predictor predictor(model);
  image::PictureDecoder decoder;
  image::Picture picture;
  std::vector<learn::Judged> judged;
  Look look;
  for (const learn::ExamPicture& each : exam.pictures) {
    const image::Size full = must(decoder.probe(each.bytes)).size;
    const auto part = [&](int length) { return (length + reduced_by - 1) / reduced_by; };
    must(decoder.decode(each.bytes, picture, {part(full.width), part(full.height)}));
    const model::InputCard& input = model->card().input;
    const image::PixelRect shown = model::fit(input.fit, full.width, full.height, {input.width, input.height}).content;
    look.averaged += std::min(picture.width() / static_cast<double>(shown.width),
                              picture.height() / static_cast<double>(shown.height)) /
                     static_cast<double>(exam.pictures.size());
    Findings findings;
    model::Timing timing;
    if (const auto seen = predictor.predict(picture.view(), full, {}, findings, timing); !seen)
      must<int>(fail(seen.error()));
    judged.push_back({each.boxes, std::move(findings.detections)});
  }
  look.ap = learn::average_precision(judged).ap;
  return look;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: reduced_decoding MODEL DATA   (DATA: the folder of the pictures that tests look at)\n", stderr);
    return 2;
  }
  Registry registry;
  describe_all(registry);
  model::LoadOptions options;
  options.min_score = kLeastScore;
  const auto model = must(model::Model::load(arguments[1], registry, options));
  const learn::Exam exam = photos(arguments[2]);
  std::map<int, std::vector<double>> change_by_averaged;
  for (const double by : {1.8, 2.15, 2.5, 2.85, 3.2, 3.6, 4.0}) {
    const learn::Exam larger = enlarged(exam, by);
    const double full = look(model, larger, 1).ap;
    for (const int reduced_by : {2, 4}) {
      const Look reduced = look(model, larger, reduced_by);
      fmt::print("{:.2f} times as large, 1/{}: {:.2f} px averaged, AP {:.4f} instead of {:.4f}\n", by, reduced_by,
                 reduced.averaged, reduced.ap, full);
      change_by_averaged[static_cast<int>(reduced.averaged / kStep)].push_back(reduced.ap - full);
    }
  }
  for (const auto& [step, changes] : change_by_averaged) {
    double sum = 0;
    for (const double change : changes) sum += change;
    fmt::print("{:.1f} to {:.1f} px averaged: AP {:+.4f} ({} sizes)\n", step * kStep, (step + 1) * kStep,
               sum / static_cast<double>(changes.size()), changes.size());
  }
}
