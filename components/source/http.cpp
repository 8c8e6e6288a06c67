#include <algorithm>

#include "net/http_access.hpp"
#include "net/http_client.hpp"
#include "net/picture_answer.hpp"
#include "seam/blocking.hpp"
#include "seam/registry.hpp"
#include "seam/source.hpp"
#include "seam/thermal_form.hpp"
#include "vision/thermal.hpp"

namespace perch::source::http {

namespace {

/// The tag that a server gives each picture, once it has shown that it means it: some give all pictures the same.
class PictureTag {
 public:
  /// What to ask with, or nothing.
  std::string_view to_ask_with() const {
    return trust_ == Trust::shown && unchanged_ < kMostUnchanged ? tag_ : std::string_view();
  }

  /// The picture of this tag is still the newest.
  void note_unchanged() { ++unchanged_; }

  /// A whole picture came.
  void note(std::string_view tag, bool same_bytes) {
    unchanged_ = 0;
    const bool strong = tag.size() > 2 && tag.starts_with('"');  // a weak one may stay while bytes change
    if (!same_bytes && !tag_.empty() && tag == tag_) trust_ = Trust::never;
    if (!same_bytes && !tag_.empty() && tag != tag_ && trust_ == Trust::unknown) trust_ = Trust::shown;
    tag_ = strong ? tag : std::string_view();
  }

 private:
  enum class Trust : std::uint8_t { unknown, shown, never };
  static constexpr int kMostUnchanged = 30;  ///< answers in a row, before the whole picture is asked for again

  Trust trust_ = Trust::unknown;
  std::string tag_;
  int unchanged_ = 0;
};

/// A larger grid is repaired where calls may block: a million holes take a fifth of a second.
constexpr std::size_t kMostCellsAtOnce = 16'384;

/// One picture, or one grid of temperatures, a request.
class HttpSource final : public Source {
 public:
  HttpSource(net::HttpRequest request, const SourceContext& context)
      : request_(std::move(request)),
        context_(context) {}

  Pace pace() const override { return Pace::live; }

  std::optional<Nanoseconds> timeout() const override { return request_.timeout; }

  asio::awaitable<Result<Frame>> next() override {
    net::HttpRequest request = request_;
    const std::string_view tag = tag_.to_ask_with();
    if (!tag.empty()) request.headers.emplace_back("If-None-Match", tag);
    Result<net::HttpResponse> answer = co_await context_.http->get(std::move(request));
    if (!answer) co_return fail(explained(std::move(answer).error()));
    const Stamp stamp = context_.clock->stamp();
    if (answer->status != 304 && is_thermal_type(answer->content_type))
      co_return co_await temperatures(std::move(*answer), stamp);
    if (auto taken = take(std::move(*answer)); !taken) co_return fail(std::move(taken).error());
    Frame frame;
    frame.stamp = stamp;
    frame.payload = Jpeg{last_};
    co_return frame;
  }

 private:
  asio::awaitable<Result<Frame>> temperatures(net::HttpResponse answer, Stamp stamp) const {
    auto grid = thermal_grid(answer.content_type, answer.body);
    if (!grid) co_return fail(std::move(grid).error().at(net::printable_url(request_.url)));
    if (grid->celsius.size() > kMostCellsAtOnce) {
      auto work = [large = std::move(*grid)]() mutable {
        vision::repair(large);
        return std::move(large);
      };
      *grid = co_await run_blocking(context_.blocking, std::move(work));
    } else {
      vision::repair(*grid);
    }
    Frame frame;
    frame.stamp = stamp;
    frame.payload = std::move(*grid);
    co_return frame;
  }

  /// Leaves the picture in `last_`: the very same object when it is the same picture.
  Result<void> take(net::HttpResponse answer) {
    if (answer.status == 304 && last_.size() > 0) {
      tag_.note_unchanged();
      return {};
    }
    if (!net::looks_like_picture(answer.body))
      return fail(net::not_a_picture(answer.content_type, answer.body, request_.url));
    const bool same = std::ranges::equal(answer.body, last_.view());
    tag_.note(net::find_header(answer.headers, "ETag"), same);
    if (!same) last_ = SharedBytes(std::move(answer.body));
    return {};
  }

  /// An answer without an end is most likely a stream.
  static Error explained(Error error) {
    const bool endless = error.code == Errc::too_large || error.code == Errc::timeout;
    if (endless && error.remedy.empty()) error.remedy = "of a stream of pictures the source is 'mjpeg'";
    return error;
  }

  net::HttpRequest request_;
  SourceContext context_;
  SharedBytes last_;
  PictureTag tag_;
};

Result<std::unique_ptr<Source>> create(const net::HttpAccess& config, const SourceContext& context) {
  PERCH_TRY(net::HttpRequest request, net::request_for(config, context.folder));
  request.most_bytes = net::kMostPictureBytes;
  return std::make_unique<HttpSource>(std::move(request), context);
}

}  // namespace

void describe(Registry& registry) {
  registry.source("http", "a camera that answers each request with one JPEG or PNG, or with one grid of temperatures",
                  net::kHttpAccessFields, &create);
}

}  // namespace perch::source::http
