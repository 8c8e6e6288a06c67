#include "vision/motion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/assert.hpp"

namespace perch::vision {

namespace {

constexpr std::size_t kLanes = 8;
// Levels of contrast needed at sensitivity 0 and 1; between them geometric.
constexpr double kFloorBlunt = 16;
constexpr double kFloorSharp = 1;
// In mean deviations. Held to twice the usual, the mean deviation of Gaussian noise settles at 0.735 sigma.
constexpr float kDiffers = 4;
constexpr float kDiffersForSure = 6;
constexpr float kSureFloor = 1.5F;
constexpr float kEdgeShift = 0.1F;  // of a cell
// An object of `min_area` never covers all of its cells wholly.
constexpr double kCoveredShare = 0.5;
constexpr int kFewestCells = 2;

constexpr float kBackground_s = 30;
constexpr float kNoise_s = 20;
constexpr float kFastestLearning = 0.25F;
constexpr int kFirstFrames = 8;  // averaged evenly
constexpr float kFirstDeviation = 2;
constexpr float kLeastDeviation = 0.5F;  // the step of 8-bit luma
constexpr float kMostDeviation = 5;
constexpr float kOutlier = 2;  // times the usual deviation
constexpr float kSettledRepeats = 2;
constexpr float kUnknownElapsed_s = 0.04F;
constexpr float kLongestElapsed_s = 600;

constexpr float kSwitchShare = 0.5F;
constexpr float kLargestFactor = 1.35F;
constexpr float kLargestShift = 40;  // levels, of mid grey
constexpr float kLeastExplained = 0.3F;

float seconds(Nanoseconds duration) {
  return std::chrono::duration<float>(duration).count();
}

bool is_step(const Exposure& exposure) {
  return exposure.factor > kLargestFactor || exposure.factor < 1 / kLargestFactor ||
         std::abs(exposure.apply(128) - 128) > kLargestShift;
}

Polygon polygon_of(const std::vector<float>& numbers) {
  if (numbers.size() == 4) {
    const Quad quad = Quad::from_box({numbers[0], numbers[1], numbers[2], numbers[3]});
    return {quad.corners.begin(), quad.corners.end()};
  }
  Polygon corners;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) corners.push_back({numbers[i], numbers[i + 1]});
  return corners;
}

}  // namespace

MotionDetector::MotionDetector(const MotionConfig& config, std::vector<Polygon> masks)
    : min_area_(config.min_area),
      settle_s_(seconds(config.settle)),
      masks_(std::move(masks)),
      floor_(static_cast<float>(kFloorBlunt * std::pow(kFloorSharp / kFloorBlunt, config.sensitivity))) {}

Result<MotionDetector> MotionDetector::create(const MotionConfig& config) {
  std::vector<Polygon> masks;
  for (std::size_t i = 0; i < config.exclude.size(); ++i) {
    masks.push_back(polygon_of(config.exclude[i]));
    if (config.exclude[i].size() % 2 != 0 || !(area(masks.back()) > 0))
      return fail(Errc::invalid, fmt::format("mask {} is no polygon", i + 1), "exclude",
                  "give 4 numbers (x, y, width, height) or the corners, 6 numbers or more");
  }
  return MotionDetector(config, std::move(masks));
}

void MotionDetector::reset() {
  luma_ = {};
}

MotionResult MotionDetector::update(image::PictureView luma, image::Size frame, Nanoseconds at) {
  PERCH_ASSERT(luma.channels == 1 && luma.width >= 1 && luma.height >= 1);
  MotionResult result;
  if (luma.size() != luma_ || frame != frame_) {
    start(luma.size(), frame, at);
    average_cells(luma, grid_, sums_, now_);
    start_over();
    result.moved = result.first = true;
    return result;
  }
  const float passed = std::clamp(seconds(at - last_), 0.F, kLongestElapsed_s);
  last_ = at;
  average_cells(luma, grid_, sums_, now_);
  Exposure exposure = fit_exposure(background_, now_, tolerance_, watched_);
  if (exposure.explained < kLeastExplained) exposure = Exposure{};
  compare(exposure);
  if (differing_ > kSwitchShare * watched_cells_ || is_step(exposure)) {
    start_over();
    result.moved = result.light_switch = true;
    result.changed_share = 1;
    result.bounds_px = {0, 0, static_cast<float>(frame.width), static_cast<float>(frame.height)};
    return result;
  }
  learn(exposure, passed > 0 ? passed : kUnknownElapsed_s);
  find_objects(result);
  return result;
}

