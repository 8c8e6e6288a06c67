#include "learn/exam.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "image/codec.hpp"
#include "learn/metrics.hpp"
#include "model/predictor.hpp"
#include "seam/digit_answer.hpp"

namespace perch::learn {

namespace {

constexpr double kNearDigit = 0.15;  // ±0.1 in tenths, with room for the rounding of 0.1
constexpr float kNearPoint = 0.1F;   // of the body's size
constexpr double kUnusual = 1;       // of an anomaly's score, in units of its threshold

std::size_t likeliest(const std::vector<float>& p) {
  return static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
}

bool near_on_the_wheel(double a, double b) {
  const double apart = std::abs(a - b);
  return std::min(apart, 10 - apart) < kNearDigit;
}

/// For each detection the place of its partner among another model's; below 0: it has none.
std::vector<int> pair_up(const std::vector<Detection>& found, const std::vector<Detection>& others) {
  std::vector<TrueThing> things;
  for (const Detection& other : others) things.push_back({other.label.value, other.box_px, true});
  return match(found, things).thing_of;
}

/// Counts that an F1 or an accuracy is made of.
struct Tally {
  double right = 0, all = 0;

  void add(bool is_right) {
    right += is_right ? 1 : 0;
    all += 1;
  }

  double share() const { return all > 0 ? right / all : 1; }
};

float size_of(const Pose& pose) {
  Box box{pose.points.empty() ? Box{} : Box{pose.points[0].at_px.x, pose.points[0].at_px.y, 0, 0}};
  float right = box.x, bottom = box.y;
  for (const Keypoint& point : pose.points) {
    box.x = std::min(box.x, point.at_px.x);
    box.y = std::min(box.y, point.at_px.y);
    right = std::max(right, point.at_px.x);
    bottom = std::max(bottom, point.at_px.y);
  }
  return std::max({right - box.x, bottom - box.y, 1.0F});
}

/// How far each keypoint is from its counterpart, in body sizes.
std::vector<float> apart(const Pose& a, const Pose& b) {
  std::vector<float> distances;
  const float size = size_of(a);
  for (std::size_t i = 0; i < std::min(a.points.size(), b.points.size()); ++i)
    distances.push_back(
        std::hypot(a.points[i].at_px.x - b.points[i].at_px.x, a.points[i].at_px.y - b.points[i].at_px.y) / size);
  return distances;
}

double shared_mass(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) sum += std::min(a[i], b[i]);
  return sum;
}

/// What was found in a region; nullptr: nothing.
template <class T>
const T* in_region(const std::vector<T>& found, int region) {
  const auto at = std::ranges::find(found, region, &T::region);
  return at == found.end() ? nullptr : &*at;
}

/// Calls `each` with what both found in a region, region by region; one of the two may be nullptr.
template <class T, class F>
void side_by_side(const std::vector<T>& a, const std::vector<T>& b, F each) {
  for (const T& one : a) each(&one, in_region(b, one.region));
  for (const T& other : b)
    if (!in_region(a, other.region)) each(nullptr, &other);
}

double likeness(const std::vector<Detection>& a, const std::vector<Detection>& b) {
  double all = 0, shared = 0;
  for (const auto* side : {&a, &b})
    for (const Detection& d : *side) all += d.score;
  if (all == 0) return 1;
  const std::vector<int> partner = pair_up(a, b);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (partner[i] < 0) continue;
    const Detection& other = b[static_cast<std::size_t>(partner[i])];
    shared += 2.0 * iou(a[i].box_px, other.box_px) * std::min(a[i].score, other.score);
  }
  return shared / all;
}

double likeness(const Grid& a, const Grid& b) {
  double apart = 0, size = 0;
  for (std::size_t i = 0; i < std::min(a.value.size(), b.value.size()); ++i) {
    apart += std::abs(double{a.value[i]} - b.value[i]);
    size += std::max(std::abs(a.value[i]), std::abs(b.value[i]));
  }
  return size > 0 ? 1 - apart / size : 1;
}

}  // namespace

Result<std::vector<Findings>> look_at(const std::shared_ptr<const model::Model>& model, const Exam& exam,
                                      const LookProgress& progress) {
  model::Predictor predictor(model);
  std::vector<Findings> found(exam.pictures.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    model::Timing timing;
    const auto seen = predictor.predict(exam.pictures[i].bytes, exam.pictures[i].regions, found[i], timing);
    if (!seen) return fail(seen.error().at(exam.pictures[i].name));
    if (progress) progress();
  }
  return found;
}

std::vector<Error> leave_out_damaged(Exam& exam) {
  std::vector<Error> damaged;
  image::PictureDecoder decoder;
  image::Picture picture;
  std::erase_if(exam.pictures, [&](const ExamPicture& each) {
    const auto decoded = decoder.decode(each.bytes, picture);
    if (!decoded) damaged.push_back(Error(decoded.error()).at(each.name));
    return !decoded;
  });
  return damaged;
}

double f1_of(const Exam& exam, const std::vector<Findings>& found) {
  double right = 0, answers = 0, things = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    std::vector<TrueThing> truth;
    for (const TrueBox& box : exam.pictures[i].boxes) {
      truth.push_back({box.label, box.box_px, !box.crowd});
      things += box.crowd ? 0 : 1;
    }
    for (const int thing : match(found[i].detections, truth).thing_of) {
      right += thing >= 0 ? 1 : 0;
      answers += thing == Matching::kIgnored ? 0 : 1;
    }
  }
  return answers + things > 0 ? 2 * right / (answers + things) : 1;
}

