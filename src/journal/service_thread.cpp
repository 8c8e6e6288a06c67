// What the service does on the journal's own thread.
#include <algorithm>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "journal/service_impl.hpp"

namespace perch::journal {

namespace {

/// Full again and again within one write: something else eats what is given up.
constexpr int kMostRounds = 16;

/// The mistakes of one write, which the others of its group must not pay for.
bool is_its_own_fault(const Error& error) {
  return error.code == Errc::too_large || error.code == Errc::invalid;
}

}  // namespace

Service::Impl::Impl(std::filesystem::path path, const Clock& clock, ServiceOptions options,
                    std::unique_ptr<Journal> journal)
    : opened(journal->opened()),
      path_(std::move(path)),
      clock_(clock),
      options_(std::move(options)),
      last_(journal->last()),
      journal_(std::move(journal)) {}

void Service::Impl::begin() {
  thread_ = std::thread([this] { work(); });
}

void Service::Impl::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    asked_.notify_one();
  }
  stopped_ = true;
  thread_.join();
  room_->notify();
  committed_->notify();
}

void Service::Impl::work() {
  if (!opened.set_aside.empty()) report(Event::Kind::damaged, opened.damage);
  for (;;) {
    std::vector<Write> writes;
    std::vector<std::unique_ptr<Request>> requests;
    {
      std::unique_lock lock(mutex_);
      asked_.wait(lock, [&] { return closed_ || !writes_.empty() || !requests_.empty(); });
      if (writes_.empty() && requests_.empty()) break;
      writes.swap(writes_);
      requests.swap(requests_);
      queued_ = 0;
    }
    room_->notify();
    if (!journal_) reopen();
    if (!writes.empty()) run_writes(std::move(writes));
    for (const auto& request : requests) {
      if (!journal_) {
        request->refuse(no_journal_);
        continue;
      }
      request->run(*journal_);
      replace_if_damaged();
    }
    if (lost_ > 0 && journal_) write_lost_reading();
  }
  journal_.reset();
}

void Service::Impl::run_writes(std::vector<Write> writes) {
  if (!journal_) {
    for (Write& write : writes) write.done->complete(fail(no_journal_));
    return;
  }
  // A cursor that cannot be moved is refused by itself.
  std::erase_if(writes, [&](Write& write) {
    for (const Advance& to : write.advances) {
      if (auto at = journal_->cursor(to.cursor); !at) {
        write.done->complete(fail(std::move(at).error()));
        return true;
      }
      if (to.seq > journal_->last()) {
        write.done->complete(fail(Errc::invalid, fmt::format("cursor '{}' cannot stand at {}", to.cursor, to.seq)));
        return true;
      }
    }
    return false;
  });
  if (!writes.empty()) run_together(writes);
  publish();
}

/// Writes all in one transaction; one by one when one of them is at fault.
void Service::Impl::run_together(std::vector<Write>& writes) {
  std::vector<Reading> readings;
  std::vector<Advance> advances;
  for (Write& write : writes) {
    std::ranges::move(write.readings, std::back_inserter(readings));
    std::ranges::copy(write.advances, std::back_inserter(advances));
  }
  const std::uint64_t generation = generation_;
  const auto attempt = [&] { return write_or_make_room(readings, advances); };
  Result<Seq> written = without_throwing(attempt);
  if (!written && journal_ && generation_ != generation) {  // a fresh journal took the damaged one's place
    advances.clear();
    written = without_throwing(attempt);
  }
  auto from = readings.begin();
  for (Write& write : writes) {
    const auto to = from + static_cast<std::ptrdiff_t>(write.readings.size());
    std::move(from, to, write.readings.begin());
    from = to;
  }
  if (!written && writes.size() > 1 && is_its_own_fault(written.error())) {
    for (Write& write : writes) {
      std::vector<Write> alone;
      alone.push_back(std::move(write));
      run_together(alone);
    }
    return;
  }
  for (Write& write : writes) {
    if (written)
      write.done->complete(std::move(write.readings));
    else
      write.done->complete(fail(written.error()));
  }
}

