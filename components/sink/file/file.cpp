#include "config/field.hpp"
#include "seam/blocking.hpp"
#include "seam/registry.hpp"
#include "seam/sink.hpp"
#include "sink/file/reading_file.hpp"

namespace perch::sink::file {

namespace {

struct Config {
  std::string path;
  config::ByteSize rotate_bytes;
  Milliseconds rotate_every{0};
  int keep = 0;
};

constexpr auto kFields =
    config::fields<Config>(config::field("path", &Config::path)
                               .required()
                               .at_least(1)
                               .help("file that each reading is appended to, as a line of JSON"),
                           config::field("rotate_bytes", &Config::rotate_bytes)
                               .help("a new file is begun before one grows beyond this; 0B: never"),
                           config::field("rotate_every", &Config::rotate_every)
                               .range(std::chrono::milliseconds(0), std::chrono::hours(24 * 366))
                               .help("a new file is begun with each such period, counted from midnight UTC; 0s: never"),
                           config::field("keep", &Config::keep)
                               .range(0, 1'000'000)
                               .help("rotated files that stay, the newest; 0: all of them"));

/// Readings as JSON lines on the disk, each exactly once.
class FileSink final : public Sink {
 public:
  FileSink(std::shared_ptr<ReadingFile> file, asio::any_io_executor blocking)
      : file_(std::move(file)),
        blocking_(std::move(blocking)) {}

  asio::awaitable<Result<Seq>> deliver(std::span<const Reading> readings) override {
    if (readings.empty()) co_return Seq{0};
    const Seq last = readings.back().seq;
    // The call may outlive this, and what was lent.
    const std::shared_ptr<ReadingFile> file = file_;
    std::vector<Reading> batch(readings.begin(), readings.end());
    auto append = [file, batch = std::move(batch)] { return file->append(batch); };
    Result<void> done = co_await run_blocking(blocking_, std::move(append));
    if (!done) co_return fail(std::move(done).error());
    co_return last;
  }

 private:
  std::shared_ptr<ReadingFile> file_;
  asio::any_io_executor blocking_;
};

Result<std::unique_ptr<Sink>> create(const Config& config, const SinkContext& context) {
  const Rotation rotation{config.rotate_bytes.bytes, config.rotate_every, config.keep};
  auto file = std::make_shared<ReadingFile>(context.folder / config.path, rotation, *context.clock);
  return std::make_unique<FileSink>(std::move(file), context.blocking);
}

}  // namespace

void describe(Registry& registry) {
  registry.sink("file", "a file of JSON lines, rotated by size and time", kFields, &create);
}

}  // namespace perch::sink::file
