#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "seam/frame.hpp"

namespace perch {

namespace net {
class HttpClient;
}

namespace asio = boost::asio;

/// What happens to frames that come faster than they are analysed.
enum class Pace : std::uint8_t {
  live,     ///< a newer frame replaces a waiting one
  lossless  ///< the source waits; nothing is dropped
};

/// What frames carry.
enum class FrameKind : std::uint8_t {
  picture,  ///< a JPEG or PNG as it came, or a decoded picture
  grid,     ///< temperatures
  record    ///< signals
};

/// What a source may use. Everything outlives the source.
struct SourceContext {
  CameraId camera;
  asio::any_io_executor io;        ///< the thread that everything of a source runs on
  asio::any_io_executor blocking;  ///< threads for calls that block: files, FFmpeg; joined before `io` goes
  const Clock* clock = nullptr;
  net::HttpClient* http = nullptr;
  /// What relative paths of the configuration are relative to. Empty: the files are another machine's, the source is
  /// made for its settings to be checked alone, and looks for none of them.
  std::filesystem::path folder;
};

/// One stream of frames. Owned by its camera. @thread io
class Source {
 public:
  virtual ~Source() = default;
  virtual Pace pace() const = 0;

  /// What all of its frames carry; nothing where only they can tell.
  virtual std::optional<FrameKind> gives() const { return std::nullopt; }

  /// How long `next` waits for a whole frame before it fails with `Errc::timeout`. Nothing: as long as it takes, as for
  /// a recording that is replayed at its own pace; then silence does not mean that the camera is gone.
  virtual std::optional<Nanoseconds> timeout() const { return std::nullopt; }

  /// The next frame; its camera and number are set by the caller, its stamp says when it was complete, by
  /// `SourceContext::clock`, whatever time it is in what it shows.
  ///
  /// A source that is asked gives what it sees now: it fetches a picture, or takes the newest of a stream that it reads
  /// all the time (what came before and was not asked for is never converted). A lossless source gives the frame after
  /// the last one. `Errc::eof` ends the source for good; any other error is the camera's to retry, of a lossless
  /// source what is wrong with one frame (invalid, mismatch, too_large) without a wait: the next may be good.
  /// Cancellation of the coroutine ends the wait at once. Never called again before it has returned.
  virtual asio::awaitable<Result<Frame>> next() = 0;

  /// Has every JPEG that comes in, asked for or not, handed to `viewer`, for people who watch; an empty function ends
  /// it. Returns whether this source is such a stream; the frames of another are all there is to watch.
  virtual bool watch(std::function<void(const SharedBytes&)> viewer) {
    static_cast<void>(viewer);
    return false;
  }
};

}  // namespace perch
