#include "node/controls.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/json_text.hpp"
#include "base/text.hpp"

namespace perch::node {

namespace {

/// The sizes of the firmware's `framesize_t`, in its order.
constexpr std::array<image::Size, 14> kSizes{{{96, 96},
                                              {160, 120},
                                              {176, 144},
                                              {240, 176},
                                              {240, 240},
                                              {320, 240},
                                              {400, 296},
                                              {480, 320},
                                              {640, 480},
                                              {800, 600},
                                              {1024, 768},
                                              {1280, 720},
                                              {1280, 1024},
                                              {1600, 1200}}};
constexpr int kBestQuality = 4;
constexpr int kWorstQuality = 63;
constexpr int kUsualQuality = 12;

}  // namespace

Result<void> Controls::set(std::string_view variable, int value) {
  const auto within = [&](int least, int most, int& place) -> Result<void> {
    if (value < least || value > most)
      return fail(Errc::invalid, fmt::format("{} is {}, but must be between {} and {}", variable, value, least, most),
                  {}, fmt::format("/control?var={}&val={}", variable, std::clamp(value, least, most)));
    place = value;
    return {};
  };
  if (variable == "framesize") return within(0, static_cast<int>(kSizes.size()) - 1, framesize_);
  if (variable == "quality") return within(kBestQuality, kWorstQuality, quality_);
  if (variable == "led_intensity") return within(0, 255, light_);
  return fail(Errc::not_found, fmt::format("there is no variable '{}'", printable(variable, 40)), {},
              suggest(variable, std::vector<std::string>{"framesize", "quality", "led_intensity"}));
}

Development Controls::development() const {
  Development wanted;
  if (framesize_ >= 0) wanted.size = kSizes[static_cast<std::size_t>(framesize_)];
  // The firmware's scale is the coarseness of the quantisation: 12 looks like 85 of a hundred.
  if (quality_ >= 0) wanted.quality = std::clamp(100 - quality_ * 5 / 4, 10, 100);
  wanted.light = light_;
  return wanted;
}

std::string Controls::status(image::Size seen) const {
  const auto same = std::ranges::find(kSizes, seen);
  const auto as_seen = same == kSizes.end() ? -1 : same - kSizes.begin();
  json::Writer w;
  w.begin_object().key("framesize").integer(framesize_ >= 0 ? framesize_ : as_seen);
  w.key("quality").integer(quality_ >= 0 ? quality_ : kUsualQuality);
  w.key("led_intensity").integer(light_).end_object();
  return w.text();
}

}  // namespace perch::node
