#include "node/film.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "base/thrown.hpp"
#include "image/codec.hpp"
#include "image/effects.hpp"

namespace perch::node {

Result<SharedBytes> Shot::develop(const Development& wanted) const {
  if (wanted == Development{} && sight_.jpeg.size() > 0) return sight_.jpeg;
  const std::scoped_lock lock(mutex_);
  if (const auto known = made_.find(wanted); known != made_.end()) return known->second;
  image::Picture picture = sight_.picture;
  if (wanted.moved) picture = image::shifted(picture);
  if (wanted.blurred) image::blur(picture);
  if (wanted.covered) image::cover(picture, number_);
  if (wanted.light > 0) image::brighten(picture, wanted.light);
  if (wanted.dark) image::darken(picture, number_);
  if (wanted.size && *wanted.size != picture.size()) picture = image::resized(picture, *wanted.size);
  PERCH_TRY(Bytes bytes, image::encode_jpeg(picture.view(), wanted.quality.value_or(sight_.quality)));
  return made_.emplace(wanted, SharedBytes(std::move(bytes))).first->second;
}

LiveFilm::LiveFilm(std::unique_ptr<Eye> eye, Nanoseconds period)
    : eye_(std::move(eye)),
      period_(period),
      thread_([this] { run(); }) {}

LiveFilm::~LiveFilm() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

Result<std::shared_ptr<const Shot>> LiveFilm::latest() const {
  const std::scoped_lock lock(mutex_);
  return latest_;
}

void LiveFilm::run() {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  Clock::time_point due = begin;
  Sight sight;
  std::uint64_t number = 0;
  std::string told;  // of what went wrong, so that a folder with one bad file says it once
  for (;;) {
    sight.jpeg = SharedBytes();
    const auto look = [&] { return eye_->look(Seconds(Clock::now() - begin).count(), sight); };
    const Result<void> seen = without_throwing(look);
    if (!seen && seen.error().message() != told) {
      told = seen.error().message();
      log::warning("no picture: {}", told);
    }
    std::unique_lock lock(mutex_);
    if (seen)
      latest_ = std::make_shared<const Shot>(sight, ++number);
    else
      latest_ = fail(seen.error());
    // What takes longer than its period is looked at as often as it can be.
    due = std::max(due + period_, Clock::now());
    if (stop_.wait_until(lock, due, [this] { return stopping_; })) return;
  }
}

Result<std::shared_ptr<const LoopFilm>> LoopFilm::make(Eye& eye, Nanoseconds period, const Clock& clock,
                                                       const std::vector<Development>& ways) {
  std::vector<std::shared_ptr<const Shot>> shots;
  Sight sight;
  const int count = eye.loop_length();
  if (count == 0) return fail(Errc::unsupported, "what it shows never comes again, so it cannot be made beforehand");
  for (int i = 0; i < count; ++i) {
    sight.jpeg = SharedBytes();
    PERCH_CHECK(eye.look((i + 0.5) * Seconds(period).count(), sight));
    shots.push_back(std::make_shared<const Shot>(sight, static_cast<std::uint64_t>(i + 1)));
    for (const Development& way : ways)
      if (const Result<SharedBytes> made = shots.back()->develop(way); !made) return fail(made.error());
  }
  return std::make_shared<const LoopFilm>(std::move(shots), period, clock);
}

LoopFilm::LoopFilm(std::vector<std::shared_ptr<const Shot>> shots, Nanoseconds period, const Clock& clock)
    : shots_(std::move(shots)),
      period_(period),
      clock_(clock),
      begin_(clock.monotonic()) {
  PERCH_ASSERT(!shots_.empty() && period_ > Nanoseconds{0});
}

Result<std::shared_ptr<const Shot>> LoopFilm::latest() const {
  const auto turn = static_cast<std::size_t>((clock_.monotonic() - begin_) / period_);
  return shots_[turn % shots_.size()];
}

}  // namespace perch::node