Result<Seq> Service::Impl::write_or_make_room(std::span<Reading> readings, std::span<const Advance> advances) {
  for (int round = 0;; ++round) {
    if (!journal_) return fail(no_journal_);  // it broke, and no other could be begun yet
    Result<Seq> written = journal_->write(readings, advances);
    if (written) {
      last_ = *written;
      written_ += readings.size();
      ++transactions_;
      guard_.recovered();
      if (full_) report(Event::Kind::space_again, "there is room to write again");
      full_ = false;
      return written;
    }
    replace_if_damaged();
    if (!journal_) continue;
    if (written.error().code != Errc::full) return written;
    if (!full_) report(Event::Kind::full, written.error().message());
    full_ = true;
    std::uint64_t freed = 0;
    while (freed == 0 && round < kMostRounds && guard_.next() != DiskGuard::Step::nothing) {
      freed = make_room(guard_.next()).value_or(0);
      guard_.freed(freed);
    }
    if (freed == 0) {
      guard_.recovered();  // the next write tries everything again
      return written;
    }
  }
}

/// Gives something up; returns how much, in what the step counts.
Result<std::uint64_t> Service::Impl::make_room(DiskGuard::Step step) {
  if (step == DiskGuard::Step::pictures)
    return options_.free_pictures ? options_.free_pictures(options_.free_at_once) : 0;
  PERCH_TRY(const Pruned pruned, journal_->release(options_.free_at_once, step == DiskGuard::Step::oldest));
  note_lost(pruned.lost);
  return pruned.delivered + pruned.lost;
}

void Service::Impl::note_lost(std::uint64_t lost) {
  if (lost == 0) return;
  lost_ += lost;
  report(Event::Kind::lost, fmt::format("{} readings were deleted before they were delivered", lost), lost);
}

void Service::Impl::write_lost_reading() {
  if (!options_.lost_reading) {
    lost_ = 0;
    return;
  }
  const auto append = [&]() -> Result<Seq> {
    Reading reading = options_.lost_reading(lost_);
    return journal_->append({&reading, 1});
  };
  if (!without_throwing(append)) return;  // later, with what is lost until then
  lost_ = 0;
  ++written_;
  ++transactions_;
  publish();
}

void Service::Impl::replace_if_damaged() {
  if (!journal_ || !journal_->damaged()) return;
  cursors_.clear();
  for (const auto& [name, seq] : journal_->cursors()) cursors_.push_back(name);
  journal_.reset();
  broken_ = true;
  reopen();
}

/// Sets the damaged file aside and begins a fresh journal with the same cursors. What fails is tried again by and by.
void Service::Impl::reopen() {
  const auto begin_fresh = [&]() -> Result<std::unique_ptr<Journal>> {
    if (broken_) {
      PERCH_TRY(const auto aside, Journal::set_aside(path_, clock_.now()));
      broken_ = false;
      report(Event::Kind::damaged,
             fmt::format("the journal is damaged; it is kept as {}, and a new one begun", aside.string()));
    }
    PERCH_TRY(auto fresh, Journal::open(path_, clock_, options_.journal));
    for (const std::string& name : cursors_) PERCH_CHECK(fresh->add_cursor(name, Start::oldest));
    return fresh;
  };
  auto fresh = without_throwing(begin_fresh);
  if (!fresh) {
    no_journal_ = std::move(fresh).error();
    // Who asked is not at fault: what it asked for is to be tried again.
    if (is_its_own_fault(no_journal_)) no_journal_.code = Errc::io;
    return;
  }
  journal_ = std::move(*fresh);
  ++generation_;
  last_ = journal_->last();
  committed_->notify();
}

void Service::Impl::publish() {
  if (!journal_) return;
  last_ = journal_->last();
  committed_->notify();
}

Stats Service::Impl::stats(Journal& journal) {
  Stats stats{journal.id(), journal.last(), written_, transactions_, 0, journal.disk_bytes().value_or(0), {}};
  for (const auto& [name, seq] : journal.cursors()) stats.lag.emplace(name, journal.lag(name).value_or(0));
  const std::lock_guard lock(mutex_);
  stats.queued = queued_;
  return stats;
}

void Service::Impl::report(Event::Kind kind, const std::string& text, std::uint64_t readings) const {
  if (!options_.on_event) return;
  const auto tell = [&]() -> Result<void> {
    options_.on_event({kind, text, readings});
    return {};
  };
  if (const Result<void> told = without_throwing(tell); !told)
    log::error("of the journal could not be told: {}: {}", text, told.error().message());
}

}  // namespace perch::journal
