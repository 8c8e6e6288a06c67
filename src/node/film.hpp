#pragma once
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "base/clock.hpp"
#include "node/eye.hpp"
#include "node/fault.hpp"

namespace perch::node {

/// How a picture is to come out.
struct Development {
  std::optional<image::Size> size;  ///< nothing: as it was seen
  std::optional<int> quality;       ///< of the JPEG, 1 to 100; nothing: as it was seen
  int light = 0;                    ///< 0 to 255: the camera's own lamp
  bool dark = false, covered = false, blurred = false, moved = false;

  /// In an order that means nothing, to remember what was made.
  auto order() const {
    const image::Size out = size.value_or(image::Size{});
    return std::tuple(out.width, out.height, quality.value_or(0), light, dark, covered, blurred, moved);
  }

  bool operator==(const Development& other) const { return order() == other.order(); }

  bool operator<(const Development& other) const { return order() < other.order(); }
};

/// What was seen at one moment. Immutable but for what it remembers of how it was developed. @thread any
class Shot {
 public:
  Shot(Sight sight, std::uint64_t number) : sight_(std::move(sight)), number_(number) {}

  std::uint64_t number() const { return number_; }

  /// JSON; empty when it is not known.
  const std::string& truth() const { return sight_.truth; }

  /// Without rows when it is not a thermal camera's.
  const ThermalGrid& grid() const { return sight_.grid; }

  image::Size size() const { return sight_.picture.size(); }

  /// The JPEG that comes out; made once for all who want the same. Errors: those of `image::encode_jpeg`. Blocks.
  Result<SharedBytes> develop(const Development& wanted) const;

 private:
  Sight sight_;
  std::uint64_t number_;
  mutable std::mutex mutex_;
  mutable std::map<Development, SharedBytes> made_;
};

/// What cameras show: one film feeds any number of them. @thread any
class Film {
 public:
  virtual ~Film() = default;

  /// The latest shot, or why there is none. Waits for nothing.
  virtual Result<std::shared_ptr<const Shot>> latest() const = 0;

  /// How long each shot is the latest.
  virtual Nanoseconds period() const = 0;
};

/// Looks through an eye once a period, on a thread of its own, ahead of whoever asks, and shares what it saw last.
class LiveFilm final : public Film {
 public:
  LiveFilm(std::unique_ptr<Eye> eye, Nanoseconds period);
  ~LiveFilm() override;
  LiveFilm(const LiveFilm&) = delete;
  LiveFilm& operator=(const LiveFilm&) = delete;

  Result<std::shared_ptr<const Shot>> latest() const override;

  Nanoseconds period() const override { return period_; }

 private:
  void run();

  std::unique_ptr<Eye> eye_;
  Nanoseconds period_;
  mutable std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  Result<std::shared_ptr<const Shot>> latest_ = fail(Errc::io, "no picture yet");
  std::thread thread_;
};

/// Shots that were all made beforehand, each for a period, over and over: showing them takes no work, so whoever is
/// measured beside such cameras is measured alone.
class LoopFilm final : public Film {
 public:
  /// Takes what `eye` sees in one round, and develops each shot in every one of these ways.
  /// Errors: unsupported (the eye never sees the same again); those of the eye and of `Shot::develop`. Blocks.
  static Result<std::shared_ptr<const LoopFilm>> make(Eye& eye, Nanoseconds period, const Clock& clock,
                                                      const std::vector<Development>& ways);

  /// @pre shots is not empty, period is above 0
  LoopFilm(std::vector<std::shared_ptr<const Shot>> shots, Nanoseconds period, const Clock& clock);

  Result<std::shared_ptr<const Shot>> latest() const override;

  Nanoseconds period() const override { return period_; }

 private:
  std::vector<std::shared_ptr<const Shot>> shots_;
  Nanoseconds period_;
  const Clock& clock_;
  Nanoseconds begin_;
};

}  // namespace perch::node
