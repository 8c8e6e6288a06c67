#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace perch::cli {

/// Runs jobs on several threads and hands out their results in the order of the jobs.
///
/// `produce()` gives the next job or nothing at the end, on a thread of its own; `work(worker, job)` turns it into a
/// result, on thread `worker` of `workers`; `emit(result)` runs on the calling thread and returns whether to go on. At
/// most `ahead` jobs are produced but not emitted, so memory stays bounded however slow one job is. Returns after all
/// threads have ended.
template <class Job, class Produce, class Work, class Emit>
void run_ordered(std::size_t workers, std::size_t ahead, Produce produce, Work work, Emit emit) {
  using Done = decltype(work(std::size_t{0}, std::declval<Job>()));
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::pair<std::size_t, Job>> waiting;
  std::map<std::size_t, Done> done;
  std::size_t produced = 0, emitted = 0;
  bool all_produced = false, stop = false;

  std::vector<std::jthread> threads;
  threads.emplace_back([&] {
    for (;;) {
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return stop || produced - emitted < ahead; });
        if (stop) break;
      }
      std::optional<Job> job = produce();
      const std::lock_guard lock(mutex);
      if (!job) break;
      waiting.emplace_back(produced++, std::move(*job));
      changed.notify_all();
    }
    const std::lock_guard lock(mutex);
    all_produced = true;
    changed.notify_all();
  });
  for (std::size_t worker = 0; worker < workers; ++worker) {
    threads.emplace_back([&, worker] {
      for (;;) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return stop || !waiting.empty() || all_produced; });
        if (stop || waiting.empty()) return;
        auto [index, job] = std::move(waiting.front());
        waiting.pop_front();
        lock.unlock();
        Done result = work(worker, std::move(job));
        lock.lock();
        done.emplace(index, std::move(result));
        changed.notify_all();
      }
    });
  }

  for (;;) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done.contains(emitted) || (all_produced && emitted == produced); });
    const auto next = done.find(emitted);
    if (next == done.end()) return;
    Done result = std::move(next->second);
    done.erase(next);
    lock.unlock();
    const bool go_on = emit(std::move(result));
    lock.lock();
    ++emitted;
    stop = stop || !go_on;
    changed.notify_all();
    if (stop) return;
  }
}

}  // namespace perch::cli