void MotionDetector::start(image::Size luma, image::Size frame, Nanoseconds at) {
  luma_ = luma;
  frame_ = frame;
  last_ = at;
  grid_ = cell_grid(luma);
  needed_cells_ = std::max(
      kFewestCells, static_cast<int>(std::lround(kCoveredShare * min_area_ * static_cast<double>(grid_.cells()))));
  for (auto* values : {&now_, &background_, &edges_, &level_, &candidate_, &age_, &repeats_})
    values->assign(grid_.padded(), 0.F);
  deviation_.assign(grid_.padded(), kFirstDeviation);
  tolerance_.assign(grid_.padded(), floor_);
  open_.reserve(grid_.cells());
  rasterise_masks();
}

void MotionDetector::rasterise_masks() {
  watched_.assign(grid_.padded(), 0.F);
  const float to_frame_x = static_cast<float>(frame_.width) / static_cast<float>(luma_.width);
  const float to_frame_y = static_cast<float>(frame_.height) / static_cast<float>(luma_.height);
  const auto cell = static_cast<float>(grid_.cell_px);
  watched_cells_ = 0;
  for (int row = 0; row < grid_.rows; ++row)
    for (int col = 0; col < grid_.cols; ++col) {
      const Box cell_px{static_cast<float>(col) * cell * to_frame_x, static_cast<float>(row) * cell * to_frame_y,
                        cell * to_frame_x, cell * to_frame_y};
      // A cell that a mask touches at all shows something of what is to be ignored.
      const bool masked = std::ranges::any_of(masks_, [&](const Polygon& m) { return share_inside(cell_px, m) > 0; });
      if (masked) continue;
      watched_[static_cast<std::size_t>(row) * static_cast<std::size_t>(grid_.cols) + static_cast<std::size_t>(col)] =
          1;
      watched_cells_ += 1;
    }
}

void MotionDetector::start_over() {
  background_ = now_;
  std::ranges::fill(age_, 0.F);
  std::ranges::fill(repeats_, 0.F);
  frames_ = 0;
  find_edges();
}

void MotionDetector::find_edges() {
  for (int row = 0; row < grid_.rows; ++row) {
    const std::ptrdiff_t start = static_cast<std::ptrdiff_t>(row) * grid_.cols;
    const float* mid = background_.data() + start;
    const float* up = row > 0 ? mid - grid_.cols : mid;
    const float* down = row + 1 < grid_.rows ? mid + grid_.cols : mid;
    float* edges = edges_.data() + start;
    const auto at = [&](int col, int left, int right) {
      const float across = std::max(std::abs(mid[col] - mid[left]), std::abs(mid[right] - mid[col]));
      const float along = std::max(std::abs(mid[col] - up[col]), std::abs(down[col] - mid[col]));
      edges[col] = kEdgeShift * (across + along);
    };
    const int last = grid_.cols - 1;
    at(0, 0, std::min(1, last));
    for (int col = 1; col < last; ++col) at(col, col - 1, col + 1);
    at(last, std::max(0, last - 1), last);
  }
}

void MotionDetector::compare(const Exposure& exposure) {
  std::array<float, kLanes> differing{}, highest{};
  for (std::size_t i = 0; i < now_.size(); i += kLanes)
    for (std::size_t j = 0; j < kLanes; ++j) {
      const std::size_t cell = i + j;
      const float expected = std::min(std::max(exposure.apply(background_[cell]), 0.F), 255.F);
      const float off = std::abs(now_[cell] - expected);
      const float differs = floor_ + kDiffers * deviation_[cell] + edges_[cell];
      const float sure = kSureFloor * floor_ + kDiffersForSure * deviation_[cell] + edges_[cell];
      const float some = off > differs ? watched_[cell] : 0.F;
      const float more = off > sure ? watched_[cell] : 0.F;
      tolerance_[cell] = differs;
      level_[cell] = some + more;
      differing[j] += some;
      highest[j] = std::max(highest[j], some + more);
    }
  differing_ = 0;
  for (const float lane : differing) differing_ += lane;
  sure_ = *std::ranges::max_element(highest) > 1;
}

