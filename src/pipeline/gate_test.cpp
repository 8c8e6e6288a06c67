#include "pipeline/gate.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "support/still_view.hpp"

using namespace std::chrono_literals;
using perch::Frame;
using perch::Jpeg;
using perch::Nanoseconds;
using perch::SharedBytes;
using perch::image::Picture;
using perch::pipeline::Decision;
using perch::pipeline::Gate;
using perch::pipeline::GateConfig;
using perch::pipeline::GateMode;
using perch::pipeline::GateReason;

namespace {

/// A camera of a view, and the gate that its pictures come to.
class StillCamera {
 public:
  explicit StillCamera(const GateConfig& config = {}) : gate_(Gate::create(config).value()) {}

  Nanoseconds interval = 200ms;
  perch::test::StillView view;

  SharedBytes shoot() { return SharedBytes(perch::image::encode_jpeg(view.take().view()).value()); }

  Decision show(const SharedBytes& bytes) {
    auto decision = try_show(Jpeg{bytes});
    REQUIRE(decision);
    return *decision;
  }

  Decision show() { return show(shoot()); }

  template <class Payload>
  perch::Result<Decision> try_show(Payload payload) {
    now_ += interval;
    const Frame frame{{"yard"}, 1, {.at = {}, .boot = {}, .monotonic = now_}, std::move(payload)};
    auto decision = gate_.decide(frame, decoder_);
    if (!decision || !decision->glance) return decision;
    perch::image::Picture picture;
    REQUIRE(decoder_.decode(std::get<Jpeg>(frame.payload).bytes.view(), picture));
    gate_.glance(picture.view(), now_, *decision);
    return decision;
  }

  Gate& gate() { return gate_; }

 private:
  Gate gate_;
  perch::image::PictureDecoder decoder_;
  Nanoseconds now_{0};
};

}  // namespace

TEST_CASE("with the gate off every frame is analysed, and the view looked at in one a second") {
  StillCamera camera({.mode = GateMode::off});
  int looked_at = 0;
  for (int i = 0; i < 50; ++i) {
    const Decision decision = camera.show();
    CHECK(decision.analyse);
    CHECK(decision.reason == GateReason::off);
    looked_at += decision.luma.has_value();
  }
  CHECK(looked_at == 10);
  const SharedBytes picture = camera.shoot();
  for (int i = 0; i < 20; ++i) {
    const Decision decision = camera.show(picture);
    CHECK(decision.analyse);
    CHECK(decision.same_bytes == (i > 0));
    if (decision.same_bytes) CHECK_FALSE(decision.luma);
  }
}

TEST_CASE("a covered lens is found whether motion is looked for or not") {
  for (const GateMode mode : {GateMode::on, GateMode::off, GateMode::automatic}) {
    CAPTURE(static_cast<int>(mode));
    StillCamera camera({.mode = mode});
    camera.view.stripes = true;
    for (int i = 0; i < 200; ++i) CHECK_FALSE(camera.show().view);
    camera.view.stripes = false;
    int seconds = 0;
    while (!camera.show().view && seconds < 300) ++seconds;
    CHECK(seconds > 0);
    CHECK(seconds < 200);  // of 200 ms
  }
}

TEST_CASE("a still camera is analysed once, and again when max_still has passed") {
  StillCamera camera({.mode = GateMode::on, .max_still = 10s});
  CHECK(camera.show().reason == GateReason::first);
  int analysed = 0;
  for (int i = 0; i < 100; ++i) {
    const Decision decision = camera.show();
    CHECK(decision.reason == (decision.analyse ? GateReason::overdue : GateReason::nothing_moved));
    analysed += decision.analyse;
  }
  CHECK(analysed == 2);
}

TEST_CASE("still cameras that began together are not all analysed anew at once") {
  constexpr int kCameras = 100, kFrames = 60;
  const SharedBytes picture = StillCamera().shoot();
  std::vector<int> analysed(kFrames, 0);
  for (int i = 0; i < kCameras; ++i) {
    StillCamera camera({.mode = GateMode::on, .max_still = 10s});
    camera.interval += std::chrono::microseconds(i);
    for (int& count : analysed) count += camera.show(picture).analyse;
  }
  CHECK(analysed[0] == kCameras);
  CHECK(*std::max_element(analysed.begin() + 1, analysed.end()) <= kCameras / 4);
  int early = 0, all = 0;
  for (std::size_t i = 1; i <= 50; ++i) {
    all += analysed[i];
    early += i < 37 ? analysed[i] : 0;
  }
  CHECK(early == 0);  // before three quarters of the 10 s
  CHECK(all == kCameras);
}

