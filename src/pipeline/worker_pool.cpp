#include "pipeline/worker_pool.hpp"

#include "base/assert.hpp"

namespace perch::pipeline {

WorkerPool::WorkerPool(std::size_t workers, const Clock& clock)
    : clock_(clock),
      jobs_(workers + 1),
      stale_(workers, false) {
  PERCH_ASSERT(workers > 0);
  for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this, i] { run(i); });
}

WorkerPool::~WorkerPool() {
  jobs_.close();
}

void WorkerPool::submit(Job job) {
  jobs_.push(std::move(job));
}

void WorkerPool::keep_only(std::set<const model::Model*> models) {
  const std::lock_guard lock(mutex_);
  kept_ = std::move(models);
  stale_.assign(stale_.size(), true);
}

void WorkerPool::run(std::size_t index) {
  Worker worker(clock_);
  while (std::optional<Job> job = jobs_.pop()) {
    {
      const std::lock_guard lock(mutex_);
      if (stale_[index]) worker.keep_only(kept_);
      stale_[index] = false;
    }
    (*job)(worker);
  }
}

}  // namespace perch::pipeline
