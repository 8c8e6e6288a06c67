#pragma once
#include <cstddef>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "base/bounded_queue.hpp"
#include "base/clock.hpp"
#include "model/model.hpp"
#include "pipeline/worker.hpp"

namespace perch::pipeline {

/// The threads that look at frames, each with a `Worker` of its own. ONNX Runtime uses one thread a worker, so as many
/// workers as cores keep a machine busy.
class WorkerPool {
 public:
  /// Throws nothing: a job that ended half-way would keep its camera's state, and nobody would know. What libraries
  /// throw ends in `Worker::look`.
  using Job = std::function<void(Worker&)>;

  /// @param workers  how many threads; at least 1
  WorkerPool(std::size_t workers, const Clock& clock);
  /// Finishes the jobs that were given and joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// How many workers there are.
  std::size_t size() const { return threads_.size(); }

  /// How many jobs the dispatcher should have given at once: one a worker, and one waiting, so that no worker idles
  /// while the dispatcher learns that it is free.
  std::size_t wanted() const { return threads_.size() + 1; }

  /// Gives a job to the next free worker. Waits only when more than `wanted()` jobs are under way. @thread any
  void submit(Job job);

  /// From their next job on the workers hold no memory for models but these. @thread any
  void keep_only(std::set<const model::Model*> models);

 private:
  void run(std::size_t index);

  const Clock& clock_;
  BoundedQueue<Job> jobs_;
  std::mutex mutex_;
  std::set<const model::Model*> kept_;
  std::vector<bool> stale_;  ///< workers that have yet to let go of models
  std::vector<std::jthread> threads_;
};

}  // namespace perch::pipeline
