#include <cstdio>
#include <cstdlib>

#include <doctest/doctest.h>

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
  const double days = longer ? std::strtod(longer, nullptr) : 1, step = longer ? 20 : 600;
  int alarms = 0;
  std::int64_t seed = 1;
  for (const auto weather : {scenes::Weather::changing, scenes::Weather::rain}) {
    Lot lot(seed++, weather);
    ViewWatch watch;
    std::optional<ViewFault> before;
    const double end = days * 24 * kHour / (weather == scenes::Weather::rain && !longer ? 4 : 1);
    for (int i = 0; i * step < end; ++i) {
      const double t = i * step;
      const auto fault = look(watch, lot.at(t), t);
      if (fault && fault != before) {
        ++alarms;
        std::printf("alarm %d at %.2f h\n", static_cast<int>(*fault), t / kHour);
      }
      before = fault;
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
