#include "journal/service.hpp"

#include <utility>

#include "journal/service_impl.hpp"

namespace perch::journal {

namespace {

Error stopped() {
  return {Errc::canceled, "the journal was stopped", {}, {}};
}

bool is_canceled(const asio::cancellation_state& state) {
  return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace

// ---- coroutines: on the executors of those who ask

bool Service::Impl::enter_now(std::size_t weight) {
  const std::lock_guard lock(mutex_);
  // More than there is room for goes alone.
  if (queued_ > 0 && queued_ + weight > options_.most_queued) return false;
  queued_ += weight;
  return true;
}

asio::awaitable<Result<void>> Service::Impl::enter(std::shared_ptr<Impl> self, std::size_t weight) {
  if (self->stopped_) co_return fail(stopped());
  if (is_canceled(co_await asio::this_coro::cancellation_state))
    co_return fail(Errc::canceled, "stopped before it was asked for");
  if (self->enter_now(weight)) co_return Result<void>();
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  for (;;) {
    Notifier::Waiter waiter(self->room_, executor);
    if (self->stopped_) co_return fail(stopped());
    if (self->enter_now(weight)) co_return Result<void>();
    Result<void> woken = co_await waiter.wait();
    if (!woken) co_return woken;
  }
}

asio::awaitable<Result<std::vector<Reading>>> Service::Impl::write(std::shared_ptr<Impl> self,
                                                                   std::vector<Reading> readings,
                                                                   std::vector<Advance> advances) {
  using R = Result<std::vector<Reading>>;
  for (const Reading& reading : readings)
    if (auto good = Journal::check(reading); !good) co_return fail(std::move(good).error());
  const std::size_t weight = std::max<std::size_t>(1, readings.size());
  Result<void> entered = co_await enter(self, weight);
  if (!entered) co_return fail(std::move(entered).error());
  auto start = [self, readings = std::move(readings), advances = std::move(advances)](auto handler) mutable {
    using Handler = std::decay_t<decltype(handler)>;
    auto done = std::make_unique<HandlerCompletion<std::vector<Reading>, Handler>>(std::move(handler));
    self->push(Write{std::move(readings), std::move(advances), std::move(done)});
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(R)>(std::move(start),
                                                                                  asio::use_awaitable);
}

asio::awaitable<Result<Seq>> Service::Impl::advance(std::shared_ptr<Impl> self, Advance to) {
  std::vector<Advance> advances{to};
  auto written = co_await write(self, {}, std::move(advances));
  if (!written) co_return fail(std::move(written).error());
  auto stands = [name = std::move(to.cursor)](Journal& journal) { return journal.cursor(name); };
  co_return co_await call(self, std::move(stands));
}

asio::awaitable<Result<void>> Service::Impl::wait_beyond(std::shared_ptr<Impl> self, Seq seq) {
  const std::uint64_t generation = self->generation_;
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  for (;;) {
    Notifier::Waiter waiter(self->committed_, executor);
    if (self->last_ > seq || self->generation_ != generation) co_return Result<void>();
    if (self->stopped_) co_return fail(stopped());
    Result<void> woken = co_await waiter.wait();
    if (!woken) co_return woken;
  }
}

asio::awaitable<Result<Batch>> Service::Impl::next(std::shared_ptr<Impl> self, std::string cursor, std::size_t limit) {
  for (;;) {
    auto look = [cursor, limit](Journal& journal) -> Result<Batch> {
      PERCH_TRY(const Seq at, journal.cursor(cursor));
      PERCH_TRY(Batch batch, journal.read(at, limit));
      // What was pruned or cannot be read is never delivered: nobody is to wait for it.
      if (batch.readings.empty() && batch.last > at) PERCH_CHECK(journal.advance(cursor, batch.last));
      return batch;
    };
    Result<Batch> batch = co_await call(self, std::move(look));
    if (!batch || !batch->readings.empty()) co_return batch;
    Result<void> woken = co_await wait_beyond(self, batch->last);
    if (!woken) co_return fail(std::move(woken).error());
  }
}

asio::awaitable<Result<Pruned>> Service::Impl::prune(std::shared_ptr<Impl> self, Retention retention) {
  Pruned all;
  for (;;) {
    auto step = [self, retention](Journal& journal) {
      Result<Pruned> pruned = journal.prune(retention);
      if (pruned) self->note_lost(pruned->lost);
      return pruned;
    };
    Result<Pruned> pruned = co_await call(self, std::move(step));
    if (!pruned) co_return pruned;
    all += *pruned;
    if (!pruned->more) co_return all;
  }
}

void Service::Impl::push(std::unique_ptr<Request> request) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      requests_.push_back(std::move(request));
      asked_.notify_one();
      return;
    }
  }
  request->refuse(stopped());
}

void Service::Impl::push(Write write) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      writes_.push_back(std::move(write));
      asked_.notify_one();
      return;
    }
  }
  write.done->complete(fail(stopped()));
}

