// A camera of this machine, by ioctl. Source: the kernel's "Video for Linux API", streaming I/O with memory mapping.
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.hpp"
#include "image/codec.hpp"
#include "node/eye.hpp"
#include "node/video_device.hpp"

namespace perch::node {

namespace {

constexpr unsigned kBuffers = 4;
constexpr int kPatience_ms = 5000;

std::string last_error() {
  return std::error_code(errno, std::generic_category()).message();
}

class SystemDevice final : public VideoDevice {
 public:
  explicit SystemDevice(int fd) : fd_(fd) {}

  ~SystemDevice() override { ::close(fd_); }

  SystemDevice(const SystemDevice&) = delete;
  SystemDevice& operator=(const SystemDevice&) = delete;

  int control(unsigned long request, void* argument) override { return ::ioctl(fd_, request, argument); }

  void* map(std::size_t size, std::size_t offset) override {
    return ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, static_cast<off_t>(offset));
  }

  void unmap(void* start, std::size_t size) override { ::munmap(start, size); }

  bool waits(int patience_ms) override {
    pollfd ready{fd_, POLLIN, 0};
    return ::poll(&ready, 1, patience_ms) > 0;
  }

 private:
  int fd_;
};

struct Mapping {
  void* start = MAP_FAILED;
  std::size_t size = 0;
};

class V4l2Eye final : public Eye {
 public:
  V4l2Eye(std::unique_ptr<VideoDevice> device, std::string name) : device_(std::move(device)), name_(std::move(name)) {}

  ~V4l2Eye() override {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (streaming_) control(VIDIOC_STREAMOFF, &type);
    for (const Mapping& mapping : mappings_)
      if (mapping.start != MAP_FAILED) device_->unmap(mapping.start, mapping.size);
  }

  V4l2Eye(const V4l2Eye&) = delete;
  V4l2Eye& operator=(const V4l2Eye&) = delete;

  Result<void> start() {
    PERCH_CHECK(ask_for_jpeg());
    v4l2_requestbuffers wanted{};
    wanted.count = kBuffers;
    wanted.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    wanted.memory = V4L2_MEMORY_MMAP;
    if (control(VIDIOC_REQBUFS, &wanted) < 0) return trouble("gives no memory");
    if (wanted.count == 0) return fail(Errc::io, "gives no memory", name_);
    for (unsigned i = 0; i < std::min(wanted.count, kBuffers); ++i) PERCH_CHECK(map(i));
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (control(VIDIOC_STREAMON, &type) < 0) return trouble("does not start");
    streaming_ = true;
    return {};
  }

  Result<void> look(double /*t_s*/, Sight& out) override {
    std::optional<Bytes> newest;
    while (!newest || device_->waits(0)) {  // what was taken while nobody looked is old
      if (!newest && !device_->waits(kPatience_ms)) return fail(Errc::timeout, "gives no picture", name_);
      v4l2_buffer buffer = buffer_of(0);
      if (control(VIDIOC_DQBUF, &buffer) < 0) return trouble("gives no picture");
      const Mapping& mapping = mappings_[buffer.index % kBuffers];
      if (mapping.start == MAP_FAILED) return fail(Errc::io, "gives a picture in memory that is not there", name_);
      const auto* bytes = static_cast<const std::uint8_t*>(mapping.start);
      newest = Bytes(bytes, bytes + std::min<std::size_t>(buffer.bytesused, mapping.size));
      if (control(VIDIOC_QBUF, &buffer) < 0) return trouble("takes no memory");
    }
    PERCH_CHECK(decoder_.decode(*newest, out.picture));
    out.jpeg = SharedBytes(std::move(*newest));
    return {};
  }

 private:
  /// Repeats a call that a signal has interrupted.
  int control(unsigned long request, void* argument) {
    for (;;) {
      const int result = device_->control(request, argument);
      if (result != -1 || errno != EINTR) return result;
    }
  }

  tl::unexpected<Error> trouble(std::string_view what) const {
    return fail(Errc::io, std::string(what) + ": " + last_error(), name_);
  }

  /// Of what it offers; a device may answer with another format than it was asked for.
  Result<void> ask_for_jpeg() {
    v4l2_format format{};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (control(VIDIOC_G_FMT, &format) < 0)
      return fail(Errc::unsupported, "is no camera: " + last_error(), name_, "name a device that captures video");
    for (const unsigned jpeg : {V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_JPEG}) {
      format.fmt.pix.pixelformat = jpeg;
      if (control(VIDIOC_S_FMT, &format) < 0) return trouble("cannot be set up");
      if (format.fmt.pix.pixelformat == V4L2_PIX_FMT_MJPEG || format.fmt.pix.pixelformat == V4L2_PIX_FMT_JPEG)
        return {};
    }
    return fail(Errc::unsupported, "gives no JPEG", name_, "use a camera that can");
  }

  static v4l2_buffer buffer_of(unsigned index) {
    v4l2_buffer buffer{};
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    buffer.index = index;
    return buffer;
  }

  Result<void> map(unsigned index) {
    v4l2_buffer buffer = buffer_of(index);
    if (control(VIDIOC_QUERYBUF, &buffer) < 0) return trouble("gives no memory");
    Mapping& mapping = mappings_[index];
    mapping.size = buffer.length;
    mapping.start = device_->map(buffer.length, buffer.m.offset);
    if (mapping.start == MAP_FAILED || control(VIDIOC_QBUF, &buffer) < 0) return trouble("gives no memory");
    return {};
  }

  std::unique_ptr<VideoDevice> device_;
  std::string name_;
  std::array<Mapping, kBuffers> mappings_;
  bool streaming_ = false;
  image::PictureDecoder decoder_;
};

}  // namespace

Result<std::unique_ptr<VideoDevice>> open_video_device(const std::string& name) {
  const int fd = ::open(name.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    Error error = file_error("open the camera", name, errno);
    if (error.code != Errc::denied) error.remedy = "name a device that captures video, like /dev/video0";
    return fail(std::move(error));
  }
  return std::make_unique<SystemDevice>(fd);
}

Result<std::unique_ptr<Eye>> eye_of(std::unique_ptr<VideoDevice> device, std::string name) {
  auto eye = std::make_unique<V4l2Eye>(std::move(device), std::move(name));
  PERCH_CHECK(eye->start());
  return eye;
}

Result<std::unique_ptr<Eye>> v4l2_eye(const std::string& device) {
  PERCH_TRY(std::unique_ptr<VideoDevice> opened, open_video_device(device));
  return eye_of(std::move(opened), device);
}

}  // namespace perch::node
