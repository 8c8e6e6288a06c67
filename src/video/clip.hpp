#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "image/picture.hpp"

namespace perch::video {

/// What a clip says about itself. Estimates: only reading it to the end gives the truth.
struct ClipInfo {
  image::Size size;                   ///< of the first frame, upright, in square pixels
  double frames_per_s = 0;            ///< 0 when unknown
  std::optional<std::int64_t> count;  ///< frames
  std::optional<double> duration_s;
  std::string codec;  ///< "h264", "mpeg4"
};

/// One frame's place in its clip.
struct ClipFrame {
  std::int64_t index =
      0;           ///< counts all frames of the clip from 0, those that were passed over or are damaged included
  double t_s = 0;  ///< time since the first frame, by its presentation time stamp
};

/// Whether a path has the extension of a clip (mp4, mkv, avi, …), in any case. Does not look at the file.
bool looks_like_clip(const std::filesystem::path& path);

/// Reads a clip's frames in order. Opens local files only. One owner; not for two threads at once.
class ClipReader {
 public:
  ~ClipReader();
  ClipReader(ClipReader&&) noexcept;
  ClipReader& operator=(ClipReader&&) noexcept;

  /// Opens a file and finds its picture stream.
  /// Errors: not_found, denied, io, invalid (no clip, cut short before its index, no picture stream), unsupported
  ///         (a codec that this build lacks). @thread any, blocks
  static Result<ClipReader> open(const std::filesystem::path& path);

  const ClipInfo& info() const;

  /// The next frame that is no earlier than `from_s`, as RGB in `out`, whose memory is reused; upright, where the clip
  /// says how it was held, and with square pixels. Frames before are decoded but not converted, which saves half of
  /// their cost or more. Colours follow the stream's own matrix and range. Where time stamps begin anew, in recordings
  /// put one behind the other, time goes on.
  /// @param stop  once it is true, no further frame is decoded; may be null
  ///
  /// Errors: canceled; eof at the regular end. A clip that is cut short gives the frames that are whole, then invalid,
  /// naming the
  ///         frame it ends in. Frames damaged in the middle are left out; at the end invalid tells how many. After an
  ///         error: the same error again. @thread any, blocks
  Result<ClipFrame> next(image::Picture& out, double from_s = -std::numeric_limits<double>::infinity(),
                         const std::atomic<bool>* stop = nullptr);

 private:
  struct Impl;
  explicit ClipReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace perch::video
