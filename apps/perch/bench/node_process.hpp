#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bench/process.hpp"

namespace perch::bench {

/// Simulated cameras in a process of their own: `perch bench nodes`. @thread the one that started it
class NodeProcess {
 public:
  /// @param loops  folders of pictures, each shown over and over, each picture for `every`
  /// Errors: io.
  static Result<NodeProcess> start(const std::vector<std::filesystem::path>& loops, Nanoseconds every);

  /// Adds a camera that looks at loop `number`, modulo their count, with these faults, whose times count from now.
  /// Its port. Errors: invalid (a fault), eof and io (it has ended), timeout.
  Result<std::uint16_t> add(int number, const std::vector<std::string>& faults = {});

  /// Whether it runs.
  bool running() { return child_.running(); }

  Result<ProcessUse> use() const { return child_.use(); }

 private:
  explicit NodeProcess(Child child) : child_(std::move(child)) {}

  Child child_;
};

}  // namespace perch::bench
