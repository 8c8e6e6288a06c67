#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "pipeline/health.hpp"

/// What tests of a camera's health tell: what it answers, second by second, and the changes that this makes.
namespace perch::pipeline {

using namespace std::chrono_literals;

inline const Error kTimeout{Errc::timeout, "no whole answer within 5 s", "http://cam/jpg", ""};
inline const Error kNotFound{Errc::not_found, "answered 404 (not found)", "http://cam/jpg", "check the path"};
inline const Error kHtml{Errc::invalid, "not a JPEG: starts with 3c 68", "http://cam/jpg", ""};

inline constexpr FrameSeen kPlain{};
inline constexpr FrameSeen kSame{.same_bytes = true, .luma = {}, .view_fault = {}};

inline FrameSeen bright(float high) {
  return {.same_bytes = false, .luma = vision::LumaStats{high / 2, 0, high}, .view_fault = {}};
}

/// A camera asked once a second, and the changes of its health.
struct Story {
  HealthConfig config;
  HealthMonitor monitor{config, 0s};
  Nanoseconds now{0};
  std::vector<Health> changes;

  explicit Story(HealthConfig c = {}) : config(c) {}

  void note(const HealthReport& report) {
    if (report.changed) {
      changes.push_back(report.health);
      CHECK(report.since == now);
    }
  }

  /// Asked, and the answer comes after `took`; then the rest of the interval passes.
  void asked(int count, Nanoseconds took, const auto& answer) {
    for (int i = 0; i < count; ++i) {
      const Nanoseconds began = now;
      note(monitor.asked(now));
      now += took;
      note(answer());
      now = std::max(now, began + config.interval);
      note(monitor.tick(now));
    }
  }

  void frames(int count, const FrameSeen& seen = kPlain, Nanoseconds took = 50ms) {
    asked(count, took, [&] { return monitor.frame(seen, now); });
  }

  void failures(int count, const Error& error, Nanoseconds took = 50ms) {
    asked(count, took, [&] { return monitor.failure(error, now); });
  }

  Health health() const { return monitor.report().health; }

  const std::string& reason() const { return monitor.report().reason; }
};

using Changes = std::vector<Health>;

}  // namespace perch::pipeline
