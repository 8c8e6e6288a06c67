#include "base/folder.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "config/field.hpp"
#include "image/codec.hpp"
#include "seam/blocking.hpp"
#include "seam/registry.hpp"
#include "seam/source.hpp"
#include "video/clip.hpp"

namespace perch::source::folder {

/// When the next frame is due.
enum class Timing : std::uint8_t {
  fast,   ///< as soon as the last one has been analysed; nothing is dropped
  times,  ///< by the times of the pictures or of the clip's frames, as they were taken
  rate    ///< `fps` a second
};

struct Config {
  std::string path;
  bool loop = false;
  Timing timing = Timing::fast;
  double fps = 1;
};

}  // namespace perch::source::folder

template <>
struct perch::config::EnumNames<perch::source::folder::Timing> {
  static constexpr std::array<std::string_view, 3> names{"fast", "times", "rate"};
};

namespace perch::source::folder {

constexpr auto kFields = config::fields<Config>(
    config::field("path", &Config::path).required().at_least(1).help("a folder of pictures and clips, or one file"),
    config::field("loop", &Config::loop).help("begin again at the end"),
    config::field("timing", &Config::timing)
        .help("'fast': lossless, as fast as it is analysed; 'times': live, by the times the pictures were taken; "
              "'rate': live, fps a second"),
    config::field("fps", &Config::fps).range(0.001, 1000.0).help("pictures a second for timing = \"rate\""));

namespace {

namespace fs = std::filesystem;

bool is_wanted(const fs::path& path) {
  return image::is_picture_name(path) || video::looks_like_clip(path);
}

/// Every picture and clip under a path, in name order.
Result<std::vector<fs::path>> list_pictures(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return std::vector{path};
  PERCH_TRY(std::vector<fs::path> files, list_files(path, &is_wanted, Depth::deep));
  if (files.empty()) return fail(Errc::not_found, "there is no picture or clip in it", path.string());
  return files;
}

/// One frame as it lies on the disk, with the time since the first by its own clock.
struct Read {
  std::variant<Jpeg, image::Picture> payload;
  Seconds at{0};
};

/// Reads a folder's frames one after the other. Blocks. @thread blocking, one call at a time
class Reader {
 public:
  explicit Reader(const Config& config, fs::path path) : config_(config), path_(std::move(path)) {}

  Result<Read> next() {
    for (;;) {
      if (at_ == files_.size()) {
        if (started_ && !config_.loop) return fail(Errc::eof, "the end", path_.string());
        PERCH_TRY(files_, list_pictures(path_));  // a loop sees what has come meanwhile
        loop_start_ += after_last();
        last_.reset();
        first_written_.reset();
        started_ = true;
        at_ = 0;
      }
      const fs::path& file = files_[at_];
      if (video::looks_like_clip(file)) {
        Result<Read> frame = next_of_clip(file);
        if (frame || frame.error().code != Errc::eof) return frame;
        continue;
      }
      ++at_;
      PERCH_TRY(Bytes bytes, read_file(file));
      last_ = time_of(file);
      return Read{Jpeg{SharedBytes(std::move(bytes))}, loop_start_ + *last_};
    }
  }

 private:
  static constexpr Seconds kBetween{0.04};

  /// When what follows the last frame begins.
  Seconds after_last() const { return last_ ? *last_ + kBetween : Seconds{0}; }

  Result<Read> next_of_clip(const fs::path& file) {
    if (!clip_) {
      Result<video::ClipReader> opened = video::ClipReader::open(file);
      if (!opened) {
        ++at_;
        return fail(opened.error());
      }
      clip_.emplace(std::move(*opened));
      clip_start_ = after_last();
    }
    image::Picture picture;
    const Result<video::ClipFrame> frame = clip_->next(picture);
    if (!frame) {
      clip_.reset();
      ++at_;
      return fail(frame.error());
    }
    last_ = clip_start_ + Seconds{frame->t_s};
    return Read{std::move(picture), loop_start_ + *last_};
  }

  /// Time between the first picture's last change and this one's.
  Seconds time_of(const fs::path& file) {
    std::error_code error;
    const fs::file_time_type written = fs::last_write_time(file, error);
    const Seconds last = last_.value_or(Seconds{0});
    if (error) return last;
    if (!first_written_) first_written_ = written;
    return std::max(Seconds(written - *first_written_), last);
  }

  Config config_;
  fs::path path_;
  std::vector<fs::path> files_;
  std::size_t at_ = 0;
  bool started_ = false;
  std::optional<video::ClipReader> clip_;
  std::optional<fs::file_time_type> first_written_;
  std::optional<Seconds> last_;  ///< the time of the last frame of this loop
  Seconds loop_start_{0}, clip_start_{0};
};

/// Pictures and clips from the disk. Lossless when fast, live when paced.
class FolderSource final : public Source {
 public:
  FolderSource(const Config& config, const SourceContext& context)
      : config_(config),
        context_(context),
        timer_(context.io) {
    const fs::path path(config.path);
    reader_ = std::make_shared<Reader>(config, path.is_absolute() ? path : context.folder / path);
  }

  Pace pace() const override { return config_.timing == Timing::fast ? Pace::lossless : Pace::live; }

  std::optional<FrameKind> gives() const override { return FrameKind::picture; }

  asio::awaitable<Result<Frame>> next() override {
    const std::shared_ptr<Reader> reader = reader_;  // outlives a cancelled wait
    Result<Read> read = co_await run_blocking(context_.blocking, [reader] { return reader->next(); });
    if (!read) co_return fail(read.error());
    co_await wait_until_due(read->at);
    Frame frame;
    frame.stamp = context_.clock->stamp();
    std::visit([&](auto& payload) { frame.payload = std::move(payload); }, read->payload);
    co_return frame;
  }

 private:
  asio::awaitable<void> wait_until_due(Seconds at) {
    if (config_.timing == Timing::fast) co_return;
    if (config_.timing == Timing::rate) at = Seconds{static_cast<double>(count_++) / config_.fps};
    if (!start_) start_ = std::chrono::steady_clock::now() - std::chrono::duration_cast<Nanoseconds>(at);
    timer_.expires_at(*start_ + std::chrono::duration_cast<Nanoseconds>(at));
    const auto [error] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    static_cast<void>(error);  // cancelled: the caller sees it
  }

  Config config_;
  SourceContext context_;
  asio::steady_timer timer_;
  std::shared_ptr<Reader> reader_;
  std::optional<std::chrono::steady_clock::time_point> start_;
  std::int64_t count_ = 0;
};

Result<std::unique_ptr<Source>> create(const Config& config, const SourceContext& context) {
  return std::make_unique<FolderSource>(config, context);
}

}  // namespace

void describe(Registry& registry) {
  registry.source("folder", "pictures and clips from the disk", kFields, &create);
}

}  // namespace perch::source::folder
