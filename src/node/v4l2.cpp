// A camera of this machine, by ioctl. Source: the kernel's "Video for Linux API", streaming I/O with memory mapping.
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "image/codec.hpp"
#include "node/eye.hpp"

namespace perch::node {

namespace {

constexpr unsigned kBuffers = 4;
constexpr int kPatience_ms = 5000;

/// Repeats a call that a signal has interrupted.
int control(int fd, unsigned long request, void* argument) {
  for (;;) {
    const int result = ::ioctl(fd, request, argument);
    if (result != -1 || errno != EINTR) return result;
  }
}

std::string last_error() {
  return std::error_code(errno, std::generic_category()).message();
}

struct Mapping {
  void* start = MAP_FAILED;
  std::size_t size = 0;
};

class V4l2Eye final : public Eye {
 public:
  V4l2Eye(int fd, std::string device) : fd_(fd), device_(std::move(device)) {}

  ~V4l2Eye() override {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (streaming_) control(fd_, VIDIOC_STREAMOFF, &type);
    for (const Mapping& mapping : mappings_)
      if (mapping.start != MAP_FAILED) ::munmap(mapping.start, mapping.size);
    ::close(fd_);
  }

  V4l2Eye(const V4l2Eye&) = delete;
  V4l2Eye& operator=(const V4l2Eye&) = delete;

  Result<void> start() {
    v4l2_format format{};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (control(fd_, VIDIOC_G_FMT, &format) < 0)
      return fail(Errc::unsupported, "is no camera: " + last_error(), device_, "name a device that captures video");
    format.fmt.pix.pixelformat = V4L2_PIX_FMT_MJPEG;
    if (control(fd_, VIDIOC_S_FMT, &format) < 0) return fail(Errc::io, "cannot be set up: " + last_error(), device_);
    const unsigned got = format.fmt.pix.pixelformat;
    if (got != V4L2_PIX_FMT_MJPEG && got != V4L2_PIX_FMT_JPEG)
      return fail(Errc::unsupported, "gives no JPEG", device_, "use a camera that can");
    v4l2_requestbuffers wanted{};
    wanted.count = kBuffers;
    wanted.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    wanted.memory = V4L2_MEMORY_MMAP;
    if (control(fd_, VIDIOC_REQBUFS, &wanted) < 0) return fail(Errc::io, "gives no memory: " + last_error(), device_);
    for (unsigned i = 0; i < std::min(wanted.count, kBuffers); ++i) PERCH_CHECK(map(i));
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (control(fd_, VIDIOC_STREAMON, &type) < 0) return fail(Errc::io, "does not start: " + last_error(), device_);
    streaming_ = true;
    return {};
  }

  Result<void> look(double /*t_s*/, Sight& out) override {
    std::optional<Bytes> newest;
    while (!newest || waits(0)) {  // what was taken while nobody looked is old
      if (!newest && !waits(kPatience_ms)) return fail(Errc::timeout, "gives no picture", device_);
      v4l2_buffer buffer = buffer_of(0);
      if (control(fd_, VIDIOC_DQBUF, &buffer) < 0) return fail(Errc::io, "gives no picture: " + last_error(), device_);
      const Mapping& mapping = mappings_[buffer.index % kBuffers];
      const auto* bytes = static_cast<const std::uint8_t*>(mapping.start);
      newest = Bytes(bytes, bytes + std::min<std::size_t>(buffer.bytesused, mapping.size));
      if (control(fd_, VIDIOC_QBUF, &buffer) < 0) return fail(Errc::io, "takes no memory: " + last_error(), device_);
    }
    PERCH_CHECK(decoder_.decode(*newest, out.picture));
    out.jpeg = SharedBytes(std::move(*newest));
    return {};
  }

 private:
  static v4l2_buffer buffer_of(unsigned index) {
    v4l2_buffer buffer{};
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    buffer.index = index;
    return buffer;
  }

  Result<void> map(unsigned index) {
    v4l2_buffer buffer = buffer_of(index);
    if (control(fd_, VIDIOC_QUERYBUF, &buffer) < 0) return fail(Errc::io, "gives no memory: " + last_error(), device_);
    Mapping& mapping = mappings_[index];
    mapping.size = buffer.length;
    mapping.start = ::mmap(nullptr, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, buffer.m.offset);
    if (mapping.start == MAP_FAILED || control(fd_, VIDIOC_QBUF, &buffer) < 0)
      return fail(Errc::io, "gives no memory: " + last_error(), device_);
    return {};
  }

  bool waits(int patience_ms) const {
    pollfd ready{fd_, POLLIN, 0};
    return ::poll(&ready, 1, patience_ms) > 0;
  }

  int fd_;
  std::string device_;
  std::array<Mapping, kBuffers> mappings_;
  bool streaming_ = false;
  image::PictureDecoder decoder_;
};

}  // namespace

Result<std::unique_ptr<Eye>> v4l2_eye(const std::string& device) {
  const int fd = ::open(device.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const Errc code = errno == ENOENT ? Errc::not_found : errno == EACCES ? Errc::denied : Errc::io;
    return fail(code, "cannot be opened: " + last_error(), device);
  }
  auto eye = std::make_unique<V4l2Eye>(fd, device);
  PERCH_CHECK(eye->start());
  return eye;
}

}  // namespace perch::node
