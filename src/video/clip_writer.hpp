#pragma once
#include <filesystem>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "image/picture.hpp"

namespace perch::video {

/// Writes JPEGs, as they are, into an AVI that every player knows (motion JPEG). One owner; not for two threads at
/// once.
class ClipWriter {
 public:
  ~ClipWriter();
  ClipWriter(ClipWriter&&) noexcept;
  ClipWriter& operator=(ClipWriter&&) noexcept;

  /// Begins a file; one that is there is replaced.
  /// @param frames_per_s  1 to 240, at which it plays
  /// Errors: io, internal. @thread any, blocks
  static Result<ClipWriter> create(const std::filesystem::path& path, image::Size size, int frames_per_s);

  /// Appends a frame. @pre a JPEG of the clip's size. Errors: io. @thread any, blocks
  Result<void> add(ByteView jpeg);

  /// Writes the index; without it the file does not play to its end. Nothing may be added afterwards. Errors: io.
  Result<void> finish();

 private:
  struct Impl;
  explicit ClipWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace perch::video
