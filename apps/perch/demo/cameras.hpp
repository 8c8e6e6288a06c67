#pragma once
#include <memory>
#include <string>
#include <vector>

#include "demo/places.hpp"

namespace perch::cli {

/// The demo's cameras: nodes on loopback, each with its own port, announced within this machine. They live on a thread
/// of their own, and one more draws what each of them sees. @thread one
class DemoCameras {
 public:
  /// @param type  DNS-SD: what they announce themselves as
  /// Errors: not_found (loopback is down), those of `scene_eye` and `node::Node::create`. Blocks.
  static Result<DemoCameras> start(const std::vector<Place>& places, const std::string& type);

  DemoCameras(DemoCameras&&) noexcept;
  DemoCameras& operator=(DemoCameras&&) noexcept;
  /// Says goodbye for each, and ends the threads.
  ~DemoCameras();

 private:
  struct Impl;
  explicit DemoCameras(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace perch::cli
