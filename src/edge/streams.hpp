#pragma once
#include <cstddef>
#include <map>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "base/ids.hpp"
#include "net/http_reply.hpp"
#include "pipeline/cameras.hpp"
#include "seam/frame.hpp"

namespace perch::edge {

/// Motion JPEG for people who watch: what a camera sends is passed through as it is, to any number of viewers from the
/// one connection to the camera. A viewer who is slow gets the newest picture and never an old one.
///
/// A source that is a stream hands over every JPEG while somebody watches; of others the frames that come in are shown.
/// Decoded pictures are encoded while somebody watches, one at a time a camera. @thread io
class Streams {
 public:
  /// Everything outlives this; `blocking` runs the encoder.
  Streams(asio::any_io_executor io, asio::any_io_executor blocking, pipeline::Cameras& cameras);
  /// Ends all streams.
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  /// A viewer's answer: `multipart/x-mixed-replace` without end. The viewer counts from when it is sent until the
  /// client goes. It ends when the camera does.
  /// @param first  shown at once, unless there is something newer; may be null
  net::HttpReply open(const CameraId& camera, FramePtr first);

  /// A frame has come in; to be told for every one.
  void on_frame(pipeline::Camera& camera, const FramePtr& frame);
  /// Cameras were added, removed or begun anew: streams go on with the new camera of their name, or end.
  void changed();

  std::size_t viewers() const;
  std::size_t viewers(const CameraId& camera) const;

 private:
  class Channel;
  class Viewer;
  std::shared_ptr<Channel> channel(const CameraId& camera);

  asio::any_io_executor io_;
  asio::any_io_executor blocking_;
  pipeline::Cameras& cameras_;
  std::map<CameraId, std::weak_ptr<Channel>> channels_;  ///< owned by their viewers
};

}  // namespace perch::edge
