#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "base/event_log.hpp"
#include "journal/service.hpp"
#include "net/backoff.hpp"
#include "seam/sink.hpp"

namespace perch::edge {

namespace asio = boost::asio;

/// Brings one sink what the journal has for it, at the sink's own pace: its cursor moves when the far end has stored
/// the readings, and what fails is tried again with back-off. @thread io
class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  static constexpr std::size_t kMostAtOnce = 500;

  /// @param name  of its cursor. Everything that is referred to outlives this.
  Delivery(std::string name, std::unique_ptr<Sink> sink, asio::any_io_executor io, journal::Service& journal,
           log::EventLog& events, const Clock& clock);

  /// Makes the cursor if it is new, at the oldest reading there is, and begins.
  void start();
  /// Ends at once what it waits for; what the sink has under way may still be stored, and comes again.
  void stop();

  const std::string& name() const { return name_; }

  /// The seq up to which the far end has stored everything.
  Seq delivered() const { return delivered_; }

  /// Why the last try failed; empty when it did not.
  const std::string& trouble() const { return trouble_; }

 private:
  asio::awaitable<void> run();
  asio::awaitable<Result<void>> try_to_deliver();
  asio::awaitable<Result<void>> deliver_next();
  asio::awaitable<void> pause();

  std::string name_;
  std::unique_ptr<Sink> sink_;
  asio::any_io_executor io_;
  journal::Service& journal_;
  log::EventLog& events_;
  net::Backoff backoff_;
  asio::steady_timer wait_;
  asio::cancellation_signal stop_;
  Seq delivered_ = 0;
  std::string trouble_;
  bool has_cursor_ = false;
  bool stopped_ = false;
};

}  // namespace perch::edge
