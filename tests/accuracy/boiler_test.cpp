#include <cstdlib>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "accuracy/boiler_watch.hpp"
#include "accuracy/looking.hpp"

using namespace perch;

namespace {

/// No training has seen a plant from this seed up.
constexpr std::int64_t kUnseen = 900'000;

/// How many plants are watched for a week, and a frame every how many seconds: PERCH_PLANTS and a minute, or few plants
/// and frames, so that the test is quick.
struct Extent {
  int plants = 3;
  double every_s = 180;
};

Extent extent() {
  const char* wanted = std::getenv("PERCH_PLANTS");
  return wanted ? Extent{std::max(1, std::atoi(wanted)), 60} : Extent{};  // NOLINT(cert-err34-c)
}

std::shared_ptr<const model::Model> shipped(const std::string& name) {
  Registry registry;
  describe_all(registry);
  return accuracy::must(model::Model::load(PERCH_SOURCE_DIR "/models/" + name + ".onnx", registry));
}

}  // namespace

TEST_CASE("boiler-anomaly sees hot spots of boilers it never saw, and rarely anything else") {
  const auto [plants, every_s] = extent();
  const accuracy::Watched w =
      accuracy::must(accuracy::watch_boilers(shipped("boiler-anomaly"), kUnseen, plants, every_s));
  fmt::print(
      "boiler-anomaly: AUROC {:.4f} ({} frames with a spot, {} without), {} false alarms in {} weeks (most {}), "
      "{} of {} spots seen, {} where they are\n",
      w.auroc, w.frames_spot, w.frames_normal, w.false_alarms, w.weeks, w.worst_plant, w.spots_seen, w.spots,
      w.spots_placed);
  CHECK(w.auroc >= 0.98);
  CHECK(w.false_alarms <= w.weeks);
  CHECK(w.spots_seen >= 0.7 * w.spots);  // a threshold with so few false alarms may pass over the faint ones
}

TEST_CASE("boiler-state tells cold, warm and hot boilers apart that it never saw") {
  constexpr int kEach = 15;  // plants differ more than days do
  const accuracy::StatesWatched w =
      accuracy::must(accuracy::watch_states(shipped("boiler-state"), kUnseen, kEach * extent().plants, 300));
  fmt::print("boiler-state: accuracy {:.4f} of {} frames alone, {:.4f} as the analysis gives it ({} unknown)\n",
             w.accuracy(), w.frames, w.given_accuracy(), w.unknown);
  CHECK(w.accuracy() >= 0.98);
  CHECK(w.given_accuracy() >= 0.98);
}
