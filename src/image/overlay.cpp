#include "image/overlay.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "base/assert.hpp"

namespace perch::image {

namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;

/// Letters of this scale, in a picture with a short side of this many pixels.
constexpr double kFontScale = 0.5, kFontSide_px = 480;

/// Coordinates beyond this are off any picture; OpenCV's fixed-point lines overflow not far above it.
constexpr float kFarthest_px = 30'000;

/// Steps of OpenCV's fixed-point coordinates in a pixel, as a power of two.
constexpr int kShift = 4;

bool empty(const Picture& picture) {
  return picture.width() <= 0 || picture.height() <= 0;
}

cv::Mat matrix(Picture& picture) {
  return {picture.height(), picture.width(), CV_8UC3, picture.data(), static_cast<std::size_t>(picture.stride())};
}

cv::Scalar scalar(Colour colour) {
  return {double{1} * colour.red, double{1} * colour.green, double{1} * colour.blue};
}

bool finite(Point p) {
  return std::isfinite(p.x) && std::isfinite(p.y);
}

/// To OpenCV's fixed point, whose whole numbers are pixel centres.
cv::Point fixed(Point p) {
  const auto one = [](float value) {
    return static_cast<int>(std::lround((std::clamp(value, -kFarthest_px, kFarthest_px) - 0.5F) * (1 << kShift)));
  };
  return {one(p.x), one(p.y)};
}

/// What the font can show.
std::string drawable(std::string_view text) {
  std::string ascii;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= ' ' && byte < 0x7f) ascii += text[i];
    if (byte < 0xc0) continue;  // the rest of a character, or a control character
    if (text.substr(i, 2) != "°") ascii += '?';
  }
  return ascii;
}

/// Black or white, whichever is legible on a colour.
cv::Scalar ink_on(Colour colour) {
  const double luma = 0.299 * colour.red + 0.587 * colour.green + 0.114 * colour.blue;
  return luma > 128 ? cv::Scalar(0, 0, 0) : cv::Scalar(255, 255, 255);
}

}  // namespace

Colour label_colour(int index) {
  // The golden angle keeps neighbours apart in hue however many labels there are; lightness alternates slowly.
  const double hue = std::fmod(0.33 + 0.61803398875 * (static_cast<unsigned>(index) % 9973U), 1.0) * 6;
  const double value = (static_cast<unsigned>(index) / 7U) % 2U == 0 ? 1.0 : 0.75;
  const auto channel = [&](double offset) {
    const double k = std::fmod(offset + hue, 6.0);
    return static_cast<std::uint8_t>(std::lround(255 * value * (1 - 0.85 * std::clamp(std::min(k, 4 - k), 0.0, 1.0))));
  };
  return {channel(5), channel(3), channel(1)};
}

Overlay::Overlay(Picture& picture) : picture_(&picture) {
  PERCH_ASSERT(picture.channels() == 3);
  const double side = std::min(picture.width(), picture.height());
  font_scale_ = std::max(0.35, kFontScale * side / kFontSide_px);
  thickness_ = std::max(1, static_cast<int>(std::lround(side / 300)));
}

void Overlay::box(const Box& box_px, Colour colour, std::string_view label_text) {
  if (empty(*picture_) || !finite({box_px.x, box_px.y}) || !finite({box_px.right(), box_px.bottom()})) return;
  cv::Mat canvas = matrix(*picture_);
  cv::rectangle(canvas, fixed({box_px.x, box_px.y}), fixed({box_px.right(), box_px.bottom()}), scalar(colour),
                thickness_, cv::LINE_AA, kShift);
  if (!label_text.empty()) label(label_text, box_px.x, box_px.y, colour);
}

void Overlay::polygon(std::span<const Point> corners_px, Colour colour, std::string_view label_text) {
  if (empty(*picture_) || corners_px.empty() || !std::ranges::all_of(corners_px, finite)) return;
  std::vector<cv::Point> points;
  for (const Point& corner : corners_px) points.push_back(fixed(corner));
  cv::Mat canvas = matrix(*picture_);
  cv::polylines(canvas, points, true, scalar(colour), thickness_, cv::LINE_AA, kShift);
  const Point top = *std::ranges::min_element(corners_px, {}, &Point::y);
  if (!label_text.empty()) label(label_text, top.x, top.y, colour);
}

void Overlay::pose(std::span<const Point> points_px, std::span<const float> scores,
                   std::span<const std::pair<int, int>> bones, Colour colour, float min_score) {
  const auto shown = [&](int index) {
    const auto i = static_cast<std::size_t>(index);
    return index >= 0 && i < points_px.size() && finite(points_px[i]) &&
           (scores.empty() || (i < scores.size() && scores[i] >= min_score));
  };
  if (empty(*picture_)) return;
  cv::Mat canvas = matrix(*picture_);
  for (const auto& [from, to] : bones)
    if (shown(from) && shown(to))
      cv::line(canvas, fixed(points_px[static_cast<std::size_t>(from)]), fixed(points_px[static_cast<std::size_t>(to)]),
               scalar(colour), thickness_, cv::LINE_AA, kShift);
  for (int i = 0; i < static_cast<int>(points_px.size()); ++i)
    if (shown(i))
      cv::circle(canvas, fixed(points_px[static_cast<std::size_t>(i)]), (thickness_ + 1) << kShift, ink_on(colour),
                 cv::FILLED, cv::LINE_AA, kShift);
}

