#pragma once
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "base/geometry.hpp"
#include "base/result.hpp"
#include "config/field.hpp"
#include "image/picture.hpp"
#include "vision/motion_cells.hpp"
#include "vision/polygon.hpp"

namespace perch::vision {

/// What counts as motion.
struct MotionConfig {
  double sensitivity = 0.5;           ///< 0 sees strong changes only, 1 the faintest
  double min_area = 0.002;            ///< share of the picture
  Nanoseconds settle{1'000'000'000};  ///< an object that stays this long becomes background
  /// Masks in pixels of the frame, as regions are listed: 4 numbers are x, y, width, height, 6 or more are corners.
  std::vector<std::vector<float>> exclude{};
};

inline constexpr auto kMotionFields = config::fields<MotionConfig>(
    config::field("sensitivity", &MotionConfig::sensitivity)
        .range(0.0, 1.0)
        .help("0 sees strong changes only, 1 the faintest; 0.5 sees 4 of 255 levels above the noise"),
    config::field("min_area", &MotionConfig::min_area)
        .range(0.0005, 0.5)
        .help("smallest object that counts, as a share of the picture's area"),
    config::field("settle", &MotionConfig::settle)
        .range(std::chrono::milliseconds(100), std::chrono::hours(1))
        .help("an object that stops and stays this long becomes background; when it leaves, that is motion again"),
    config::field("exclude", &MotionConfig::exclude)
        .help("parts of the frame to ignore, in px: [x, y, width, height] or the corners of a polygon"));

/// What one frame shows against those before it.
struct MotionResult {
  bool moved = false;         ///< something changed here or has not come to rest yet; always for the first frame
  bool first = false;         ///< there is nothing to compare with: the first frame, or the picture changed its size
  bool light_switch = false;  ///< the greater part changed at once: a lamp, night vision, a camera pushed aside
  float changed_share = 0;    ///< of the watched picture, 0..1
  Box bounds_px;              ///< of all that changed, in pixels of the frame; empty when nothing moved
};

/// Says whether anything moves in front of a fixed camera.
///
/// Each cell (about 1/80 of the picture's width) has a running mean and a running mean deviation. A change counts when
/// cells that differ by more than their own noise, a fixed contrast and a tenth of a cell's shift along edges join to
/// an object of `min_area`. Changes of exposure are taken out first, as one factor and offset for the whole picture.
/// Where a cell differs, its background stands still, so a slow object does not melt into it; what keeps one new value
/// for `settle` (and three frames) replaces it. When most of the picture changes at once, or exposure by more than a
/// third, that is reported once as a light switch and the background starts afresh.
///
/// Noise is learned from every frame, with outliers held to twice the usual: a cell that differs in more than about
/// half of all frames (leaves, water) becomes less sensitive, never blind: the limit lies at a fifth of the range.
///
/// Pure: no clock, no I/O. No allocation after the first frame of a size. One a camera; not for two threads at once.
class MotionDetector {
 public:
  /// Errors: invalid (a mask that is no polygon, naming its place in the list).
  static Result<MotionDetector> create(const MotionConfig& config);

  /// Takes the next frame.
  /// @param luma   1 channel; 160..320 px wide is right, any size works. Not empty.
  /// @param frame  the size of the frame that the luma was taken from: of masks and bounds
  /// @param at     monotonic time of the frame; frames without a time of their own may all give the same
  MotionResult update(image::PictureView luma, image::Size frame, Nanoseconds at);

  /// Forgets the background: the next frame is the first.
  void reset();

 private:
  MotionDetector(const MotionConfig& config, std::vector<Polygon> masks);

  void start(image::Size luma, image::Size frame, Nanoseconds at);
  void rasterise_masks();
  void find_edges();
  void compare(const Exposure& exposure);
  void learn(const Exposure& exposure, float elapsed_s);
  void start_over();
  void find_objects(MotionResult& result);
  /// Clears one object that holds `cell` and returns its number of cells, 0 when no cell of it is sure.
  int take_object(int cell, int& left, int& top, int& right, int& bottom);

  double min_area_;
  float settle_s_;
  std::vector<Polygon> masks_;
  float floor_;  ///< levels that a change needs beyond the noise

  image::Size luma_, frame_;
  CellGrid grid_;
  int needed_cells_ = 0;
  float watched_cells_ = 0;
  Nanoseconds last_{0};
  int frames_ = 0;  ///< since the background began

  std::vector<std::uint16_t> sums_;
  std::vector<float> now_, background_, deviation_, edges_, tolerance_, watched_;
  std::vector<float> level_;  ///< 0 as before, 1 differs, 2 differs for sure
  /// The value that a differing cell keeps, for how long [s], and in how many further frames.
  std::vector<float> candidate_, age_, repeats_;
  std::vector<int> open_;
  float differing_ = 0;  ///< cells with a level above 0
  bool sure_ = false;    ///< whether any has level 2
};

}  // namespace perch::vision
