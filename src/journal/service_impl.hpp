#pragma once
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/thrown.hpp"
#include "journal/disk_guard.hpp"
#include "journal/notifier.hpp"
#include "journal/service.hpp"

namespace perch::journal {

/// Where a result goes: back to the executor of the coroutine that asked.
template <class T>
class Completion {
 public:
  virtual ~Completion() = default;
  virtual void complete(Result<T> result) = 0;
};

template <class T, class Handler>
class HandlerCompletion final : public Completion<T> {
 public:
  explicit HandlerCompletion(Handler handler)
      : handler_(std::move(handler)),
        work_(asio::get_associated_executor(handler_)) {}

  void complete(Result<T> result) override {
    asio::post(work_.get_executor(), [handler = std::move(handler_), result = std::move(result)]() mutable {
      std::move(handler)(std::move(result));
    });
    work_.reset();
  }

 private:
  Handler handler_;
  asio::executor_work_guard<asio::associated_executor_t<Handler>> work_;
};

/// Something that the journal's thread is asked to do.
class Request {
 public:
  virtual ~Request() = default;
  virtual void run(Journal& journal) = 0;
  virtual void refuse(const Error& error) = 0;
};

/// A call with the journal, other than writing.
template <class T, class F>
class Call final : public Request {
 public:
  Call(F work, std::unique_ptr<Completion<T>> done) : work_(std::move(work)), done_(std::move(done)) {}

  void run(Journal& journal) override {
    done_->complete(without_throwing([&] { return work_(journal); }));
  }

  void refuse(const Error& error) override { done_->complete(tl::unexpected<Error>(error)); }

 private:
  F work_;
  std::unique_ptr<Completion<T>> done_;
};

/// Readings to write or a cursor to move: done together with the others that wait.
struct Write {
  std::vector<Reading> readings;
  std::vector<Advance> advances;
  std::unique_ptr<Completion<std::vector<Reading>>> done;
};

/// What the service's coroutines and its thread share. What is thrown on the thread, by SQLite's memory running out or
/// by what the options call, is an error of who asked: nobody could catch it there. Coroutines hold it, so it outlives
/// the service if they do.
class Service::Impl {
 public:
  Impl(std::filesystem::path path, const Clock& clock, ServiceOptions options, std::unique_ptr<Journal> journal);

  void begin();
  void stop();

  /// Waits for room for `weight` readings and takes it.
  static asio::awaitable<Result<void>> enter(std::shared_ptr<Impl> self, std::size_t weight);
  static asio::awaitable<Result<std::vector<Reading>>> write(std::shared_ptr<Impl> self, std::vector<Reading> readings,
                                                             std::vector<Advance> advances);
  static asio::awaitable<Result<void>> wait_beyond(std::shared_ptr<Impl> self, Seq seq);
  static asio::awaitable<Result<Batch>> next(std::shared_ptr<Impl> self, std::string cursor, std::size_t limit);
  static asio::awaitable<Result<Pruned>> prune(std::shared_ptr<Impl> self, Retention retention);
  static asio::awaitable<Result<Seq>> advance(std::shared_ptr<Impl> self, Advance to);

  /// Runs `work(journal)` on the journal's thread. `F` owns all that it uses and returns a Result.
  template <class F>
  static asio::awaitable<std::invoke_result_t<F, Journal&>> call(std::shared_ptr<Impl> self, F work) {
    using T = typename std::invoke_result_t<F, Journal&>::value_type;
    Result<void> entered = co_await enter(self, 1);
    if (!entered) co_return fail(std::move(entered).error());
    auto start = [self, work = std::move(work)](auto handler) mutable {
      using Handler = std::decay_t<decltype(handler)>;
      auto done = std::make_unique<HandlerCompletion<T, Handler>>(std::move(handler));
      self->push(std::make_unique<Call<T, F>>(std::move(work), std::move(done)));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(std::move(start),
                                                                                            asio::use_awaitable);
  }

  Seq last() const { return last_.load(); }

  Stats stats(Journal& journal);

  const Opened opened;

 private:
  void push(std::unique_ptr<Request> request);
  void push(Write write);
  bool enter_now(std::size_t weight);

  // On the journal's thread:
  void work();
  void run_writes(std::vector<Write> writes);
  void run_together(std::vector<Write>& writes);
  Result<Seq> write_or_make_room(std::span<Reading> readings, std::span<const Advance> advances);
  Result<std::uint64_t> make_room(DiskGuard::Step step);
  void note_lost(std::uint64_t lost);
  void write_lost_reading();
  void replace_if_damaged();
  void reopen();
  void publish();
  void report(Event::Kind kind, const std::string& text, std::uint64_t readings = 0) const;

  const std::filesystem::path path_;
  const Clock& clock_;
  const ServiceOptions options_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable asked_;
  std::vector<std::unique_ptr<Request>> requests_;
  std::vector<Write> writes_;
  std::size_t queued_ = 0;
  bool closed_ = false;

  const std::shared_ptr<Notifier> room_ = std::make_shared<Notifier>();
  const std::shared_ptr<Notifier> committed_ = std::make_shared<Notifier>();
  std::atomic<Seq> last_ = 0;
  std::atomic<std::uint64_t> generation_ = 0;  ///< counts the journals that took another's place
  std::atomic<bool> stopped_ = false;

  // Of the thread:
  std::unique_ptr<Journal> journal_;  ///< nothing while it cannot be opened: `no_journal_` says why
  Error no_journal_;
  bool broken_ = false;               ///< the file has yet to be set aside
  std::vector<std::string> cursors_;  ///< that a fresh journal is to have
  DiskGuard guard_;
  bool full_ = false;
  std::uint64_t lost_ = 0;  ///< readings that were lost and that no reading tells of yet
  std::uint64_t written_ = 0;
  std::uint64_t transactions_ = 0;
  std::thread thread_;
};

}  // namespace perch::journal
