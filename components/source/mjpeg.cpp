#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/text.hpp"
#include "net/http_access.hpp"
#include "net/http_client.hpp"
#include "net/multipart.hpp"
#include "net/picture_answer.hpp"
#include "seam/registry.hpp"
#include "seam/source.hpp"

namespace perch::source::mjpeg {

namespace {

using Viewer = std::function<void(const SharedBytes&)>;

/// One connection, read all the time until it fails or is stopped. Shared by the source and the coroutine that reads.
/// @thread io
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  struct Picture {
    SharedBytes bytes;
    Stamp stamp;
  };

  Stream(net::HttpRequest request, const SourceContext& context)
      : request_(std::move(request)),
        context_(context),
        news_(context.io) {
    news_.expires_at(asio::steady_timer::time_point::max());
  }

  void start() {
    const auto body = [](std::shared_ptr<Stream> self) -> asio::awaitable<void> {
      self->error_ = co_await self->read();
      self->news_.cancel();
    };
    asio::co_spawn(context_.io, body(shared_from_this()), asio::bind_cancellation_slot(stop_.slot(), asio::detached));
  }

  /// Its source has gone: nothing is called any more.
  void stop() {
    viewer = nullptr;
    stop_.emit(asio::cancellation_type::terminal);
    // What was cancelled looks at the signal once more on its way out.
    asio::post(context_.io, [self = shared_from_this()] {});
  }

  bool failed() const { return error_.has_value(); }

  /// The newest picture that was not taken yet; waits for one. Errors: why the stream has ended, for then it has.
  static asio::awaitable<Result<Picture>> take(std::shared_ptr<Stream> self) {
    // What was not asked for before the stream ended is old by now.
    if (self->error_) self->newest_.reset();
    for (;;) {
      if (self->newest_) co_return *std::exchange(self->newest_, std::nullopt);
      if (self->error_) co_return fail(*self->error_);
      co_await self->news_.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none)
        co_return fail(Errc::canceled, "stopped on request", net::printable_url(self->request_.url));
    }
  }

  Viewer viewer;  ///< sees every picture

 private:
  /// Reads until it can no more; why.
  asio::awaitable<Error> read() {
    using Clock = std::chrono::steady_clock;
    Result<net::HttpStream> opened = co_await context_.http->open(request_);
    if (!opened) co_return std::move(opened).error();
    net::HttpStream stream = std::move(*opened);
    Result<Bytes> bytes = co_await stream.read();
    if (!bytes) co_return named(std::move(bytes).error());
    Result<net::MultipartParser> parser = net::MultipartParser::for_content_type(stream.head().content_type);
    if (!parser) co_return no_stream(stream.head().content_type, *bytes);

    Clock::time_point last_picture = Clock::now();
    for (;;) {
      parser->push(*bytes);
      for (;;) {
        Result<std::optional<net::Part>> part = parser->next();
        if (!part) co_return named(std::move(part).error());
        if (!*part) break;
        if (take_part(**part)) last_picture = Clock::now();
      }
      // A stream that is silent for so long has stalled, which `read` notices; this one drips, or sends other things.
      if (Clock::now() - last_picture >= request_.stall_timeout) co_return no_picture();
      bytes = co_await stream.read();
      if (!bytes) co_return named(std::move(bytes).error());
    }
  }

  /// Whether it is a picture.
  bool take_part(net::Part& part) {
    if (!net::looks_like_picture(part.body)) {
      other_ = net::not_a_picture(part.header("content-type"), part.body, request_.url).what;
      return false;
    }
    newest_ = Picture{SharedBytes(std::move(part.body)), context_.clock->stamp()};
    news_.cancel();
    const Viewer shown = viewer;  // which may be replaced by whom it calls
    if (shown) shown(newest_->bytes);
    return true;
  }

  /// An error of this stream. That it ends is regular for HTTP, but not for a camera.
  Error named(Error error) const {
    if (error.code == Errc::eof) error = {Errc::io, "the stream has ended", {}, {}};
    error.where = net::printable_url(request_.url);
    return error;
  }

  Error no_stream(std::string_view type, ByteView body) const {
    Error error = net::not_a_picture(type, body, request_.url);
    if (!net::looks_like_picture(body)) return error;
    error.what = fmt::format("sends a single picture ({}), no stream of them", printable(type, 60));
    error.remedy = "use the source 'http'";
    return error;
  }

  Error no_picture() const {
    const std::string what = "no whole picture within " + format_duration(request_.stall_timeout);
    return named({Errc::timeout, other_.empty() ? what : what + ": it " + other_, {}, {}});
  }

  net::HttpRequest request_;
  SourceContext context_;
  asio::steady_timer news_;
  asio::cancellation_signal stop_;
  std::optional<Picture> newest_;
  std::optional<Error> error_;
  std::string other_;  ///< what came that was no picture
};

/// A stream of JPEGs, of which the newest is given.
class MjpegSource final : public Source {
 public:
  MjpegSource(net::HttpRequest request, const SourceContext& context)
      : request_(std::move(request)),
        context_(context) {}

  ~MjpegSource() override { close(); }

  MjpegSource(const MjpegSource&) = delete;
  MjpegSource& operator=(const MjpegSource&) = delete;

  Pace pace() const override { return Pace::live; }

  std::optional<FrameKind> gives() const override { return FrameKind::picture; }

  std::optional<Nanoseconds> timeout() const override { return request_.stall_timeout; }

  asio::awaitable<Result<Frame>> next() override {
    if (!stream_) {
      stream_ = std::make_shared<Stream>(request_, context_);
      stream_->viewer = viewer_;
      stream_->start();
    }
    Result<Stream::Picture> picture = co_await Stream::take(stream_);
    if (!picture) {
      close();  // the next call opens it anew
      co_return fail(std::move(picture).error());
    }
    Frame frame;
    frame.stamp = std::move(picture->stamp);
    frame.payload = Jpeg{std::move(picture->bytes)};
    co_return frame;
  }

  bool watch(Viewer viewer) override {
    viewer_ = std::move(viewer);
    if (stream_) stream_->viewer = viewer_;
    return true;
  }

 private:
  void close() {
    if (stream_) stream_->stop();
    stream_.reset();
  }

  net::HttpRequest request_;
  SourceContext context_;
  std::shared_ptr<Stream> stream_;  ///< while there is a connection, or a failure to be told
  Viewer viewer_;
};

Result<std::unique_ptr<Source>> create(const net::HttpAccess& config, const SourceContext& context) {
  PERCH_TRY(net::HttpRequest request, net::request_for(config, context.folder));
  return std::make_unique<MjpegSource>(std::move(request), context);
}

}  // namespace

void describe(Registry& registry) {
  registry.source("mjpeg", "a camera that sends a stream of JPEGs (multipart/x-mixed-replace)", net::kHttpAccessFields,
                  &create);
}

}  // namespace perch::source::mjpeg
