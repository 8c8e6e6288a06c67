#include <filesystem>
#include <optional>
#include <system_error>

#include "base/folder.hpp"
#include "config/field.hpp"
#include "seam/blocking.hpp"
#include "seam/pacer.hpp"
#include "seam/registry.hpp"
#include "seam/source.hpp"
#include "video/grid_reader.hpp"
#include "vision/thermal.hpp"

namespace perch::source::thermal_file {

struct Config {
  std::string path;
  int rows = 24;
  int cols = 32;
  double fps = 0;
  bool loop = false;
};

constexpr auto kFields =
    config::fields<Config>(config::field("path", &Config::path)
                               .required()
                               .at_least(1)
                               .help("a recording (.raw), or a folder of them, in name order"),
                           config::field("rows", &Config::rows).range(1, 1024).help("height of the grid"),
                           config::field("cols", &Config::cols).range(1, 1024).help("width of the grid"),
                           config::field("fps", &Config::fps)
                               .range(0.0, 1000.0)
                               .help("grids a second, live; 0: lossless, as fast as they are analysed"),
                           config::field("loop", &Config::loop).help("begin again at the end"));

namespace {

namespace fs = std::filesystem;

/// The recordings of a folder, in name order.
Result<std::vector<fs::path>> list_recordings(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return std::vector{path};
  PERCH_TRY(std::vector<fs::path> files, list_files(path, &video::looks_like_grids));
  if (files.empty()) return fail(Errc::not_found, "there is no recording (.raw) in it", path.string());
  return files;
}

/// Reads recordings grid by grid. Blocks. @thread blocking, one call at a time
class Reader {
 public:
  Reader(const Config& config, fs::path path) : config_(config), path_(std::move(path)) {}

  Result<ThermalGrid> next() {
    for (;;) {
      if (!file_) {
        PERCH_CHECK(open_next());
      }
      Result<std::vector<float>> celsius = file_->next();
      if (celsius) return ThermalGrid{config_.rows, config_.cols, std::move(*celsius)};
      file_.reset();
      if (celsius.error().code != Errc::eof) return fail(std::move(celsius).error());
    }
  }

 private:
  Result<void> open_next() {
    if (at_ == files_.size()) {
      if (started_ && !config_.loop) return fail(Errc::eof, "the end", path_.string());
      PERCH_TRY(files_, list_recordings(path_));  // a loop sees what has come meanwhile
      started_ = true;
      at_ = 0;
    }
    PERCH_TRY(video::GridReader file, video::GridReader::open(files_[at_++], {config_.rows, config_.cols}));
    file_.emplace(std::move(file));
    return {};
  }

  Config config_;
  fs::path path_;
  std::vector<fs::path> files_;
  std::size_t at_ = 0;  ///< of the next file
  bool started_ = false;
  std::optional<video::GridReader> file_;
};

/// Recorded temperatures.
class ThermalFileSource final : public Source {
 public:
  ThermalFileSource(const Config& config, const SourceContext& context)
      : config_(config),
        context_(context),
        pacer_(context.io) {
    const fs::path path(config.path);
    reader_ = std::make_shared<Reader>(config, path.is_absolute() ? path : context.folder / path);
  }

  Pace pace() const override { return config_.fps > 0 ? Pace::live : Pace::lossless; }

  std::optional<FrameKind> gives() const override { return FrameKind::grid; }

  asio::awaitable<Result<Frame>> next() override {
    const std::shared_ptr<Reader> reader = reader_;  // outlives a cancelled wait
    auto read = [reader] { return reader->next(); };
    Result<ThermalGrid> grid = co_await run_blocking(context_.blocking, std::move(read));
    if (!grid) co_return fail(std::move(grid).error());
    vision::repair(*grid);
    if (config_.fps > 0) {
      const Seconds due(static_cast<double>(count_++) / config_.fps);
      co_await pacer_.wait_until(std::chrono::duration_cast<Nanoseconds>(due));
    }
    Frame frame;
    frame.stamp = context_.clock->stamp();
    frame.payload = std::move(*grid);
    co_return frame;
  }

 private:
  Config config_;
  SourceContext context_;
  Pacer pacer_;
  std::shared_ptr<Reader> reader_;
  std::int64_t count_ = 0;
};

Result<std::unique_ptr<Source>> create(const Config& config, const SourceContext& context) {
  return std::make_unique<ThermalFileSource>(config, context);
}

}  // namespace

void describe(Registry& registry) {
  registry.source("thermal-file", "recorded grids of temperatures (float32 °C)", kFields, &create);
}

}  // namespace perch::source::thermal_file