void MotionDetector::learn(const Exposure& exposure, float elapsed_s) {
  ++frames_;
  const auto rate = [&](float time_constant_s) {
    const float by_time = std::min(1 - std::exp(-elapsed_s / time_constant_s), kFastestLearning);
    return frames_ < kFirstFrames ? std::max(by_time, 1.F / static_cast<float>(frames_ + 1)) : by_time;
  };
  const float follow = rate(kBackground_s);
  const float follow_noise = rate(kNoise_s);
  for (std::size_t cell = 0; cell < now_.size(); ++cell) {
    const float now = now_[cell];
    const float predicted = exposure.apply(background_[cell]);
    const float off = now - std::min(std::max(predicted, 0.F), 255.F);
    const float kept = exposure.apply(candidate_[cell]);
    const bool differs = level_[cell] > 0;
    const bool same = differs & (std::abs(now - kept) <= tolerance_[cell]);
    const float age = same ? age_[cell] + elapsed_s : 0.F;
    const float repeats = same ? repeats_[cell] + 1 : 0.F;
    const bool settled = (age >= settle_s_) & (repeats >= kSettledRepeats);
    const float candidate = same ? kept : now;
    const float followed = predicted + (differs ? 0.F : follow * off);
    background_[cell] = settled ? candidate : followed;
    candidate_[cell] = candidate;
    age_[cell] = settled ? 0.F : age;
    repeats_[cell] = settled ? 0.F : repeats;
    const float usual = deviation_[cell];
    const float seen = std::min(std::abs(off), kOutlier * std::max(usual, kLeastDeviation));
    deviation_[cell] = std::min(usual + follow_noise * (seen - usual), kMostDeviation);
  }
  find_edges();
}

void MotionDetector::find_objects(MotionResult& result) {
  if (!sure_ || differing_ < static_cast<float>(needed_cells_)) return;
  int changed = 0, left = grid_.cols, top = grid_.rows, right = 0, bottom = 0;
  for (int cell = 0; cell < static_cast<int>(grid_.cells()); ++cell) {
    if (level_[static_cast<std::size_t>(cell)] <= 0) continue;
    int l = grid_.cols, t = grid_.rows, r = 0, b = 0;
    const int cells = take_object(cell, l, t, r, b);
    if (cells < needed_cells_) continue;
    changed += cells;
    left = std::min(left, l);
    top = std::min(top, t);
    right = std::max(right, r);
    bottom = std::max(bottom, b);
  }
  if (changed == 0) return;
  result.moved = true;
  result.changed_share = static_cast<float>(changed) / watched_cells_;
  const auto scaled = [&](int cells, int frame, int luma) {
    return static_cast<float>(cells * grid_.cell_px) * static_cast<float>(frame) / static_cast<float>(luma);
  };
  result.bounds_px =
      Box::from_corners(scaled(left, frame_.width, luma_.width), scaled(top, frame_.height, luma_.height),
                        scaled(right + 1, frame_.width, luma_.width), scaled(bottom + 1, frame_.height, luma_.height));
}

int MotionDetector::take_object(int cell, int& left, int& top, int& right, int& bottom) {
  bool sure = false;
  int cells = 0;
  open_.clear();
  const auto take = [&](int at) {
    float& level = level_[static_cast<std::size_t>(at)];
    if (level <= 0) return;
    sure |= level > 1;
    level = 0;
    open_.push_back(at);
  };
  take(cell);
  while (!open_.empty()) {
    const int at = open_.back();
    open_.pop_back();
    ++cells;
    const int col = at % grid_.cols, row = at / grid_.cols;
    left = std::min(left, col);
    right = std::max(right, col);
    top = std::min(top, row);
    bottom = std::max(bottom, row);
    for (int y = std::max(row - 1, 0); y <= std::min(row + 1, grid_.rows - 1); ++y)
      for (int x = std::max(col - 1, 0); x <= std::min(col + 1, grid_.cols - 1); ++x) take(y * grid_.cols + x);
  }
  return sure ? cells : 0;
}

}  // namespace perch::vision
