#include "edge/api_journal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace perch::edge {

JournalFigures::JournalFigures(asio::any_io_executor io, journal::Service& journal)
    : io_(std::move(io)),
      journal_(journal),
      answered_(io_) {}

asio::awaitable<std::optional<journal::Stats>> JournalFigures::get(std::shared_ptr<JournalFigures> self) {
  if (!self->asking_) {
    self->asking_ = true;
    self->stats_.reset();
    self->answered_.expires_after(kPatience);
    asio::co_spawn(self->io_, ask(self), asio::detached);
  }
  boost::system::error_code woken;
  if (self->asking_) co_await self->answered_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  co_return self->stats_;
}

asio::awaitable<void> JournalFigures::ask(std::shared_ptr<JournalFigures> self) {
  Result<journal::Stats> stats = co_await self->journal_.stats();
  if (stats) self->stats_ = std::move(*stats);
  self->asking_ = false;
  self->answered_.cancel();
}

}  // namespace perch::edge
