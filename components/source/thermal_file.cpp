#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "config/field.hpp"
#include "seam/blocking.hpp"
#include "seam/pacer.hpp"
#include "seam/registry.hpp"
#include "seam/source.hpp"
#include "vision/thermal.hpp"

namespace perch::source::thermal_file {

struct Config {
  std::string path;
  int rows = 24;
  int cols = 32;
  double fps = 0;
  bool loop = false;
};

constexpr auto kFields = config::fields<Config>(
    config::field("path", &Config::path).required().help("a recording (.raw), or a folder of them, in name order"),
    config::field("rows", &Config::rows).range(1, 1024).help("height of the grid"),
    config::field("cols", &Config::cols).range(1, 1024).help("width of the grid"),
    config::field("fps", &Config::fps)
        .range(0.0, 1000.0)
        .help("grids a second, live; 0: lossless, as fast as they are analysed"),
    config::field("loop", &Config::loop).help("begin again at the end"));

namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little);  // as the recordings are

Result<std::vector<fs::path>> list_recordings(const fs::path& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) return std::vector{path};
  std::vector<fs::path> files;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".raw" && it->is_regular_file()) files.push_back(it->path());
  if (error) return fail(Errc::not_found, "cannot read it: " + error.message(), path.string(), "check the path");
  if (files.empty()) return fail(Errc::not_found, "there is no recording (.raw) in it", path.string());
  std::ranges::sort(files);
  return files;
}

/// Reads recordings grid by grid. Blocks. @thread blocking, one call at a time
class Reader {
 public:
  Reader(const Config& config, fs::path path) : config_(config), path_(std::move(path)) {}

  Result<ThermalGrid> next() {
    for (;;) {
      if (!file_.is_open()) {
        PERCH_CHECK(open_next());
      }
      ThermalGrid grid{config_.rows, config_.cols, {}};
      grid.celsius.resize(static_cast<std::size_t>(config_.rows) * static_cast<std::size_t>(config_.cols));
      const std::size_t wanted = grid.celsius.size() * sizeof(float);
      Bytes bytes(wanted);
      file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(wanted));
      const auto got = static_cast<std::size_t>(file_.gcount());
      if (got == wanted) {
        ++grids_;
        std::memcpy(grid.celsius.data(), bytes.data(), wanted);
        return grid;
      }
      file_.close();
      if (got > 0 || grids_ == 0) return fail(torn(got, wanted));
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
    grids_ = 0;
    file_.open(files_[at_++], std::ios::binary);
    if (file_) return {};
    file_.close();
    file_.clear();
    return fail(Errc::denied, "cannot open it", files_[at_ - 1].string(), "check its permissions");
  }

  Error torn(std::size_t got, std::size_t wanted) const {
    return {Errc::invalid, fmt::format("ends within grid {}: {} of {} bytes", grids_ + 1, got, wanted),
            files_[at_ - 1].string(),
            fmt::format("a grid is {} × {} numbers of 4 bytes; check rows and cols", config_.rows, config_.cols)};
  }

  Config config_;
  fs::path path_;
  std::vector<fs::path> files_;
  std::size_t at_ = 0;  ///< of the next file
  bool started_ = false;
  std::ifstream file_;
  std::size_t grids_ = 0;  ///< read of this file
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
