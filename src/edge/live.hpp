#pragma once
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.hpp"
#include "base/json_text.hpp"
#include "edge/api_device.hpp"
#include "edge/camera_info.hpp"
#include "net/web_socket_hub.hpp"
#include "pipeline/health.hpp"
#include "pipeline/worker.hpp"
#include "seam/sink.hpp"

namespace perch::edge {

/// The latest of one camera.
struct Latest {
  FramePtr frame;  ///< the latest that could be read, whose findings the observations are; null before the first
  pipeline::Looked
      looked;            ///< at the latest frame, whether it could be read or not; `looked.frame` null before the first
  Nanoseconds total{0};  ///< from that frame's completion to its observations
  pipeline::HealthReport health;
  std::optional<UtcTime> health_since;  ///< by the wall clock when it was told; nothing before
};

/// What people see as it happens: holds the latest of each camera, and tells it to everyone on `/api/live` as the JSON
/// messages of `docs/api.md`. Nothing is written as JSON while nobody listens. @thread io
class Live {
 public:
  /// So much may wait for a client: about a second of two hundred cameras.
  static net::WebSocketLimits limits();

  /// Everything referred to outlives this. `cameras` are those at work: a camera is entered before anything about it is
  /// told here.
  Live(asio::any_io_executor io, const Clock& clock, const DeviceInfo& device, const CameraInfos& cameras,
       const net::WebSocketLimits& limits = Live::limits());
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  /// The clients, for `HttpServer::web_socket`. Servers are stopped before this goes.
  const std::shared_ptr<net::WebSocketHub>& hub() const { return hub_; }

  /// A frame was looked at.
  void looked(const CameraInfo& camera, const pipeline::Looked& looked);
  void health(const CameraInfo& camera, const pipeline::HealthReport& report);
  /// Readings are on the disk, each so long after its picture was complete.
  void committed(std::span<const Reading> readings, std::span<const Nanoseconds> took);
  /// A camera is gone, or begins anew with other tasks: forgets all about it.
  void removed(const CameraId& camera);
  /// The configuration has changed, or a change of it was refused: clients ask anew for what there is.
  void changed();

  /// Null when nothing is known of the camera. Valid until the next call.
  const Latest* latest(const CameraId& camera) const;

  /// Writes `{"health", "reason", "since"}` as a value; a camera of which nothing was told is connecting.
  void write_health(json::Writer& w, const CameraId& camera) const;
  /// Writes the observation of a task at the latest frame as a value, in the form of its message; null before the
  /// first.
  /// @param task  its place among the camera's tasks
  void write_latest(json::Writer& w, const CameraInfo& camera, std::size_t task) const;

 private:
  void welcome(net::WebSocketClient client) const;
  void write_report(json::Writer& w, const Latest& latest) const;
  UtcTime wall_time(Nanoseconds monotonic) const;
  void broadcast(const json::Writer& w) const;

  const Clock& clock_;
  const DeviceInfo& device_;
  const CameraInfos& cameras_;
  std::map<CameraId, Latest> latest_;
  std::shared_ptr<net::WebSocketHub> hub_;
};

}  // namespace perch::edge
