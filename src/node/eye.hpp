#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "image/picture.hpp"
#include "seam/frame.hpp"

namespace perch::node {

/// What an eye sees at one moment.
struct Sight {
  image::Picture picture;  ///< RGB or grey
  SharedBytes jpeg;        ///< the picture as it came, if it came as one; else empty
  ThermalGrid grid;        ///< what the picture is drawn from, if the camera is a thermal one; else without rows
  std::string truth;       ///< JSON; empty when it is not known
  int quality = 85;        ///< of the JPEG that is made of it
};

/// What a simulated camera looks at.
class Eye {
 public:
  virtual ~Eye() = default;
  /// @param t_s  seconds since the camera was started; never goes back
  /// @param out  reused between calls
  /// Errors: those of what it looks at; a later look may succeed. @thread one at a time, blocks
  virtual Result<void> look(double t_s, Sight& out) = 0;

  /// Looks, a period apart, after which all comes again as it was; 0: it never does. @thread any
  virtual int loop_length() const { return 0; }
};

/// The pictures of a folder, in the order of their names, each for a period, over and over.
/// Errors: not_found (no such folder, or no JPEG or PNG in it).
Result<std::unique_ptr<Eye>> folder_eye(const std::filesystem::path& folder, double period_s);

/// A clip, at its own pace, over and over. Errors: those of `video::ClipReader::open`.
Result<std::unique_ptr<Eye>> clip_eye(const std::filesystem::path& file);

/// A camera of this machine, `/dev/video0`, as JPEG. Errors: not_found, denied, io, unsupported (it gives no JPEG).
Result<std::unique_ptr<Eye>> v4l2_eye(const std::string& device);

}  // namespace perch::node
