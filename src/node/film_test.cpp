#include "node/film.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <thread>

#include <doctest/doctest.h>

#include "image/codec.hpp"

using namespace perch;
using namespace perch::node;
using namespace std::chrono_literals;

namespace {

/// Sees a picture as bright as its turn in the round.
class StepsEye final : public Eye {
 public:
  explicit StepsEye(int round) : round_(round) {}

  Result<void> look(double t_s, Sight& out) override {
    ++looks;
    out.picture.reset(32, 32);
    const int turn = round_ == 0 ? 0 : static_cast<int>(t_s / 2.0) % round_;
    for (int y = 0; y < 32; ++y) std::fill_n(out.picture.row(y), 96, static_cast<std::uint8_t>(50 + 50 * turn));
    return {};
  }

  int loop_length() const override { return round_; }

  int looks = 0;

 private:
  int round_;
};

int brightness(const SharedBytes& jpeg) {
  image::PictureDecoder decoder;
  image::Picture picture;
  REQUIRE(decoder.decode(jpeg.view(), picture));
  return picture.at(16, 16)[0];
}

}  // namespace

TEST_CASE("a loop shows each shot of the round for a period, and comes round without another look") {
  StepsEye eye(3);
  ManualClock clock;
  const auto film = LoopFilm::make(eye, 2s, clock, {}).value();
  CHECK(eye.looks == 3);
  std::vector<int> seen;
  for (int second = 0; second < 8; ++second) {
    seen.push_back(brightness(film->latest().value()->develop({}).value()));
    clock.advance(1s);
  }
  CHECK(seen == std::vector<int>{50, 50, 100, 100, 150, 150, 50, 50});
  CHECK(eye.looks == 3);
}

TEST_CASE("what a loop was asked to develop is there before it is wanted, and is the same each time") {
  StepsEye eye(1);
  const ManualClock clock;
  Development dark;
  dark.dark = true;
  const auto film = LoopFilm::make(eye, 2s, clock, {dark}).value();
  const SharedBytes first = film->latest().value()->develop(dark).value();
  CHECK(brightness(first) < 10);
  CHECK(film->latest().value()->develop(dark).value().view().data() == first.view().data());
}

TEST_CASE("an eye that throws is a picture that failed, and the next look goes on") {
  class StumblingEye final : public Eye {
   public:
    Result<void> look(double, Sight& out) override {
      if (++looks_ <= 3) throw std::bad_alloc();
      out.picture.reset(32, 32);
      return {};
    }

   private:
    int looks_ = 0;
  };

  const LiveFilm film(std::make_unique<StumblingEye>(), 1ms);
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!film.latest() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  CHECK(film.latest());
}

TEST_CASE("what never comes again cannot be a loop") {
  StepsEye eye(0);
  const ManualClock clock;
  CHECK(LoopFilm::make(eye, 2s, clock, {}).error().code == Errc::unsupported);
}
