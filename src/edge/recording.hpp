#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "base/event_log.hpp"
#include "edge/camera_info.hpp"
#include "journal/service.hpp"
#include "net/backoff.hpp"
#include "pictures/store.hpp"
#include "pipeline/health.hpp"
#include "pipeline/record_policy.hpp"
#include "pipeline/worker.hpp"
#include "seam/sink.hpp"

namespace perch::edge {

namespace asio = boost::asio;

/// The device's own readings: of the journal and of the kept pictures.
inline constexpr std::string_view kJournalTask = "journal", kPicturesTask = "pictures";

/// What recording works with. Everything outlives it.
struct RecordingContext {
  std::string device;
  asio::any_io_executor io;
  asio::any_io_executor blocking;  ///< where pictures are written
  const Clock* clock = nullptr;
  journal::Service* journal = nullptr;
  std::shared_ptr<pictures::Store> pictures;  ///< may be null: then none is kept
  log::EventLog* events = nullptr;
  /// Readings that are on the disk now, with the time that each took since its observation's stamp. May be empty.
  std::function<void(std::span<const Reading>, std::span<const Nanoseconds>)> committed;
};

/// Makes readings of observations by their tasks' policies, and of changes of health, and brings them into the journal:
/// their pictures first, then all that wait together in one transaction. What cannot be written is tried again; when
/// more than `kMostWaiting` wait, the oldest are given up, and when their pictures take more than `kMostPictureBytes`,
/// the oldest pictures; a reading says how many. @thread io
class Recording {
 public:
  static constexpr std::size_t kMostWaiting = 10'000;
  /// Twenty decoded pictures of full HD. As much again may be on its way to the disk.
  static constexpr std::size_t kMostPictureBytes = 128'000'000;
  static constexpr std::size_t kMostAtOnce = 512;
  /// A reading alone is written at once; of many, what comes within this time is one transaction: syncing a disk costs
  /// more than all else about a reading, and wears cards out.
  static constexpr Nanoseconds kBetweenWrites{50'000'000};

  explicit Recording(RecordingContext context);

  /// From here on readings say that they were made under this revision of the configuration.
  void set_config(std::uint64_t revision) { revision_ = revision; }

  /// A camera begins, with its first reading still to come.
  void begin(const CameraInfo& camera);
  void end(const CameraId& camera);

  void looked(const CameraInfo& camera, const pipeline::Looked& looked);
  void health(const CameraInfo& camera, const pipeline::HealthReport& report);
  /// Something that happened to the device itself: `task` says what it is about, `values` what it was.
  void note(std::string_view task, std::vector<Value> values, std::string reason);

  /// Brings what comes into the journal until `stop`, and then what is left. Called once.
  asio::awaitable<void> run();
  /// `run` returns once everything is written, or cannot be.
  void stop();

  /// Readings that wait to be written.
  std::size_t waiting() const { return waiting_.size(); }

  /// Readings that were given up because they could not be written in time.
  std::uint64_t dropped() const { return dropped_; }

  /// Pictures that were given up for room in memory; their readings were not.
  std::uint64_t pictures_dropped() const { return pictures_dropped_; }

  /// Why the journal did not take the last readings, in words; empty when it did. They are tried again.
  const std::string& trouble() const { return trouble_; }

 private:
  struct Waiting {
    Reading reading;
    FramePtr picture;  ///< to be kept with it, or null
  };

  Reading reading_of(std::string camera, std::string task, Observation observation) const;
  void add(Reading reading, FramePtr picture);
  void keep_bounds();
  void drop_oldest();
  void drop_oldest_picture();
  void count_pictures();
  std::vector<Waiting> take();
  void put_back(std::vector<Waiting> batch);
  asio::awaitable<Result<void>> try_to_write(std::vector<Waiting>& batch);
  asio::awaitable<Result<void>> write(std::vector<Waiting>& batch);
  asio::awaitable<Result<void>> write_one_by_one(std::vector<Waiting>& batch, Error why);
  asio::awaitable<void> keep_pictures(std::vector<Waiting>& batch);
  void tell_committed(const std::vector<Reading>& written);
  void say_dropped();

  RecordingContext context_;
  std::uint64_t revision_ = 0;
  std::map<CameraId, std::vector<pipeline::Recorder>> recorders_;
  std::deque<Waiting> waiting_;
  std::size_t picture_bytes_ = 0;  ///< of those that wait; one that several readings share, side by side, counts once
  std::uint64_t dropped_ = 0, pictures_dropped_ = 0;
  std::uint64_t unsaid_ = 0, pictures_unsaid_ = 0;  ///< of those, the ones that no reading has told yet
  std::string trouble_;
  bool pictures_refused_ = false;  ///< the latest picture; told when it begins, not for each
  net::Backoff backoff_;
  Nanoseconds next_write_{0};  ///< monotonic; not before
  asio::steady_timer wake_;
  bool stopping_ = false;
};

/// The reading that says that `lost` readings were deleted before every sink had delivered them.
Reading lost_reading(const std::string& device, const Clock& clock, std::uint64_t lost, std::string reason);

}  // namespace perch::edge
