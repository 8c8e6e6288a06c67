// How the daemon begins, keeps house and ends.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/text.hpp"
#include "edge/daemon_impl.hpp"
#include "seam/blocking.hpp"

namespace perch::edge {

namespace {

using namespace std::chrono_literals;

constexpr Nanoseconds kPruneEvery = 1min;
constexpr Nanoseconds kSinksMayTake = 5s;  // to catch up at the end
constexpr Nanoseconds kStopMayTake = 20s;  // then the program ends, whatever still blocks
constexpr Nanoseconds kStalledAfter = 1min;
constexpr Milliseconds kHouseDrain{1000};

/// The end of a process whose end hangs.
void end_hanging() {
  log::error("{}", log::event_line("stop.gave_up", {{"reason", "a call that blocks has not returned"},
                                                    {"after", format_duration(kStopMayTake)}}));
  std::_Exit(1);
}

}  // namespace

template <class F>
void Daemon::spawn(F coroutine) {
  asio::co_spawn(io_, std::move(coroutine), asio::detached);
}

asio::awaitable<bool> Daemon::pause(Nanoseconds time) {
  if (stopping_) co_return false;
  asio::steady_timer timer(io_, time);
  pauses_.insert(&timer);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  pauses_.erase(&timer);
  co_return !stopping_;
}

asio::awaitable<void> Daemon::begin() {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that closes is an error of its connection
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) signals_.add(number);
  co_await count_revision();
  Result<Change> change = plan(current_);
  if (!change) {
    mistakes_ = {fmt::format("{}: {}", file_.path().string(), change.error().message())};
    signals_.clear();
    cameras_->stop();
    co_return;
  }
  Configuration first = current_;
  take_up(std::move(first), std::move(*change));
  co_await forget_former_sinks();
  if (const journal::Opened& opened = journal_->opened(); !opened.damage.empty())
    recording_->note(kJournalTask, {{"event", std::string("damaged")}},
                     fmt::format("{}; set aside as {}", opened.damage, opened.set_aside.string()));
  co_await tell_of_pictures();
  spawn(wait_for_signals());
  spawn(watch_config());
  spawn(keep_house());
  spawn(tell_systemd());
  static_cast<void>(systemd_.ready(fmt::format("{} cameras, {}", infos_.size(), server_->url())));
  co_await recording_->run();
  recorded_ = true;
}

/// What is wrong with the store itself goes to the log and becomes a reading, as with the journal.
asio::awaitable<void> Daemon::tell_of_pictures() {
  auto take = [store = pictures_] { return store->take_troubles(); };
  const std::vector<Error> troubles =
      co_await run_blocking(asio::any_io_executor(blocking_.get_executor()), std::move(take));
  for (const Error& trouble : troubles) {
    events_.write(log::Level::error, "pictures.damaged", "pictures", {{"reason", trouble.message()}});
    recording_->note(kPicturesTask, {{"event", std::string("damaged")}}, trouble.message());
  }
}

/// Ends in order, with what was thrown as the reason: without its recording the daemon would only seem to work.
void Daemon::give_up(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    mistakes_ = {Error{Errc::internal, error.what(), "perch", {}}.message()};
  }
  recorded_ = true;
  if (!stopping_) spawn(stop());
}

asio::awaitable<void> Daemon::wait_for_signals() {
  for (;;) {
    const auto [error, number] = co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    if (number == SIGHUP) {
      reload_asked_ = true;
      for (asio::steady_timer* timer : pauses_) timer->cancel();  // whoever has nothing to do goes on waiting
      continue;
    }
    if (stopping_) std::_Exit(1);  // asked twice: at once
    spawn(stop());
  }
}

asio::awaitable<void> Daemon::keep_house() {
  while (co_await pause(kPruneEvery)) {
    co_await tell_of_pictures();
    if (discovery_.forget_old()) refresh_discovered();
    co_await forget_sinks_long_gone();
    const JournalSettings& wanted = current_.settings.journal;
    journal::Retention retention;
    if (wanted.max_age > 0ms) retention.max_age = wanted.max_age;
    retention.max_bytes = wanted.size.bytes;
    retention.hard_bytes = wanted.limit.bytes;
    const Result<journal::Pruned> pruned = co_await journal_->prune(retention);
    if (!pruned && pruned.error().code != Errc::canceled)
      events_.write(log::Level::error, "journal.prune_failed", "journal", {{"reason", pruned.error().message()}});
  }
}

asio::awaitable<void> Daemon::tell_systemd() {
  const std::optional<Nanoseconds> every = systemd_.watchdog_interval();
  if (!every) co_return;
  do static_cast<void>(systemd_.alive());
  while (co_await pause(*every));
}

std::vector<std::string> Daemon::trouble() const {
  std::vector<std::string> reasons;
  if (!recording_->trouble().empty())
    reasons.push_back(fmt::format("the journal cannot be written: {}", recording_->trouble()));
  if (recording_->waiting() > Recording::kMostWaiting / 2)
    reasons.push_back(fmt::format("{} readings wait for the journal", recording_->waiting()));
  if (const Nanoseconds quiet = cameras_->quiet(); quiet > kStalledAfter)
    reasons.push_back(fmt::format("no worker has answered for {} s", quiet / 1s));
  return reasons;
}

std::vector<SinkState> Daemon::sink_states() const {
  std::vector<SinkState> states;
  for (const auto& [name, delivery] : deliveries_) states.push_back({name, delivery->delivered(), delivery->trouble()});
  return states;
}

/// The orderly end: no new pictures, what was seen is written, sinks get a moment to catch up, clients are let go.
asio::awaitable<void> Daemon::stop() {
  stopping_ = true;
  static_cast<void>(systemd_.stopping());
  events_.write(log::Level::info, "stopping", "perch", {});
  for (asio::steady_timer* timer : pauses_) timer->cancel();
  last_resort_.arm(kStopMayTake, &end_hanging);
  end_discovery();
  cameras_->stop();
  recording_->stop();
  co_await sinks_catch_up();
  for (const auto& [name, delivery] : deliveries_) delivery->stop();
  if (server_) co_await server_->stop(kHouseDrain);
  // Only calls that block may be left. Whoever asks again ends the program at once.
  signals_.cancel();
  signals_.clear();
  events_.write(log::Level::info, "stopped", "perch", {});
}

asio::awaitable<void> Daemon::sinks_catch_up() {
  constexpr Nanoseconds kLookEvery = 20ms;
  const Nanoseconds end = clock_.monotonic() + kSinksMayTake;
  asio::steady_timer timer(io_);
  while (clock_.monotonic() < end) {
    const bool behind = std::ranges::any_of(deliveries_, [&](const auto& entry) {
      return entry.second->delivered() < journal_->last() && entry.second->trouble().empty();
    });
    if (recorded_ && !behind) co_return;
    timer.expires_after(kLookEvery);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

}  // namespace perch::edge
