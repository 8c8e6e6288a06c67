#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "edge/metrics_text.hpp"
#include "journal/service.hpp"
#include "pipeline/cameras.hpp"
#include "pipeline/worker.hpp"

namespace perch::edge {

/// The stages of a frame's way that are measured.
enum class Stage : std::uint8_t {
  wait,             ///< from the picture's completion until a worker took it
  gate,             ///< looking for motion
  decode,           ///< the JPEG
  preprocess,       ///< to the models' inputs
  infer,            ///< the models
  decode_findings,  ///< tensors to findings
  analysis,         ///< findings to observations
  observation,      ///< from the picture's completion to its observations on the io thread
  commit            ///< from the picture's completion to its reading on the disk
};
inline constexpr std::array<std::string_view, 9> kStageNames{
    "wait", "gate", "decode", "preprocess", "infer", "decode_findings", "analysis", "observation", "commit"};

/// What is read at the moment of a scrape rather than counted on the way.
struct MetricsState {
  const pipeline::Cameras& cameras;
  std::optional<journal::Stats> journal{};  ///< nothing when it did not answer in time
  std::uint64_t readings_dropped = 0, pictures_dropped = 0;
  bool has_pictures = false;
  std::uint64_t pictures = 0, picture_bytes = 0;
  std::size_t live_clients = 0;
  std::uint64_t live_dropped = 0;
  std::size_t stream_viewers = 0;
  std::size_t http_connections = 0;
};

/// What the daemon counts and measures, for Prometheus. `docs/api.md` lists it. @thread io
class Metrics {
 public:
  explicit Metrics(std::string version);

  /// A frame has been looked at. A stage that it did not go through is not counted.
  /// @param now  monotonic, when the observations arrived
  void looked(const pipeline::Looked& looked, Nanoseconds now);
  /// A reading is on the disk, so long after its picture was complete.
  void committed(Nanoseconds since_stamp);

  /// All of it as Prometheus text, with the process's own figures.
  std::string text(const MetricsState& state) const;

 private:
  void add(Stage stage, Nanoseconds took);

  std::string version_;
  std::array<Histogram, kStageNames.size()> stages_;
};

}  // namespace perch::edge
