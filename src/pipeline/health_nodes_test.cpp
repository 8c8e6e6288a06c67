// The faults of simulated cameras' views, through the gate to the name that they are given, at one picture a second.
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "node/film.hpp"
#include "pipeline/gate.hpp"
#include "pipeline/health.hpp"
#include "scenes/catalogue.hpp"

using namespace perch;
using namespace std::chrono_literals;
using node::Development;
using pipeline::Health;

namespace {

constexpr int kWell = 60, kIll = 60, kAfter = 20;

/// What one camera sees of a scene, second by second.
std::vector<std::unique_ptr<node::Shot>> shots_of(const std::string& name, double from_s) {
  config::Node settings{config::Table{}};
  settings.set("seed", config::Node{std::int64_t{5}});
  settings.set("width", config::Node{std::int64_t{320}});
  settings.set("height", config::Node{std::int64_t{240}});
  const auto scene = scenes::create(name, settings).value();
  std::vector<std::unique_ptr<node::Shot>> shots;
  scenes::View view;
  for (int i = 0; i < kWell + kIll + kAfter; ++i) {
    scene->render(from_s + i, view);
    node::Sight sight;
    sight.picture = view.picture;
    sight.quality = view.jpeg_quality;
    shots.push_back(std::make_unique<node::Shot>(std::move(sight), static_cast<std::uint64_t>(i + 1)));
  }
  return shots;
}

std::optional<Health> health_of(std::optional<vision::ViewFault> fault) {
  if (!fault) return std::nullopt;
  return *fault == vision::ViewFault::covered   ? Health::covered
         : *fault == vision::ViewFault::blurred ? Health::blurred
                                                : Health::moved;
}

/// A camera with its gate and its health.
struct Camera {
  pipeline::Gate gate = pipeline::Gate::create({}).value();
  pipeline::HealthMonitor health{{}, 0s};
  image::PictureDecoder decoder;
  Nanoseconds now{0};

  void see(const SharedBytes& jpeg) {
    Frame frame;
    frame.stamp.monotonic = now;
    frame.payload = Jpeg{jpeg};
    health.asked(now);
    const pipeline::Decision decision = gate.decide(frame, decoder).value();
    health.frame({decision.same_bytes, decision.luma, health_of(decision.view)}, now);
    now += 1s;
  }

  Health is() const { return health.report().health; }
};

struct Fault {
  Health health;
  bool Development::* what;
};

}  // namespace

TEST_CASE("what is wrong with the view of a simulated camera is named within a minute, and its end in seconds") {
  for (const char* scene : {"lot", "room"}) {
    CAPTURE(scene);
    const auto shots = shots_of(scene, 11 * 3600);
    for (const Fault& fault :
         {Fault{Health::dark, &Development::dark}, Fault{Health::covered, &Development::covered},
          Fault{Health::blurred, &Development::blurred}, Fault{Health::moved, &Development::moved}}) {
      CAPTURE(pipeline::name(fault.health));
      Camera camera;
      int named_after = -1;
      for (int i = 0; i < kWell + kIll + kAfter; ++i) {
        Development wanted;
        wanted.*fault.what = i >= kWell && i < kWell + kIll;
        camera.see(shots[static_cast<std::size_t>(i)]->develop(wanted).value());
        if (i < kWell) REQUIRE(camera.is() == Health::live);
        if (i >= kWell && named_after < 0 && camera.is() != Health::live) {
          CHECK(camera.is() == fault.health);
          named_after = i - kWell;
        }
        if (i == kWell + kIll - 1) CHECK(camera.is() == fault.health);
      }
      CHECK(named_after >= 0);
      CHECK(named_after <= 45);
      CHECK(camera.is() == Health::live);
    }
  }
}

TEST_CASE("a simulated camera that is frozen is called so, and not while it sends something new") {
  const auto shots = shots_of("lot", 11 * 3600);
  Camera camera;
  for (int i = 0; i < kWell; ++i) camera.see(shots[static_cast<std::size_t>(i)]->develop({}).value());
  CHECK(camera.is() == Health::live);
  const SharedBytes frozen = shots[kWell]->develop({}).value();
  for (int i = 0; i <= 30; ++i) camera.see(frozen);
  CHECK(camera.is() == Health::frozen);
  camera.see(shots[kWell + 31]->develop({}).value());
  CHECK(camera.is() == Health::live);
}
