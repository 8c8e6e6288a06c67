#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "bench/edge_process.hpp"
#include "bench/process.hpp"

namespace perch::bench {

/// A folder of its own below the system's temporary folder, removed with everything in it.
class Workplace {
 public:
  /// Errors: io.
  static Result<Workplace> make();

  Workplace(Workplace&& other) noexcept : path_(std::exchange(other.path_, {})) {}

  Workplace& operator=(Workplace&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }

  ~Workplace();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit Workplace(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

/// The cameras' process: `perch bench camera-server`.
class CameraProcess {
 public:
  /// Keeps the pictures in `folder` for it, and starts it. Errors: io, timeout.
  static Result<CameraProcess> start(const std::vector<Bytes>& views, int each, const std::filesystem::path& folder);

  std::uint16_t port() const { return port_; }

  /// Delays every answer until `go`. Errors: io.
  Result<void> hold() { return tell("hold"); }

  Result<void> go() { return tell("go"); }

  Result<ProcessUse> use() const { return child_.use(); }

 private:
  CameraProcess(Child child, std::uint16_t port) : child_(std::move(child)), port_(port) {}

  Result<void> tell(std::string_view command);

  Child child_;
  std::uint16_t port_ = 0;
};

/// As a configuration or a command takes it, to the millisecond. @thread any
std::string ms_text(Seconds time);

/// Waits, a second at a time, and lets whoever watches end it.
class Patience {
 public:
  /// @param tick  called about once a second; false ends it all
  explicit Patience(std::function<bool()> tick) : tick_(std::move(tick)) {}

  /// Errors: canceled.
  Result<void> wait(Seconds time);
  /// For what took this long elsewhere.
  Result<void> spent(Seconds time);

 private:
  std::function<bool()> tick_;
  Seconds untold_{0};
};

}  // namespace perch::bench
