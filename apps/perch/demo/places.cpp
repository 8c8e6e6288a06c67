#include "demo/places.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::cli {

namespace {

using namespace std::chrono_literals;

/// How many of its seconds pass in one of ours: cars that come within a minute, and still can be followed; a wheel of
/// the meter that turns; a boiler that burns and rests; people at a pace at which people walk.
constexpr double kLotSpeed = 10;
constexpr double kMeterSpeed = 60;
constexpr double kBoilerSpeed = 60;
constexpr double kRoomSpeed = 2;

/// No household uses more, in the meter's unit an hour; the demo's hours are as much shorter as its time is faster.
constexpr double kMostPerHour = 20;

/// `[[x, y, x, y, x, y, x, y], …]`, in px of the picture.
std::string quads_toml(const std::vector<Quad>& quads) {
  std::vector<std::string> regions;
  for (const Quad& quad : quads) {
    std::vector<std::string> numbers;
    for (const Point& corner : quad.corners) {
      numbers.push_back(fmt::format("{:.1f}", corner.x));
      numbers.push_back(fmt::format("{:.1f}", corner.y));
    }
    regions.push_back("[" + join(numbers, ", ") + "]");
  }
  return "[\n    " + join(regions, ",\n    ") + "]";
}

/// What is true of a place at the hour at which its camera starts.
Result<scenes::Truth> first_truth(const SceneSight& sight) {
  PERCH_TRY(const Nanoseconds start, parse_duration(sight.hour));
  PERCH_TRY(const auto scene, make_scene(sight));
  scenes::View view;
  scene->render(Seconds(start).count(), view);
  return std::move(view.truth);
}

Result<Place> lot(double speed) {
  Place place;
  place.name = "parking-lot";
  place.note = "a parking lot from a roof: how many cars are there, how many of its forty places are free?";
  place.sight = {"lot", 9003, 640, 480, "7.6h", kLotSpeed * speed, {"busy=1.5", "weather=clear"}};
  place.period = 500ms;
  PERCH_TRY(const scenes::Truth truth, first_truth(place.sight));
  std::vector<Quad> slots;
  for (const scenes::TrueSlot& slot : truth.slots) slots.push_back(slot.corners_px);
  place.questions = {{"cars", "lot-cars",
                      fmt::format("record   = \"change\"\n[discover.task.analysis]\nkind   = \"count\"\n"
                                  "labels = [\"car\"]\nslots  = {}\n",
                                  quads_toml(slots))}};
  return place;
}

Result<Place> meter(double speed) {
  Place place;
  place.name = "meter";
  place.note = "an electricity meter: what does it say?";
  place.sight = {"meter", 9003, 640, 480, "18h", kMeterSpeed * speed, {"kind=electricity"}};
  place.period = 1s;
  PERCH_TRY(const scenes::Truth truth, first_truth(place.sight));
  std::vector<Quad> windows;
  for (const scenes::TrueWheel& wheel : truth.meter->wheels) windows.push_back(wheel.window_px);
  place.questions = {
      {"energy", "roller-digits",
       fmt::format("regions  = {}\nanalysis = {{ kind = \"meter\", unit = \"{}\", decimals = {}, "
                   "max_rate = {:.0f} }}\nrecord   = \"change\"\n",
                   quads_toml(windows), truth.meter->unit, truth.meter->decimals, kMostPerHour * kMeterSpeed * speed)}};
  return place;
}

Place boiler(double speed) {
  Place place;
  place.name = "boiler-room";
  place.note = "a boiler before a thermal camera, which gives temperatures: how hot, in which state, is anything odd?";
  place.sight = {"boiler", 9001, 640, 480, "6h", kBoilerSpeed * speed, {"spots_per_week=20"}};
  place.period = 1s;
  place.path = "/thermal";
  place.questions = {
      {"heat", "", "analysis = { kind = \"hottest\" }\nrecord   = \"10s\"\n"},
      {"state", "boiler-state", "analysis = { kind = \"state\" }\nrecord   = \"change\"\n"},
      {"anomaly", "boiler-anomaly", "analysis = { kind = \"anomaly\", frames = 3 }\nrecord   = \"change\"\n"},
  };
  return place;
}

Place room(double speed) {
  Place place;
  place.name = "living-room";
  place.note = "a room from a high corner: how many are there?";
  place.sight = {"room", 9001, 640, 480, "17h", kRoomSpeed * speed, {"people=3"}};
  place.period = 500ms;
  place.questions = {
      {"people", "room-people", "analysis = { kind = \"count\", labels = [\"person\"] }\nrecord   = \"change\"\n"}};
  return place;
}

}  // namespace

Result<std::vector<Place>> demo_places(double speed) {
  PERCH_TRY(Place parking, lot(speed));
  PERCH_TRY(Place counter, meter(speed));
  return std::vector<Place>{std::move(parking), std::move(counter), boiler(speed), room(speed)};
}

}  // namespace perch::cli
