#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "node/eye.hpp"

namespace perch::node {

/// The calls to a V4L2 device, so that what is made of their answers can be tested without one. Return values and
/// `errno` are those of the calls of the system. @thread one at a time
class VideoDevice {
 public:
  virtual ~VideoDevice() = default;
  /// As ioctl(2).
  virtual int control(unsigned long request, void* argument) = 0;
  /// As mmap(2), shared, to read and write; MAP_FAILED when it fails.
  virtual void* map(std::size_t size, std::size_t offset) = 0;
  virtual void unmap(void* start, std::size_t size) = 0;
  /// Whether a picture is there within this time.
  virtual bool waits(int patience_ms) = 0;
};

/// The device of this name, `/dev/video0`. Errors: not_found, denied, io.
Result<std::unique_ptr<VideoDevice>> open_video_device(const std::string& name);

/// Asks for JPEGs in the size that the device is set to, and starts it. Source: the kernel's "Video for Linux API",
/// streaming I/O with memory mapping.
/// @param name  for messages
/// Errors: unsupported (it captures no video, or gives no JPEG), io.
Result<std::unique_ptr<Eye>> eye_of(std::unique_ptr<VideoDevice> device, std::string name);

}  // namespace perch::node
