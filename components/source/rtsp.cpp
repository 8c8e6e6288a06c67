#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <pthread.h>

#include "base/thrown.hpp"
#include "config/field.hpp"
#include "net/address.hpp"
#include "net/http_message.hpp"
#include "seam/registry.hpp"
#include "seam/source.hpp"
#include "video/rtsp_reader.hpp"

template <>
struct perch::config::EnumNames<perch::video::RtspTransport> {
  static constexpr std::array<std::string_view, 2> names{"tcp", "udp"};
};

namespace perch::source::rtsp {

using video::RtspOptions;

constexpr auto kFields = config::fields<RtspOptions>(
    config::field("url", &RtspOptions::url).required().help("rtsp address of a stream"),
    config::field("user", &RtspOptions::user).help("sent when the camera asks for it (basic or digest)"),
    config::field("password", &RtspOptions::password).help("goes with user"),
    config::field("transport", &RtspOptions::transport)
        .help("'tcp': nothing is lost; 'udp': for cameras that can do nothing else, lost packets show in the pictures"),
    config::field("timeout", &RtspOptions::timeout)
        .range(std::chrono::milliseconds(100), std::chrono::minutes(5))
        .help("longest wait for a connection, and then for each whole picture"),
    config::field("key_frames", &RtspOptions::key_frames)
        .help("decode key frames alone, for a fraction of the work: pictures then come only as often as the camera "
              "sends those, every few seconds"));

namespace {

/// One connection, read by a thread of its own until it fails or is stopped. Shared by the source and the thread.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  struct Shot {
    image::Picture picture;
    Stamp stamp;
  };

  Stream(const RtspOptions& options, const SourceContext& context)
      : options_(options),
        context_(context),
        news_(context.io) {
    news_.expires_at(asio::steady_timer::time_point::max());
  }

  /// Reads and decodes all the time. @thread stream
  static void run(std::shared_ptr<Stream> self) {
    ::pthread_setname_np(::pthread_self(), "perch-stream");
    const Result<void> ended = without_throwing([&] { return self->read(); });
    Error why = ended.error().at(net::printable_url(self->options_.url));
    const asio::any_io_executor io = self->context_.io;
    // Which is the last that this thread has of it.
    asio::post(io, [stream = std::move(self), why = std::move(why)]() mutable {
      stream->error_ = std::move(why);
      stream->news_.cancel();
    });
  }

  /// Ends the thread within a tenth of a second. @thread any
  void stop() { stop_ = true; }

  /// The next frame that comes in, converted because of this. Errors: why the stream has ended, for then it has.
  /// @thread io
  static asio::awaitable<Result<Shot>> take(std::shared_ptr<Stream> self) {
    self->shot_.reset();  // of a call that was cancelled
    self->wanted_ = true;
    for (;;) {
      if (self->shot_) co_return *std::exchange(self->shot_, std::nullopt);
      if (self->error_) co_return fail(*self->error_);
      co_await self->news_.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none)
        co_return fail(Errc::canceled, "stopped on request", net::printable_url(self->options_.url));
    }
  }

 private:
  /// Returns only with the error that it has ended with. @thread stream
  Result<void> read() {
    PERCH_TRY(video::RtspReader reader, video::RtspReader::open(options_, stop_));
    for (;;) {
      PERCH_TRY(const bool whole, reader.read(wanted_));
      if (!whole || !wanted_.exchange(false)) continue;
      Shot shot{{}, context_.clock->stamp()};
      PERCH_CHECK(reader.convert(shot.picture));
      asio::post(context_.io, [self = shared_from_this(), made = std::move(shot)]() mutable {
        self->shot_ = std::move(made);
        self->news_.cancel();
      });
    }
  }

  const RtspOptions options_;
  const SourceContext context_;
  std::atomic<bool> stop_ = false, wanted_ = false;
  // Of the io thread:
  asio::steady_timer news_;
  std::optional<Shot> shot_;
  std::optional<Error> error_;
};

/// A stream of which those frames are converted that are asked for.
class RtspSource final : public Source {
 public:
  RtspSource(const RtspOptions& options, const SourceContext& context) : options_(options), context_(context) {}

  ~RtspSource() override { close(); }

  RtspSource(const RtspSource&) = delete;
  RtspSource& operator=(const RtspSource&) = delete;

  Pace pace() const override { return Pace::live; }

  std::optional<FrameKind> gives() const override { return FrameKind::picture; }

  std::optional<Nanoseconds> timeout() const override { return options_.timeout; }

  asio::awaitable<Result<Frame>> next() override {
    if (!stream_) {
      auto stream = std::make_shared<Stream>(options_, context_);
      thread_ = std::jthread(&Stream::run, stream);  // throws where there is no room for a thread
      stream_ = std::move(stream);
    }
    Result<Stream::Shot> shot = co_await Stream::take(stream_);
    if (!shot) {
      close();  // the next call connects anew
      co_return fail(std::move(shot).error());
    }
    Frame frame;
    frame.stamp = std::move(shot->stamp);
    frame.payload = std::move(shot->picture);
    co_return frame;
  }

 private:
  /// Ends the connection; its thread is waited for elsewhere.
  void close() {
    if (!stream_) return;
    stream_->stop();
    stream_.reset();
    asio::post(context_.blocking, [thread = std::move(thread_)]() mutable { thread.join(); });
  }

  RtspOptions options_;
  SourceContext context_;
  std::shared_ptr<Stream> stream_;  ///< while there is a connection, or a failure to be told
  std::jthread thread_;             ///< of `stream_`
};

Result<std::unique_ptr<Source>> create(const RtspOptions& config, const SourceContext& context) {
  if (auto address = video::rtsp_address(config); !address) {
    address.error().where = "url";
    return fail(std::move(address).error());
  }
  if (const auto checked = net::check_address(config.url); !checked) return fail(checked.error().at("url"));
  if (config.user.empty() && !config.password.empty())
    return fail(Errc::invalid, "there is no user that it belongs to", "password", "set user");
  return std::make_unique<RtspSource>(config, context);
}

}  // namespace

void describe(Registry& registry) {
  registry.source("rtsp", "a camera that streams over RTSP: H.264, H.265, JPEG", kFields, &create);
}

}  // namespace perch::source::rtsp
