#pragma once
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "journal/service.hpp"

namespace perch::edge {

namespace asio = boost::asio;

/// Asks the journal for its figures, for people and programs that want an answer even while its disk hangs. Whoever
/// asks meanwhile shares the question. @thread io
class JournalFigures {
 public:
  /// How long anybody waits.
  static constexpr Milliseconds kPatience{2000};

  /// `journal` outlives every question.
  JournalFigures(asio::any_io_executor io, journal::Service& journal);

  /// As they are now; nothing when there is no answer in time.
  static asio::awaitable<std::optional<journal::Stats>> get(std::shared_ptr<JournalFigures> self);

 private:
  static asio::awaitable<void> ask(std::shared_ptr<JournalFigures> self);

  asio::any_io_executor io_;
  journal::Service& journal_;
  std::optional<journal::Stats> stats_;
  bool asking_ = false;
  asio::steady_timer answered_;  ///< runs out when patience does, cancelled by the answer
};

}  // namespace perch::edge
