#include "edge/recording.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>
#include <variant>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/thrown.hpp"
#include "edge/api_picture.hpp"
#include "edge/settings.hpp"
#include "journal/journal.hpp"
#include "seam/blocking.hpp"

namespace perch::edge {

namespace {

constexpr int kKeptJpegQuality = 90;
constexpr net::BackoffPolicy kDiskPatience{.most = Milliseconds{5'000}};  ///< a disk may be asked often

/// Writes the pictures of some readings; the reference of each, or why it could not be written. @thread blocking
std::vector<Result<std::string>> put_pictures(pictures::Store& store, const std::vector<FramePtr>& frames) {
  std::vector<Result<std::string>> references;
  for (const FramePtr& frame : frames) {
    const auto put = [&store](const SharedBytes& bytes) { return store.put(bytes.view()); };
    const auto reference = [](const pictures::Sha& sha) { return sha.reference(); };
    references.push_back(picture_bytes(*frame, kKeptJpegQuality).and_then(put).map(reference));
  }
  return references;
}

/// What a picture takes in memory; 0 for what is none.
std::size_t bytes_of(const FramePtr& picture) {
  if (!picture) return 0;
  if (const auto* jpeg = std::get_if<Jpeg>(&picture->payload)) return jpeg->bytes.size();
  if (const auto* grid = std::get_if<ThermalGrid>(&picture->payload)) return grid->celsius.size() * sizeof(float);
  const auto* pixels = std::get_if<image::Picture>(&picture->payload);
  return pixels ? static_cast<std::size_t>(pixels->stride()) * static_cast<std::size_t>(pixels->height()) : 0;
}

/// Whether trying again cannot help: the reading itself is wrong.
bool hopeless(const Error& error) {
  return error.code == Errc::invalid || error.code == Errc::too_large;
}

}  // namespace

Reading lost_reading(const std::string& device, const Clock& clock, std::uint64_t lost, std::string reason) {
  Reading reading;
  reading.device = device;
  reading.camera = kOwnCamera;
  reading.task = kJournalTask;
  reading.observation.stamp = clock.stamp();
  reading.observation.confidence = 1;
  reading.observation.reason = std::move(reason);
  reading.observation.values = {{"lost", static_cast<std::int64_t>(lost)}};
  return reading;
}

Recording::Recording(RecordingContext context)
    : context_(std::move(context)),
      backoff_(kDiskPatience, *context_.clock, net::machine_random()),
      wake_(context_.io) {}

void Recording::begin(const CameraInfo& camera) {
  std::vector<pipeline::Recorder>& recorders = recorders_[camera.id];
  recorders.clear();
  for (const TaskInfo& task : camera.tasks) recorders.emplace_back(task.record, task.outputs);
}

void Recording::end(const CameraId& camera) {
  recorders_.erase(camera);
}

Reading Recording::reading_of(std::string camera, std::string task, Observation observation) const {
  Reading reading;
  reading.device = context_.device;
  reading.camera = std::move(camera);
  reading.task = std::move(task);
  reading.observation = std::move(observation);
  reading.config = revision_;
  return reading;
}

void Recording::looked(const CameraInfo& camera, const pipeline::Looked& looked) {
  const auto recorders = recorders_.find(camera.id);
  if (recorders == recorders_.end()) return;
  for (const pipeline::Answer& answer : looked.answers) {
    if (!recorders->second[answer.task].wants(answer.observation)) continue;
    const TaskInfo& task = camera.tasks[answer.task];
    Reading reading = reading_of(camera.id.value, task.name, answer.observation);
    reading.model = task.model;
    reading.labels = task.labels;
    const bool has_picture = task.keep_picture && !looked.broken;
    add(std::move(reading), has_picture ? looked.frame : nullptr);
  }
}

void Recording::health(const CameraInfo& camera, const pipeline::HealthReport& report) {
  Observation observation;
  observation.stamp = context_.clock->stamp();
  observation.reason = report.reason;
  observation.confidence = 1;
  observation.values = {{"health", std::string(pipeline::name(report.health))}};
  add(reading_of(camera.id.value, std::string(kHealthTask), std::move(observation)), nullptr);
}

void Recording::note(std::string_view task, std::vector<Value> values, std::string reason) {
  Observation observation;
  observation.stamp = context_.clock->stamp();
  observation.reason = std::move(reason);
  observation.confidence = 1;
  observation.values = std::move(values);
  add(reading_of(std::string(kOwnCamera), std::string(task), std::move(observation)), nullptr);
}

void Recording::add(Reading reading, FramePtr picture) {
  if (const Result<void> fit = journal::Journal::check(reading); !fit) {
    context_.events->write(log::Level::error, "reading.unfit", reading.camera, {{"reason", fit.error().message()}});
    return;
  }
  if (waiting_.empty() || waiting_.back().picture != picture) picture_bytes_ += bytes_of(picture);
  waiting_.push_back({std::move(reading), std::move(picture)});
  keep_bounds();
  wake_.cancel();
}

void Recording::keep_bounds() {
  while (waiting_.size() > kMostWaiting) drop_oldest();
  while (picture_bytes_ > kMostPictureBytes) drop_oldest_picture();
}

void Recording::drop_oldest() {
  const FramePtr picture = std::move(waiting_.front().picture);
  waiting_.pop_front();
  if (waiting_.empty() || waiting_.front().picture != picture) picture_bytes_ -= bytes_of(picture);
  ++dropped_;
  ++unsaid_;
}

void Recording::drop_oldest_picture() {
  auto at = std::ranges::find_if(waiting_, [](const Waiting& waiting) { return bytes_of(waiting.picture) > 0; });
  PERCH_ASSERT(at != waiting_.end());  // its bytes were counted
  const FramePtr picture = at->picture;
  for (; at != waiting_.end() && at->picture == picture; ++at) at->picture = nullptr;
  picture_bytes_ -= bytes_of(picture);
  ++pictures_dropped_;
  ++pictures_unsaid_;
}

void Recording::count_pictures() {
  picture_bytes_ = 0;
  FramePtr before;
  for (const Waiting& waiting : waiting_) {
    if (waiting.picture != before) picture_bytes_ += bytes_of(waiting.picture);
    before = waiting.picture;
  }
}

void Recording::stop() {
  stopping_ = true;
  wake_.cancel();
}

asio::awaitable<void> Recording::run() {
  for (;;) {
    const Nanoseconds gather = next_write_ - context_.clock->monotonic();
    const Nanoseconds pause = stopping_ ? Nanoseconds{0} : std::max(backoff_.remaining(), gather);
    if (waiting_.empty() || pause > Nanoseconds{0}) {
      if (stopping_) co_return;
      if (waiting_.empty())
        wake_.expires_at(asio::steady_timer::time_point::max());
      else
        wake_.expires_after(pause);
      co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
      continue;
    }
    next_write_ = context_.clock->monotonic() + kBetweenWrites;
    std::vector<Waiting> batch = take();
    const Result<void> written = co_await try_to_write(batch);
    if (written) {
      trouble_.clear();
      backoff_.succeeded();
      say_dropped();
      continue;
    }
    context_.events->write(log::Level::error, "journal.write_failed", "journal",
                           {{"reason", written.error().message()}, {"waiting", std::to_string(batch.size())}});
    put_back(std::move(batch));
    backoff_.failed();
    if (stopping_ || written.error().code == Errc::canceled) co_return;
    trouble_ = written.error().message();
  }
}

std::vector<Recording::Waiting> Recording::take() {
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMostAtOnce));
  std::vector<Waiting> batch(std::make_move_iterator(waiting_.begin()),
                             std::make_move_iterator(waiting_.begin() + count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  count_pictures();
  return batch;
}

void Recording::put_back(std::vector<Waiting> batch) {
  waiting_.insert(waiting_.begin(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
  count_pictures();
  keep_bounds();
}

/// As `write`. What a library throws in it is a failure of this write, which is tried again.
asio::awaitable<Result<void>> Recording::try_to_write(std::vector<Waiting>& batch) {
  try {
    co_return co_await write(batch);
  } catch (const std::exception& thrown) {
    co_return fail(thrown_error(thrown));
  }
}

asio::awaitable<Result<void>> Recording::write(std::vector<Waiting>& batch) {
  co_await keep_pictures(batch);
  std::vector<Reading> readings;
  readings.reserve(batch.size());
  for (const Waiting& waiting : batch) readings.push_back(waiting.reading);
  Result<std::vector<Reading>> written = co_await context_.journal->append(std::move(readings));
  if (!written && hopeless(written.error())) co_return co_await write_one_by_one(batch, written.error());
  if (!written) co_return fail(written.error());
  tell_committed(*written);
  co_return Result<void>();
}

/// What is thrown here must not make readings that are on the disk seem unwritten: they would be written again.
void Recording::tell_committed(const std::vector<Reading>& written) {
  if (!context_.committed) return;
  const Nanoseconds now = context_.clock->monotonic();
  std::vector<Nanoseconds> took;
  for (const Reading& reading : written) took.push_back(now - reading.observation.stamp.monotonic);
  try {
    context_.committed(written, took);
  } catch (const std::exception& thrown) {
    context_.events->write(log::Level::error, "reading.not_shown", "journal", {{"reason", thrown.what()}});
  }
}

/// One of the batch is wrong, and which is not known: each alone, so that the others are not lost with it. Leaves those
/// that could not be written in the batch.
asio::awaitable<Result<void>> Recording::write_one_by_one(std::vector<Waiting>& batch, Error why) {
  if (batch.size() == 1) {
    context_.events->write(log::Level::error, "reading.unfit", "journal", {{"reason", why.message()}});
    co_return Result<void>();
  }
  while (!batch.empty()) {
    std::vector<Waiting> one;
    one.push_back(std::move(batch.front()));
    Result<void> alone = co_await write(one);
    if (!alone) {
      batch.front() = std::move(one.front());
      co_return alone;
    }
    batch.erase(batch.begin());
  }
  co_return Result<void>();
}

/// Writes the pictures that readings refer to before the readings. One that cannot be written is not referred to.
asio::awaitable<void> Recording::keep_pictures(std::vector<Waiting>& batch) {
  std::vector<FramePtr> frames;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!batch[i].picture || !context_.pictures) continue;
    frames.push_back(batch[i].picture);
    places.push_back(i);
  }
  if (frames.empty()) co_return;
  auto put = [store = context_.pictures, frames = std::move(frames)] { return put_pictures(*store, frames); };
  const std::vector<Result<std::string>> references =
      co_await run_blocking(asio::any_io_executor(context_.blocking), std::move(put));
  for (std::size_t i = 0; i < references.size(); ++i) {
    Waiting& waiting = batch[places[i]];
    waiting.picture = nullptr;
    const bool refused = !references[i];
    if (!refused) waiting.reading.picture = *references[i];
    if (refused && !pictures_refused_)
      context_.events->write(log::Level::warning, "picture.not_kept", waiting.reading.camera,
                             {{"camera", waiting.reading.camera}, {"reason", references[i].error().message()}});
    pictures_refused_ = refused;
  }
}

void Recording::say_dropped() {
  constexpr std::string_view kReason = "the disk did not take them in time";
  if (const std::uint64_t lost = std::exchange(unsaid_, 0); lost > 0) {
    Reading reading = lost_reading(context_.device, *context_.clock, lost, std::string(kReason));
    reading.config = revision_;
    add(std::move(reading), nullptr);
  }
  if (const std::uint64_t lost = std::exchange(pictures_unsaid_, 0); lost > 0)
    note(kPicturesTask, {{"lost", static_cast<std::int64_t>(lost)}}, std::string(kReason));
}

}  // namespace perch::edge
