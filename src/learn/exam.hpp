#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "learn/average_precision.hpp"
#include "learn/dataset.hpp"
#include "model/model.hpp"
#include "seam/findings.hpp"

/// How good a finished model is: on labelled pictures by their truth, on others by what another model finds in them.
namespace perch::learn {

/// A picture to look at, with what is to be seen in it where that is known.
struct ExamPicture {
  std::string name;
  Bytes bytes;                  ///< JPEG or PNG
  std::vector<Region> regions;  ///< that the model looks at; none: the whole
  std::vector<TrueBox> boxes;   ///< for a detector; labels by the model's numbers
  std::optional<int> label;     ///< for a classifier
  std::vector<double> wheels;   ///< for a digit model: the position in each region, 0 ≤ position < 10
};

struct Exam {
  std::vector<ExamPicture> pictures;
  bool labelled = false;  ///< every picture comes with its truth; otherwise none does
};

/// Told why a picture is left out, named with it.
using LeftOut = std::function<void(const Error&)>;

/// The pictures of a folder and those below it, in the order of their names, without truth.
/// @param left_out  told of each picture and folder that cannot be read; empty: the first of them is an error
/// Errors: not_found (no folder, or no JPEG or PNG in it), too_large (over 1 GB), those of reading. @thread any, blocks
Result<Exam> exam_of_folder(const std::filesystem::path& folder, const LeftOut& left_out = {});

/// The pictures of some splits of a data set with their truth, labels by the model's numbers.
/// @param left_out  told of each picture that cannot be read; empty: the first of them is an error
/// Errors: mismatch (another task than the model's, or no label in common), invalid (no picture in these splits), those
/// of reading. @thread any, blocks
Result<Exam> exam_of_dataset(const Dataset& dataset, std::span<const Split> splits, const model::Card& card,
                             const LeftOut& left_out = {});

/// Told after each picture.
using LookProgress = std::function<void()>;

/// What a model finds in each picture, as `perch run` looks at it. Errors: those of decoding, named with the picture,
/// and of the model. @thread any, blocks
Result<std::vector<Findings>> look_at(const std::shared_ptr<const model::Model>& model, const Exam& exam,
                                      const LookProgress& progress = {});

/// Takes the pictures that cannot be decoded out of an exam.
/// @returns what is wrong with each, named with the picture, in their order. @thread any, blocks
std::vector<Error> leave_out_damaged(Exam& exam);

/// One measure of a model, 0..1, higher is better.
struct Measure {
  std::string name;  ///< "AP", "AP50", "F1", "accuracy", "agreement"
  double value = 0;
};

/// Detections against truth: precision and recall together, at IoU 0.5, with the scores as they stand.
double f1_of(const Exam& exam, const std::vector<Findings>& found);

/// AP and AP50 for a detector, of findings from low scores up; accuracy for a classifier; accuracy within ±0.1,
/// circular, for digits. Nothing for other tasks and unlabelled exams. @thread any
std::vector<Measure> measure(const Exam& exam, model::Task task, const std::vector<Findings>& found);

/// Whether a labelled exam has anything to measure a detector or classifier by. Errors: invalid. @thread any
Result<void> expect_truth(const Exam& exam, model::Task task);

/// How alike two models' findings are, 0..1, where both would act on them: detections by F1 at IoU 0.5, classes and
/// digits by how often the likeliest is the same (digits within ±0.1), keypoints by how often they lie within a tenth
/// of the body's size of each other, anomalies by how often both or neither are over the threshold. What one of them
/// alone finds is disagreement. 1 when both find nothing anywhere. @thread any
double agreement(const std::vector<Findings>& reference, const std::vector<Findings>& found);

/// Whether there is anything in them at all. @thread any
bool found_anything(const std::vector<Findings>& found);

/// The same in shades, for telling small differences apart: overlaps and scores count by how near they are. 1 when both
/// are equal. @thread any
double similarity(const Findings& reference, const Findings& found);

/// The mean over all pictures. @pre as many of both
double similarity(const std::vector<Findings>& reference, const std::vector<Findings>& found);

}  // namespace perch::learn
