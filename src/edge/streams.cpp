#include "edge/streams.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/log.hpp"
#include "edge/api_picture.hpp"

namespace perch::edge {

namespace {

constexpr std::string_view kType = "multipart/x-mixed-replace; boundary=perch";
constexpr std::string_view kBoundary = "--perch\r\n";

}  // namespace

/// One camera's pictures and whoever watches them. Lives as long as it has a viewer.
class Streams::Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(const asio::any_io_executor& io, asio::any_io_executor blocking, CameraId id)
      : id_(std::move(id)),
        io_(io),
        blocking_(std::move(blocking)),
        wake_(io) {
    wake_.expires_at(asio::steady_timer::time_point::max());
  }

  /// The last viewer has gone: the camera need not send what nobody sees.
  ~Channel() { unwatch(); }

  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// Takes its pictures from this camera from now on; null: it is gone, and the stream ends.
  void follow(pipeline::Camera* camera) {
    if (camera != nullptr && camera_.lock().get() == camera) return;
    unwatch();
    camera_.reset();
    if (camera == nullptr) return end();
    camera_ = camera->weak_from_this();
    watching_ = camera->source().watch([weak = weak_from_this()](const SharedBytes& bytes) {
      if (const auto self = weak.lock()) self->show(bytes);
    });
  }

  /// A frame of the camera has come in. Of a stream they are left out: its source hands over all that come.
  void offer(const FramePtr& frame) {
    if (!watching_) take(frame);
  }

  /// What to show while there is nothing newer.
  void begin_with(const FramePtr& frame) {
    if (number_ == 0) take(frame);
  }

  /// The next picture after the one that `shown` counts, as soon as there is one; nothing when the stream has ended.
  static asio::awaitable<std::optional<SharedBytes>> next(std::shared_ptr<Channel> self, std::uint64_t& shown) {
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    while (self->number_ == shown && !self->ended_) {
      if (state.cancelled() != asio::cancellation_type::none) co_return std::nullopt;
      boost::system::error_code woken;
      co_await self->wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    if (self->ended_) co_return std::nullopt;
    shown = self->number_;
    co_return self->newest_;
  }

  void end() {
    ended_ = true;
    wake_.cancel();
  }

  bool ended() const { return ended_; }

  std::size_t viewers = 0;

 private:
  void take(const FramePtr& frame) {
    if (const auto* jpeg = std::get_if<Jpeg>(&frame->payload)) return show(jpeg->bytes);
    if (!needs_encoding(*frame)) return;
    next_ = frame;
    if (!encoding_) encode();
  }

  void show(const SharedBytes& bytes) {
    newest_ = bytes;
    ++number_;
    wake_.cancel();
  }

  void unwatch() {
    if (!std::exchange(watching_, false)) return;
    if (const auto camera = camera_.lock()) camera->source().watch({});
  }

  /// Encodes the newest frame, then the one that has become newest meanwhile, while there are viewers.
  void encode() {
    encoding_ = true;
    const FramePtr frame = std::exchange(next_, nullptr);
    asio::post(blocking_, [frame, io = io_, weak = weak_from_this()] {
      Result<SharedBytes> bytes = picture_bytes(*frame);
      asio::post(io, [bytes = std::move(bytes), weak] {
        const auto self = weak.lock();
        if (!self) return;
        self->encoding_ = false;
        if (bytes)
          self->show(*bytes);
        else
          log::warning("{}: {}", self->id_.value, bytes.error().message());
        if (self->next_) self->encode();
      });
    });
  }

  CameraId id_;
  asio::any_io_executor io_;
  asio::any_io_executor blocking_;
  std::weak_ptr<pipeline::Camera> camera_;
  bool watching_ = false;  ///< the camera's source hands over what comes in

  SharedBytes newest_;
  std::uint64_t number_ = 0;  ///< of the newest picture
  asio::steady_timer wake_;   ///< cancelled when there is one
  bool ended_ = false;

  FramePtr next_;  ///< to be encoded
  bool encoding_ = false;
};

/// One client of a stream.
class Streams::Viewer {
 public:
  explicit Viewer(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) { ++channel_->viewers; }

  ~Viewer() { --channel_->viewers; }

  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  void begin_with(const FramePtr& frame) { channel_->begin_with(frame); }

  static asio::awaitable<std::optional<net::HttpChunk>> next(std::shared_ptr<Viewer> self) {
    // The boundary goes out right behind the picture, for browsers show a picture only when they see its end.
    if (std::exchange(self->boundary_due_, false)) co_return net::HttpChunk{fmt::format("\r\n{}", kBoundary), {}};
    const std::optional<SharedBytes> picture = co_await Channel::next(self->channel_, self->shown_);
    if (!picture) co_return std::nullopt;
    self->boundary_due_ = true;
    std::string head = fmt::format("{}Content-Type: {}\r\nContent-Length: {}\r\n\r\n", std::exchange(self->first_, ""),
                                   content_type_of(picture->view()), picture->size());
    co_return net::HttpChunk{std::move(head), *picture};
  }

 private:
  std::shared_ptr<Channel> channel_;
  std::uint64_t shown_ = 0;
  bool boundary_due_ = false;
  std::string_view first_ = kBoundary;
};

Streams::Streams(asio::any_io_executor io, asio::any_io_executor blocking, pipeline::Cameras& cameras)
    : io_(std::move(io)),
      blocking_(std::move(blocking)),
      cameras_(cameras) {}

Streams::~Streams() {
  for (const auto& [id, weak] : channels_)
    if (const auto channel = weak.lock()) channel->end();
}

net::HttpReply Streams::open(const CameraId& camera, FramePtr first) {
  // The viewer comes with the first piece that is asked for: a HEAD asks for none.
  auto chunks = [this, camera, first = std::move(first), viewer = std::shared_ptr<Viewer>()]() mutable {
    if (!viewer) {
      viewer = std::make_shared<Viewer>(channel(camera));
      if (first) viewer->begin_with(std::exchange(first, nullptr));
    }
    return Viewer::next(viewer);
  };
  return net::HttpReply::stream(std::string(kType), std::move(chunks));
}

void Streams::on_frame(pipeline::Camera& camera, const FramePtr& frame) {
  const auto found = channels_.find(camera.id());
  if (found == channels_.end()) return;
  const auto channel = found->second.lock();
  if (!channel || channel->ended()) {
    channels_.erase(found);
    return;
  }
  channel->follow(&camera);
  channel->offer(frame);
}

void Streams::changed() {
  for (const auto& [id, weak] : channels_)
    if (const auto channel = weak.lock(); channel && !channel->ended()) channel->follow(cameras_.find(id));
}

std::size_t Streams::viewers() const {
  std::size_t count = 0;
  for (const auto& [id, weak] : channels_) count += viewers(id);
  return count;
}

std::size_t Streams::viewers(const CameraId& camera) const {
  const auto found = channels_.find(camera);
  const auto channel = found == channels_.end() ? nullptr : found->second.lock();
  return channel ? channel->viewers : 0;
}

std::shared_ptr<Streams::Channel> Streams::channel(const CameraId& camera) {
  std::weak_ptr<Channel>& kept = channels_[camera];
  auto channel = kept.lock();
  if (channel && !channel->ended()) return channel;
  channel = std::make_shared<Channel>(io_, blocking_, camera);
  kept = channel;
  channel->follow(cameras_.find(camera));
  return channel;
}

}  // namespace perch::edge