// ---- the service

Result<std::unique_ptr<Service>> Service::start(const std::filesystem::path& path, const Clock& clock,
                                                ServiceOptions options) {
  PERCH_TRY(auto journal, Journal::open(path, clock, options.journal));
  auto impl = std::make_shared<Impl>(path, clock, std::move(options), std::move(journal));
  impl->begin();
  return std::unique_ptr<Service>(new Service(std::move(impl)));
}

Service::Service(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Service::~Service() {
  stop();
}

void Service::stop() {
  impl_->stop();
}

asio::awaitable<Result<std::vector<Reading>>> Service::append(std::vector<Reading> readings) {
  return Impl::write(impl_, std::move(readings), {});
}

asio::awaitable<Result<Batch>> Service::read(Seq after, std::size_t limit) {
  return Impl::call(impl_, [after, limit](Journal& journal) { return journal.read(after, limit); });
}

asio::awaitable<Result<Page>> Service::query(Query query) {
  return Impl::call(impl_, [query = std::move(query)](Journal& journal) { return journal.query(query); });
}

asio::awaitable<Result<Seq>> Service::add_cursor(std::string name, Start start) {
  return Impl::call(impl_,
                    [name = std::move(name), start](Journal& journal) { return journal.add_cursor(name, start); });
}

asio::awaitable<Result<void>> Service::remove_cursor(std::string name) {
  return Impl::call(impl_, [name = std::move(name)](Journal& journal) { return journal.remove_cursor(name); });
}

asio::awaitable<Result<std::vector<std::string>>> Service::keep_cursors(std::set<std::string> names) {
  auto work = [names = std::move(names)](Journal& journal) -> Result<std::vector<std::string>> {
    std::vector<std::string> gone;
    for (const auto& [name, seq] : journal.cursors())
      if (!names.contains(name)) gone.push_back(name);
    for (const std::string& name : gone) PERCH_CHECK(journal.remove_cursor(name));
    return gone;
  };
  return Impl::call(impl_, std::move(work));
}

asio::awaitable<Result<Seq>> Service::cursor(std::string name) {
  return Impl::call(impl_, [name = std::move(name)](Journal& journal) { return journal.cursor(name); });
}

asio::awaitable<Result<Seq>> Service::advance(std::string name, Seq seq) {
  return Impl::advance(impl_, Advance{std::move(name), seq});
}

asio::awaitable<Result<Pruned>> Service::prune(Retention retention) {
  return Impl::prune(impl_, retention);
}

asio::awaitable<Result<void>> Service::renew_id() {
  return Impl::call(impl_, [](Journal& journal) { return journal.renew_id(); });
}

asio::awaitable<Result<Stats>> Service::stats() {
  return Impl::call(impl_, [impl = impl_.get()](Journal& journal) -> Result<Stats> { return impl->stats(journal); });
}

asio::awaitable<Result<void>> Service::wait_beyond(Seq seq) {
  return Impl::wait_beyond(impl_, seq);
}

asio::awaitable<Result<Batch>> Service::next(std::string cursor, std::size_t limit) {
  return Impl::next(impl_, std::move(cursor), limit);
}

Seq Service::last() const {
  return impl_->last();
}

const Opened& Service::opened() const {
  return impl_->opened;
}

}  // namespace perch::journal
