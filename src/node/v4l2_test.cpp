#include <array>
#include <cerrno>
#include <deque>
#include <vector>

#include <doctest/doctest.h>
#include <linux/videodev2.h>
#include <sys/mman.h>

#include "image/codec.hpp"
#include "node/video_device.hpp"

using namespace perch;
using namespace perch::node;

namespace {

Bytes jpeg_of(std::uint8_t level) {
  image::Picture picture(32, 16, 3);
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 32 * 3; ++x) picture.row(y)[x] = level;
  return image::encode_jpeg(picture.view()).value();
}

/// What the test and the device, which the eye owns, share.
struct Bench {
  std::vector<unsigned> formats{V4L2_PIX_FMT_MJPEG};  ///< that it can; others are answered with the first
  std::deque<Bytes> taken;                            ///< pictures that wait
  std::deque<unsigned> queued;                        ///< buffers that the device may fill
  std::array<Bytes, 4> memory;
  unsigned format = V4L2_PIX_FMT_YUYV;
  int interrupted = 0;      ///< so many calls are interrupted by a signal
  unsigned long fails = 0;  ///< this call fails
  int fails_with = EIO;
  int mapped = 0;
  bool streaming = false, closed = false;
};

/// A device as the kernel's documentation says that it behaves.
class FakeDevice final : public VideoDevice {
 public:
  explicit FakeDevice(Bench& bench) : bench_(bench) {}

  ~FakeDevice() override { bench_.closed = true; }

  FakeDevice(const FakeDevice&) = delete;
  FakeDevice& operator=(const FakeDevice&) = delete;

  int control(unsigned long request, void* argument) override {
    if (bench_.interrupted > 0) return --bench_.interrupted, wrong(EINTR);
    if (request == bench_.fails) return wrong(bench_.fails_with);
    switch (request) {
      case VIDIOC_G_FMT:
        static_cast<v4l2_format*>(argument)->fmt.pix.pixelformat = bench_.format;
        return 0;
      case VIDIOC_S_FMT:
        return set_format(*static_cast<v4l2_format*>(argument));
      case VIDIOC_REQBUFS:
        static_cast<v4l2_requestbuffers*>(argument)->count = kHas;
        return 0;
      case VIDIOC_QUERYBUF:
        return describe(*static_cast<v4l2_buffer*>(argument));
      case VIDIOC_QBUF:
        bench_.queued.push_back(static_cast<v4l2_buffer*>(argument)->index);
        return 0;
      case VIDIOC_DQBUF:
        return give(*static_cast<v4l2_buffer*>(argument));
      case VIDIOC_STREAMON:
      case VIDIOC_STREAMOFF:
        bench_.streaming = request == VIDIOC_STREAMON;
        return 0;
      default:
        return wrong(ENOTTY);
    }
  }

  void* map(std::size_t size, std::size_t offset) override {
    Bytes& memory = bench_.memory.at(offset / kSize);
    memory.resize(size);
    ++bench_.mapped;
    return memory.data();
  }

  void unmap(void*, std::size_t) override { --bench_.mapped; }

  bool waits(int) override { return bench_.streaming && !bench_.taken.empty(); }

 private:
  static constexpr unsigned kHas = 3;  // fewer than it is asked for
  static constexpr std::size_t kSize = 8192;

  static int wrong(int error) {
    errno = error;
    return -1;
  }

  int set_format(v4l2_format& format) {
    const bool can = std::ranges::find(bench_.formats, format.fmt.pix.pixelformat) != bench_.formats.end();
    bench_.format = format.fmt.pix.pixelformat = can ? format.fmt.pix.pixelformat : bench_.formats.front();
    return 0;
  }

  static int describe(v4l2_buffer& buffer) {
    if (buffer.index >= kHas) return wrong(EINVAL);
    buffer.length = kSize;
    buffer.m.offset = static_cast<unsigned>(buffer.index * kSize);
    return 0;
  }