TEST_CASE("the frame after the last motion is analysed too, so that what left does not stay in the findings") {
  StillCamera camera({.mode = GateMode::on});
  camera.show();
  camera.show();
  camera.view.object_x = 200;
  CHECK(camera.show().reason == GateReason::moved);
  camera.view.object_x = -1;
  CHECK(camera.show().reason == GateReason::came_to_rest);
  CHECK(camera.show().reason == GateReason::nothing_moved);
}

TEST_CASE("the very bytes of the frame before are still without a look, and known as such") {
  StillCamera camera({.mode = GateMode::on, .max_still = 10s});
  const SharedBytes picture = camera.shoot();
  CHECK_FALSE(camera.show(picture).same_bytes);
  int looked = 0, analysed = 0;
  for (int i = 0; i < 70; ++i) {
    // A copy: equal bytes, not the same memory.
    const SharedBytes copy(perch::Bytes(picture.view().begin(), picture.view().end()));
    const Decision decision = camera.show(copy);
    CHECK(decision.same_bytes);
    looked += decision.luma.has_value();
    analysed += decision.analyse;
  }
  CHECK(looked == 0);
  CHECK(analysed == 1);
  CHECK_FALSE(camera.show().same_bytes);
}

TEST_CASE("a frame that is cut short is an error, and the next one is compared with the one before it") {
  StillCamera camera({.mode = GateMode::on});
  camera.show();
  camera.show();
  const SharedBytes whole = camera.shoot();
  const SharedBytes half(perch::Bytes(whole.view().begin(), whole.view().end() - 1000));
  for (int i = 0; i < 3; ++i) {
    const auto decision = camera.try_show(Jpeg{half});
    REQUIRE_FALSE(decision);
    CHECK(decision.error().code == perch::Errc::invalid);
  }
  CHECK(camera.show().reason == GateReason::nothing_moved);
  camera.view.object_x = 100;
  CHECK(camera.show().reason == GateReason::moved);
}

TEST_CASE("a picture without a JPEG goes through the gate, a record goes past it") {
  StillCamera camera({.mode = GateMode::on});
  const Picture grey(320, 200, 1);
  CHECK(camera.try_show(grey)->reason == GateReason::first);
  const auto decision = camera.try_show(grey);
  CHECK(decision->reason == GateReason::nothing_moved);
  CHECK(decision->luma->mean == 0);
  CHECK(camera.try_show(perch::Record{})->reason == GateReason::not_a_picture);
  CHECK(camera.try_show(perch::ThermalGrid{})->analyse);
}

TEST_CASE("automatic stops looking where something always moves, and comes back when it is calm") {
  StillCamera camera;
  int looked = 0;
  for (int i = 0; i < 700; ++i) {
    camera.view.object_x = i * 37 % 250;
    const Decision decision = camera.show();
    CHECK(decision.analyse);
    looked += decision.reason != GateReason::not_worth;
  }
  // Evidence, a pause of 256, a probe, a pause of 512 that has not ended.
  CHECK(looked < 100);
  CHECK(looked >= Gate::kEvidenceFrames + Gate::kProbeFrames);
  camera.view.object_x = -1;
  int still = 0;
  for (int i = 0; i < 500; ++i) still += !camera.show().analyse;
  CHECK(still > 250);
}

TEST_CASE("automatic keeps looking where one frame in five is still, unless analysing is cheap") {
  StillCamera camera;
  camera.show();
  const auto run = [&] {
    int not_worth = 0;
    for (int i = 0; i < 400; ++i) {
      camera.view.object_x = i % 10 < 7 ? i * 37 % 250 : -1;
      not_worth += camera.show().reason == GateReason::not_worth;
    }
    return not_worth;
  };
  CHECK(run() == 0);
  camera.gate().costs(2ms, 4ms);
  CHECK(run() > 0);
}

TEST_CASE("a mask that is no polygon is an error of the gate") {
  GateConfig config;
  config.motion.exclude = {{1, 2, 3}};
  CHECK_FALSE(Gate::create(config));
}

TEST_CASE("the gate's table reads, and names what is wrong") {
  perch::config::Diagnostics diagnostics;
  const auto read = [&](std::string_view text) {
    GateConfig config;
    diagnostics = {};
    perch::pipeline::kGateFields.read(perch::config::parse_toml(text, "perch.toml", diagnostics), "gate", diagnostics,
                                      config);
    return config;
  };
  const GateConfig config =
      read("mode = \"on\"\nmax_still = \"5m\"\nmotion = { sensitivity = 0.7, exclude = [[0, 0, 9, 9]] }");
  CHECK(diagnostics.ok());
  CHECK(config.mode == GateMode::on);
  CHECK(config.max_still == 5min);
  CHECK(config.motion.sensitivity == 0.7);
  CHECK(config.motion.exclude.size() == 1);
  read("mode = \"sometimes\"\nmax_still = \"1ms\"\nmotion = { sensitivity = 2 }");
  CHECK(diagnostics.list().size() == 3);
}
