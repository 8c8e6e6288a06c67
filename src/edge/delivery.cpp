#include "edge/delivery.hpp"

#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/thrown.hpp"

namespace perch::edge {

Delivery::Delivery(std::string name, std::unique_ptr<Sink> sink, asio::any_io_executor io, journal::Service& journal,
                   log::EventLog& events, const Clock& clock)
    : name_(std::move(name)),
      sink_(std::move(sink)),
      io_(std::move(io)),
      journal_(journal),
      events_(events),
      backoff_({}, clock, net::machine_random()),
      wait_(io_) {}

void Delivery::start() {
  const auto body = [](std::shared_ptr<Delivery> self) -> asio::awaitable<void> { co_await self->run(); };
  asio::co_spawn(io_, body(shared_from_this()), asio::bind_cancellation_slot(stop_.slot(), asio::detached));
}

void Delivery::stop() {
  stopped_ = true;
  wait_.cancel();
  stop_.emit(asio::cancellation_type::terminal);
  // What was cancelled looks at the signal once more on its way out.
  asio::post(io_, [self = shared_from_this()] {});
}

asio::awaitable<void> Delivery::run() {
  while (!stopped_) {
    const Result<void> done = co_await try_to_deliver();
    if (stopped_) co_return;
    if (done) {
      if (!trouble_.empty()) events_.write(log::Level::info, "sink.recovered", name_, {{"sink", name_}});
      trouble_.clear();
      backoff_.succeeded();
      continue;
    }
    if (done.error().code == Errc::canceled) co_return;  // the journal has stopped
    trouble_ = done.error().message();
    backoff_.failed();
    events_.write(log::Level::warning, "sink.failed", name_, {{"sink", name_}, {"reason", trouble_}});
    co_await pause();
  }
}

/// As `deliver_next`. What a library throws in it is a trouble of this sink, and of nothing else.
asio::awaitable<Result<void>> Delivery::try_to_deliver() {
  try {
    co_return co_await deliver_next();
  } catch (const std::exception& thrown) {
    co_return fail(thrown_error(thrown).at(name_));
  }
}

/// One batch, from the journal to the far end, and the cursor after it.
asio::awaitable<Result<void>> Delivery::deliver_next() {
  if (!std::exchange(has_cursor_, true)) {
    const Result<Seq> cursor = co_await journal_.add_cursor(name_, journal::Start::oldest);
    has_cursor_ = cursor.has_value();
    if (!cursor) co_return fail(cursor.error());
    delivered_ = *cursor;
  }
  const Result<journal::Batch> batch = co_await journal_.next(name_, kMostAtOnce);
  if (!batch) co_return fail(batch.error());
  Seq stored = batch->last;
  if (!batch->readings.empty()) {
    const Result<Seq> reached = co_await sink_->deliver(batch->readings);
    if (!reached) co_return fail(reached.error());
    if (*reached < batch->readings.front().seq) co_return fail(Errc::io, "the far end has stored nothing", name_);
    // Up to the end of the batch there may be rows that could not be read.
    if (*reached < batch->readings.back().seq) stored = *reached;
  }
  const Result<Seq> moved = co_await journal_.advance(name_, stored);
  if (!moved) co_return fail(moved.error());
  delivered_ = *moved;
  co_return Result<void>();
}

asio::awaitable<void> Delivery::pause() {
  wait_.expires_after(backoff_.remaining());
  co_await wait_.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace perch::edge