std::vector<Measure> measure(const Exam& exam, model::Task task, const std::vector<Findings>& found) {
  if (!exam.labelled) return {};
  if (task == model::Task::detect) {
    std::vector<Judged> judged;
    for (std::size_t i = 0; i < found.size(); ++i) judged.push_back({exam.pictures[i].boxes, found[i].detections});
    const AveragePrecision result = average_precision(judged);
    return {{"AP", result.ap}, {"AP50", result.ap50}};
  }
  Tally tally;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const ExamPicture& picture = exam.pictures[i];
    if (task == model::Task::classify && picture.label)
      tally.add(!found[i].scores.empty() && static_cast<int>(likeliest(found[i].scores[0].p)) == *picture.label);
    if (task != model::Task::digits) continue;
    for (std::size_t wheel = 0; wheel < picture.wheels.size(); ++wheel) {
      const Digit* digit = in_region(found[i].digits, static_cast<int>(wheel));
      tally.add(digit && near_on_the_wheel(digit_answer(digit->p).value, picture.wheels[wheel]));
    }
  }
  if (tally.all == 0) return {};
  return {{"accuracy", tally.share()}};
}

Result<void> expect_truth(const Exam& exam, model::Task task) {
  if (!exam.labelled || (task != model::Task::detect && task != model::Task::classify)) return {};
  const bool shows = std::ranges::any_of(exam.pictures, [](const ExamPicture& picture) {
    return picture.label || std::ranges::any_of(picture.boxes, [](const TrueBox& box) { return !box.crowd; });
  });
  if (shows) return {};
  return fail(
      Errc::invalid,
      fmt::format("nothing that the model looks for shows in the pictures to measure with ({})", exam.pictures.size()),
      {}, "label more pictures of the splits 'validation' and 'test', or compare with --pictures alone");
}

double agreement(const std::vector<Findings>& reference, const std::vector<Findings>& found) {
  double same = 0, all = 0;
  Tally tally;
  for (std::size_t i = 0; i < std::min(reference.size(), found.size()); ++i) {
    const Findings& a = reference[i];
    const Findings& b = found[i];
    for (const int partner : pair_up(b.detections, a.detections)) same += partner >= 0 ? 2 : 0;
    all += static_cast<double>(a.detections.size() + b.detections.size());
    side_by_side(a.scores, b.scores,
                 [&](const Scores* x, const Scores* y) { tally.add(x && y && likeliest(x->p) == likeliest(y->p)); });
    side_by_side(a.digits, b.digits, [&](const Digit* x, const Digit* y) {
      tally.add(x && y && near_on_the_wheel(digit_answer(x->p).value, digit_answer(y->p).value));
    });
    side_by_side(a.poses, b.poses, [&](const Pose* x, const Pose* y) {
      const std::vector<float> distances =
          x && y ? apart(*x, *y) : std::vector<float>((x ? x : y)->points.size(), std::numeric_limits<float>::max());
      for (const float distance : distances) tally.add(distance <= kNearPoint);
    });
    side_by_side(a.numbers, b.numbers, [&](const Number* x, const Number* y) {
      tally.add(x && y && (x->value >= kUnusual) == (y->value >= kUnusual));
    });
  }
  if (tally.all > 0) return tally.share();
  return all > 0 ? same / all : 1;
}

bool found_anything(const std::vector<Findings>& found) {
  return std::ranges::any_of(found, [](const Findings& f) {
    return !f.detections.empty() || !f.scores.empty() || !f.poses.empty() || !f.digits.empty() || !f.numbers.empty() ||
           !f.grids.empty();
  });
}

double similarity(const Findings& reference, const Findings& found) {
  double sum = 0, count = 0;
  const auto add = [&](double value) {
    sum += value;
    count += 1;
  };
  const Findings &a = reference, &b = found;
  if (!a.detections.empty() || !b.detections.empty()) add(likeness(a.detections, b.detections));
  for (std::size_t k = 0; k < std::min(a.scores.size(), b.scores.size()); ++k)
    add(shared_mass(a.scores[k].p, b.scores[k].p));
  for (std::size_t k = 0; k < std::min(a.digits.size(), b.digits.size()); ++k)
    add(shared_mass(a.digits[k].p, b.digits[k].p));
  for (std::size_t k = 0; k < std::min(a.poses.size(), b.poses.size()); ++k)
    for (const float distance : apart(a.poses[k], b.poses[k])) add(std::exp(-double{distance} / kNearPoint));
  for (std::size_t k = 0; k < std::min(a.grids.size(), b.grids.size()); ++k) add(likeness(a.grids[k], b.grids[k]));
  for (std::size_t k = 0; k < std::min(a.numbers.size(), b.numbers.size()); ++k) {
    const double most = std::max(std::abs(a.numbers[k].value), std::abs(b.numbers[k].value));
    add(most > 0 ? 1 - std::abs(a.numbers[k].value - b.numbers[k].value) / most : 1);
  }
  return count > 0 ? sum / count : 1;
}

double similarity(const std::vector<Findings>& reference, const std::vector<Findings>& found) {
  double sum = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) sum += similarity(reference[i], found[i]);
  return reference.empty() ? 1 : sum / static_cast<double>(reference.size());
}

}  // namespace perch::learn