  int give(v4l2_buffer& buffer) {
    if (bench_.taken.empty() || bench_.queued.empty()) return wrong(EAGAIN);
    buffer.index = bench_.queued.front();
    bench_.queued.pop_front();
    std::ranges::copy(bench_.taken.front(), bench_.memory.at(buffer.index).begin());
    buffer.bytesused = static_cast<unsigned>(bench_.taken.front().size());
    bench_.taken.pop_front();
    return 0;
  }

  Bench& bench_;
};

Result<std::unique_ptr<Eye>> eye_on(Bench& bench) {
  return eye_of(std::make_unique<FakeDevice>(bench), "/dev/video7");
}

}  // namespace

TEST_CASE("a camera of this machine is asked for JPEGs, and each look gives the newest as it came") {
  Bench bench;
  bench.interrupted = 2;
  const auto eye = eye_on(bench).value();
  CHECK(bench.format == V4L2_PIX_FMT_MJPEG);
  CHECK(bench.streaming);
  Sight sight;
  for (int turn = 0; turn < 10; ++turn) {
    bench.taken = {jpeg_of(10), jpeg_of(static_cast<std::uint8_t>(100 + turn))};
    const Bytes newest = bench.taken.back();
    REQUIRE(eye->look(turn, sight));
    CHECK(std::ranges::equal(sight.jpeg.view(), newest));
    CHECK(sight.picture.size() == image::Size{32, 16});
    CHECK(std::abs(sight.picture.at(5, 5)[1] - (100 + turn)) < 4);
    CHECK(bench.queued.size() == 3);  // it has all its memory back
  }
}

TEST_CASE("a camera that knows JPEG by its other name will do, and one that gives none is refused") {
  Bench other;
  other.formats = {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_JPEG};
  CHECK(eye_on(other));
  CHECK(other.format == V4L2_PIX_FMT_JPEG);
  Bench raw;
  raw.formats = {V4L2_PIX_FMT_YUYV};
  const auto refused = eye_on(raw);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::unsupported);
  CHECK(refused.error().message().find("/dev/video7") != std::string::npos);
  CHECK(raw.closed);
}

TEST_CASE("a device that is not there, and what is no device, are errors that say what to name") {
  for (const char* name : {"/dev/no-such-camera", "/"}) {
    const auto eye = v4l2_eye(name);
    REQUIRE_FALSE(eye);
    CHECK(eye.error().where == name);
    CHECK(eye.error().remedy == "name a device that captures video, like /dev/video0");
  }
}

TEST_CASE("whatever fails on the way is told, and everything is given back") {
  for (const unsigned long call :
       {static_cast<unsigned long>(VIDIOC_G_FMT), static_cast<unsigned long>(VIDIOC_S_FMT),
        static_cast<unsigned long>(VIDIOC_REQBUFS), static_cast<unsigned long>(VIDIOC_QUERYBUF),
        static_cast<unsigned long>(VIDIOC_QBUF), static_cast<unsigned long>(VIDIOC_STREAMON)}) {
    CAPTURE(call);
    Bench bench;
    bench.fails = call;
    CHECK_FALSE(eye_on(bench));
    CHECK(bench.mapped == 0);
    CHECK(bench.closed);
    CHECK_FALSE(bench.streaming);
  }
}

TEST_CASE("a camera that is silent, torn or pulled out fails a look, and may go on") {
  Bench bench;
  {
    const auto eye = eye_on(bench).value();
    Sight sight;
    const auto silent = eye->look(0, sight);
    REQUIRE_FALSE(silent);
    CHECK(silent.error().code == Errc::timeout);
    Bytes torn = jpeg_of(50);
    torn.resize(torn.size() / 2);
    bench.taken = {torn};
    CHECK_FALSE(eye->look(1, sight));
    bench.taken = {jpeg_of(60)};
    CHECK(eye->look(2, sight));
    bench.taken = {jpeg_of(70)};
    bench.fails = VIDIOC_DQBUF;
    bench.fails_with = ENODEV;
    const auto pulled = eye->look(3, sight);
    REQUIRE_FALSE(pulled);
    CHECK(pulled.error().code == Errc::io);
    bench.fails = 0;
  }
  CHECK_FALSE(bench.streaming);
  CHECK(bench.mapped == 0);
}
