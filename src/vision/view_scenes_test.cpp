#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "image/codec.hpp"
#include "scenes/lot/lot.hpp"
#include "support/view_faults.hpp"
#include "vision/view.hpp"

using namespace perch;
using image::Picture;
using scenes::lot::Config;
using vision::ViewFault;
using vision::ViewWatch;

namespace {

constexpr double kHour = 3600;

/// A parking lot and the camera that watches it.
class Lot {
 public:
  explicit Lot(std::int64_t seed, scenes::Weather weather) {
    Config config;
    config.seed = seed;
    config.width = 320;
    config.height = 180;
    config.weather = weather;
    scene_ = scenes::lot::create(config);
  }

  /// What the camera sees at a time of the day, 160 px wide.
  const Picture& at(double t_s) {
    scene_->render(t_s, view_);
    vision::reduce_to_luma(view_.picture.view(), 160, luma_);
    return luma_;
  }

 private:
  std::unique_ptr<scenes::Scene> scene_;
  scenes::View view_;
  Picture luma_;
};

std::optional<ViewFault> look(ViewWatch& watch, const Picture& luma, double t_s) {
  return watch.look(luma.view(), vision::luma_stats(luma.view()), Nanoseconds(static_cast<std::int64_t>(t_s * 1e9)));
}

}  // namespace

TEST_CASE("a parking lot through day and night, with cars, people, rain and lamps, gives no false alarm") {
  // PERCH_VIEW_DAYS=N: that many days at three looks a minute, for figures.
  const char* longer = std::getenv("PERCH_VIEW_DAYS");
  int alarms = 0;
  const auto watch_day = [&](int looks, double step_s, const auto& seen_at) {
    ViewWatch watch;
    std::optional<ViewFault> before;
    for (int i = 0; i < looks; ++i) {
      const double t = i * step_s;
      const auto fault = look(watch, seen_at(i, t), t);
      if (fault && fault != before) {
        ++alarms;
        std::printf("alarm %d at %.2f h\n", static_cast<int>(*fault), t / kHour);
      }
      before = fault;
    }
  };
  if (longer) {
    std::int64_t seed = 1;
    for (const auto weather : {scenes::Weather::changing, scenes::Weather::rain}) {
      Lot lot(seed++, weather);
      watch_day(static_cast<int>(std::strtod(longer, nullptr) * 24 * kHour / 20), 20,
                [&](int, double t) -> const Picture& { return lot.at(t); });
    }
  } else {
    for (const std::string place : {"lot_day/pictures/lot-1", "lot_rain/pictures/lot-2"}) {
      image::PictureDecoder decoder;
      Picture luma;
      int looks = 0;
      const auto file = [&](int i) { return fmt::format("{}/{}-{:06}.jpg", PERCH_TEST_PICTURES, place, i); };
      while (std::filesystem::exists(file(looks))) ++looks;
      CHECK(looks >= 36);
      watch_day(looks, 600, [&](int i, double) -> const Picture& {
        REQUIRE(decoder.decode_luma(read_file(file(i)).value(), luma, 160));
        return luma;
      });
    }
  }
  CHECK(alarms == 0);
}

TEST_CASE("faults of a camera over a parking lot are named within a minute, by day and by night") {
  for (const double hour : {11.0, 23.5}) {
    CAPTURE(hour);
    for (const ViewFault fault : {ViewFault::moved, ViewFault::blurred, ViewFault::covered}) {
      CAPTURE(static_cast<int>(fault));
      Lot lot(3, scenes::Weather::cloudy);
      ViewWatch watch;
      const double start = hour * kHour;
      for (int i = 0; i < 60; ++i) CHECK_FALSE(look(watch, test::turned(lot.at(start + i), 12, 0, 0), start + i));
      std::optional<ViewFault> named;
      for (int i = 60; i < 120 && !named; ++i) {
        const double t = start + i;
        const Picture& seen = lot.at(t);
        named = look(watch,
                     fault == ViewFault::moved     ? test::turned(seen, 12, 8, -4)
                     : fault == ViewFault::blurred ? test::blurred(test::turned(seen, 12, 0, 0), 3)
                                                   : test::covered(test::turned(seen, 12, 0, 0), 110),
                     t);
      }
      CHECK(named == fault);
    }
  }
}