void Overlay::heat_map(std::span<const float> values, int rows, int cols, const Box& where_px, float low, float high,
                       float opacity) {
  if (rows <= 0 || cols <= 0 || values.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols))
    return;
  if (!finite({where_px.x, where_px.y}) || !finite({where_px.right(), where_px.bottom()})) return;
  if (!(high > low) || !(opacity > 0)) return;
  const float share = std::min(opacity, 1.0F);
  const auto value = [&](int row, int col) {
    const float v = values[static_cast<std::size_t>(std::clamp(row, 0, rows - 1)) * static_cast<std::size_t>(cols) +
                           static_cast<std::size_t>(std::clamp(col, 0, cols - 1))];
    return v > low ? std::min(v, high) : low;
  };
  const Box seen =
      intersection(where_px, {0, 0, static_cast<float>(picture_->width()), static_cast<float>(picture_->height())});
  if (!(seen.width > 0) || !(seen.height > 0)) return;
  for (int y = static_cast<int>(std::ceil(seen.y - 0.5F)); y + 0.5F < seen.bottom(); ++y)
    for (int x = static_cast<int>(std::ceil(seen.x - 0.5F)); x + 0.5F < seen.right(); ++x) {
      const float u = (static_cast<float>(x) + 0.5F - where_px.x) / where_px.width * static_cast<float>(cols) - 0.5F;
      const float v = (static_cast<float>(y) + 0.5F - where_px.y) / where_px.height * static_cast<float>(rows) - 0.5F;
      const int col = static_cast<int>(std::floor(u)), row = static_cast<int>(std::floor(v));
      const float across = u - std::floor(u), down = v - std::floor(v);
      const float upper = value(row, col) * (1 - across) + value(row, col + 1) * across;
      const float lower = value(row + 1, col) * (1 - across) + value(row + 1, col + 1) * across;
      const Colour heat = thermal_colour(thermal_step(upper * (1 - down) + lower * down, low, high));
      std::uint8_t* const pixel = picture_->at(x, y);
      const auto blend = [&](std::uint8_t& channel, std::uint8_t with) {
        channel = static_cast<std::uint8_t>(std::lround(channel + share * (static_cast<float>(with) - channel)));
      };
      blend(pixel[0], heat.red), blend(pixel[1], heat.green), blend(pixel[2], heat.blue);
    }
}

void Overlay::label(std::string_view text, float x, float y_bottom, Colour colour) {
  const std::string line = drawable(text);
  int below = 0;
  const int weight = std::max(1, thickness_ / 2);
  const cv::Size size = cv::getTextSize(line, kFont, font_scale_, weight, &below);
  const int margin = thickness_ + 1, height = size.height + below + margin, width = size.width + 2 * margin;
  const auto pixel = [](float value) { return static_cast<int>(std::clamp(value, -kFarthest_px, kFarthest_px)); };
  // Above the shape, or inside it at the picture's top; never off the picture where the shape is on it.
  int top = pixel(y_bottom) - height;
  if (top < 0) top = std::max(0, pixel(y_bottom));
  int left = std::min(pixel(x), picture_->width() - width);
  left = std::max(left, 0);
  if (top >= picture_->height() || x >= static_cast<float>(picture_->width())) return;
  cv::Mat canvas = matrix(*picture_);
  cv::rectangle(canvas, cv::Rect(left, top, width, height), scalar(colour), cv::FILLED);
  cv::putText(canvas, line, {left + margin, top + size.height + margin / 2}, kFont, font_scale_, ink_on(colour), weight,
              cv::LINE_AA);
}

void Overlay::text(std::string_view line_of_text, Corner corner, int line) {
  if (empty(*picture_)) return;
  const std::string shown = drawable(line_of_text);
  int below = 0;
  const int weight = std::max(1, thickness_ / 2);
  const cv::Size size = cv::getTextSize(shown, kFont, font_scale_, weight, &below);
  const int margin = thickness_ + 2, height = size.height + below + margin, width = size.width + 2 * margin;
  const bool right = corner == Corner::top_right || corner == Corner::bottom_right;
  const bool bottom = corner == Corner::bottom_left || corner == Corner::bottom_right;
  const int inwards = std::clamp(line, 0, picture_->height()) * height;
  const int left = right ? picture_->width() - width : 0;
  const int top = bottom ? picture_->height() - height - inwards : inwards;
  cv::Mat canvas = matrix(*picture_);
  cv::rectangle(canvas, cv::Rect(left, top, width, height), cv::Scalar(0, 0, 0), cv::FILLED);
  cv::putText(canvas, shown, {left + margin, top + size.height + margin / 2}, kFont, font_scale_,
              cv::Scalar(255, 255, 255), weight, cv::LINE_AA);
}

}  // namespace perch::image
