#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "image/picture.hpp"

namespace perch::video {

/// What carries the packets of a stream.
enum class RtspTransport : std::uint8_t {
  tcp,  ///< within the RTSP connection: nothing is lost
  udp   ///< packets of their own: what is lost on the way shows in the pictures until the next key frame
};

/// Which stream to read, and how.
struct RtspOptions {
  std::string url;             ///< rtsp://…; user and password may stand in it
  std::string user, password;  ///< sent when the camera asks (basic or digest); they come before those of the URL
  RtspTransport transport = RtspTransport::tcp;
  Milliseconds timeout{10'000};  ///< longest wait for a connection, and then for each whole picture
  bool key_frames = false;       ///< decode these alone
};

/// What makes sense of options before anything is connected: the address with user and password in it, as FFmpeg wants
/// them. Errors: invalid (no rtsp address), too_large (user and password). @thread any
Result<std::string> rtsp_address(const RtspOptions& options);

/// Reads the pictures of an RTSP stream: H.264, H.265, JPEG, whatever FFmpeg decodes. One owner; every call blocks, for
/// no longer than the timeout. @thread one
class RtspReader {
 public:
  /// Connects and finds the stream of pictures.
  /// @param stop looked at all the time: once it is true every call returns `canceled` within a tenth of a second (only
  ///             the look-up of a name cannot be cut short). Outlives the reader
  /// Errors: invalid (no rtsp address, no RTSP, no pictures), not_found (the host; 404), denied (401, 403), unsupported
  ///         (a codec or transport), timeout, canceled, io.
  static Result<RtspReader> open(const RtspOptions& options, const std::atomic<bool>& stop);
  ~RtspReader();
  RtspReader(RtspReader&&) noexcept;
  RtspReader& operator=(RtspReader&&) noexcept;

  /// Waits for the next packet and decodes it. Returns whether that made a whole frame; a damaged one is none.
  /// @param wanted somebody waits for a picture. Otherwise only that is decoded which later frames build upon
  /// Errors: timeout (nothing for so long, or no whole picture while one is wanted), canceled, io (the stream has
  /// ended,
  ///         the connection broke).
  Result<bool> read(bool wanted);

  /// The newest whole frame as RGB. @pre `read` has returned true. Errors: unsupported, internal.
  Result<void> convert(image::Picture& out);

 private:
  struct Impl;
  explicit RtspReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace perch::video
