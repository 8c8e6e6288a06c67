#include <filesystem>
#include <fstream>
#include <memory>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "config/field.hpp"
#include "net/http_access.hpp"
#include "net/http_client.hpp"
#include "seam/blocking.hpp"
#include "seam/pacer.hpp"
#include "seam/registry.hpp"
#include "seam/source.hpp"
#include "source/telemetry/given.hpp"
#include "source/telemetry/records.hpp"

namespace perch::source::telemetry {

/// When the next record is given out.
enum class Timing : std::uint8_t {
  fast,   ///< as soon as the last one has been analysed
  times,  ///< by the records' own times
  rate    ///< `rate` a second
};

struct Config {
  std::string path;
  std::string url;
  Format format = Format::automatic;
  Timing timing = Timing::fast;
  double rate = 1;
  std::string time;
  TimeUnit time_unit = TimeUnit::s;
  bool loop = false;
  Milliseconds timeout{60'000};
};

}  // namespace perch::source::telemetry

template <>
struct perch::config::EnumNames<perch::source::telemetry::Format> {
  static constexpr std::array<std::string_view, 3> names{"auto", "csv", "jsonl"};
};

template <>
struct perch::config::EnumNames<perch::source::telemetry::TimeUnit> {
  static constexpr std::array<std::string_view, 4> names{"s", "ms", "us", "ns"};
};

template <>
struct perch::config::EnumNames<perch::source::telemetry::Timing> {
  static constexpr std::array<std::string_view, 3> names{"fast", "times", "rate"};
};

namespace perch::source::telemetry {

constexpr auto kFields = config::fields<Config>(
    config::field("path", &Config::path).help("a file of records; or url"),
    config::field("url", &Config::url)
        .help("http or https address that sends records, asked again when the answer ends; or path"),
    config::field("format", &Config::format)
        .help("'csv', whose first line names the columns, or 'jsonl', an object a line"),
    config::field("timing", &Config::timing)
        .help("'fast': as fast as they are analysed; 'times': by the records' own times; 'rate': rate a second"),
    config::field("rate", &Config::rate).range(0.001, 10000.0).help("records a second for timing = \"rate\""),
    config::field("time", &Config::time)
        .help("the field that tells a record's time: a number, or like 2026-11-21T02:13:24.118Z; default: the first "
              "called time, timestamp, ts or seconds"),
    config::field("time_unit", &Config::time_unit).help("what a number in the time field counts"),
    config::field("loop", &Config::loop).help("give all of it again at the end"),
    config::field("timeout", &Config::timeout)
        .range(std::chrono::milliseconds(100), std::chrono::hours(24))
        .help("of url: longest wait for an answer, and for the next record"));

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 64 * 1024;
/// A device is not asked more often for what has an end.
constexpr Nanoseconds kAskAgainAfter = std::chrono::seconds(1);

/// Where the text comes from, piece by piece. @thread io
class Input {
 public:
  virtual ~Input() = default;
  /// Begins, or begins again.
  virtual asio::awaitable<Result<void>> open() = 0;
  /// The next piece, never empty. Errors: eof, and those of files and networks.
  virtual asio::awaitable<Result<Bytes>> read() = 0;
  /// Whether more may come after the end, when it is opened again.
  virtual bool goes_on() const = 0;
};

class FileInput final : public Input {
 public:
  FileInput(fs::path path, asio::any_io_executor blocking) : path_(std::move(path)), blocking_(std::move(blocking)) {}

  asio::awaitable<Result<void>> open() override {
    file_ = std::make_shared<std::ifstream>();
    auto work = [file = file_, path = path_]() -> Result<void> {
      std::error_code error;
      if (!fs::is_regular_file(path, error))
        return fail(Errc::not_found, "there is no such file", path.string(), "check the path");
      file->open(path, std::ios::binary);
      if (!*file) return fail(Errc::denied, "cannot open it", path.string(), "check its permissions");
      return {};
    };
    co_return co_await run_blocking(blocking_, std::move(work));
  }

  asio::awaitable<Result<Bytes>> read() override {
    auto work = [file = file_, path = path_]() -> Result<Bytes> {
      Bytes piece(kPieceBytes);
      file->read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
      piece.resize(static_cast<std::size_t>(file->gcount()));
      if (!piece.empty()) return piece;
      if (file->bad()) return fail(Errc::io, "cannot read on", path.string());
      return fail(Errc::eof, "the end", path.string());
    };
    co_return co_await run_blocking(blocking_, std::move(work));
  }

  bool goes_on() const override { return false; }

 private:
  fs::path path_;
  asio::any_io_executor blocking_;
  std::shared_ptr<std::ifstream> file_;  ///< outlives a cancelled wait
};

class HttpInput final : public Input {
 public:
  HttpInput(net::HttpRequest request, const SourceContext& context)
      : request_(std::move(request)),
        client_(*context.http),
        clock_(*context.clock),
        wait_(context.io) {}

  asio::awaitable<Result<void>> open() override {
    if (opened_) {
      wait_.expires_after(*opened_ + kAskAgainAfter - clock_.monotonic());
      const auto [error] = co_await wait_.async_wait(asio::as_tuple(asio::use_awaitable));
      if (error) co_return fail(Errc::canceled, "no longer wanted");
    }
    net::HttpRequest request = request_;
    Result<net::HttpStream> stream = co_await client_.open(std::move(request));
    if (!stream) co_return fail(std::move(stream).error());
    stream_ = std::move(*stream);
    opened_ = clock_.monotonic();
    co_return Result<void>();
  }

  asio::awaitable<Result<Bytes>> read() override { co_return co_await stream_.read(); }

  bool goes_on() const override { return true; }

 private:
  net::HttpRequest request_;
  net::HttpClient& client_;
  const Clock& clock_;
  asio::steady_timer wait_;
  std::optional<Nanoseconds> opened_;
  net::HttpStream stream_;
};

/// Records of signals, in order, none left out.
class TelemetrySource final : public Source {
 public:
  TelemetrySource(const Config& config, std::unique_ptr<Input> input, std::string place, const SourceContext& context)
      : config_(config),
        place_(std::move(place)),
        clock_(*context.clock),
        pacer_(context.io),
        input_(std::move(input)) {}

  Pace pace() const override { return Pace::lossless; }

  asio::awaitable<Result<Frame>> next() override {
    if (!waiting_) {
      Result<Row> row = co_await read_row();
      if (!row) co_return fail(row.error().at(place_));
      waiting_ = std::move(*row);
      if (Result<void> timed = advance(*waiting_); !timed) {
        waiting_.reset();
        co_return fail(timed.error().at(place_));
      }
    }
    if (config_.timing != Timing::fast) co_await pacer_.wait_until(elapsed_);
    Frame frame;
    frame.stamp = clock_.stamp();
    frame.payload = std::move(waiting_->record);
    waiting_.reset();
    co_return frame;
  }

 private:
  /// The next record, of the next round where the input has ended.
  asio::awaitable<Result<Row>> read_row() {
    for (;;) {
      if (done_) co_return fail(Errc::eof, "the end");
      if (!open_) {
        if (Result<void> opened = co_await begin(); !opened) co_return fail(std::move(opened).error());
      }
      Result<std::optional<std::string_view>> line = lines_.next();
      if (!line) {
        parser_->skip_line();
        Error error = std::move(line).error();
        error.what = fmt::format("line {}: {}", parser_->number(), error.what);
        co_return fail(std::move(error));
      }
      if (*line) {
        Result<std::optional<Row>> row = parser_->line(**line);
        if (!row) co_return fail(std::move(row).error());
        if (!*row) continue;
        ++rows_;
        if (repeats(**line, **row)) continue;
        ++new_rows_;
        co_return std::move(**row);
      }
      if (lines_.ended()) {
        open_ = false;
        if (rows_ == 0) co_return fail(Errc::invalid, "holds no record");
        // The camera asks more and more rarely for what stays the same.
        if (new_rows_ == 0) co_return fail(Errc::io, "sends no new record");
        done_ = !config_.loop && !input_->goes_on();
        continue;
      }
      Result<Bytes> piece = co_await input_->read();
      if (piece) {
        lines_.add(*piece);
      } else if (piece.error().code == Errc::eof) {
        lines_.finish();
      } else {
        open_ = false;
        co_return fail(std::move(piece).error());
      }
    }
  }

  asio::awaitable<Result<void>> begin() {
    Result<void> opened = co_await input_->open();
    if (!opened) co_return opened;
    lines_ = Lines();
    parser_.emplace(config_.format, config_.time, config_.time_unit);
    last_at_.reset();
    rows_ = new_rows_ = 0;
    given_.begin_answer();
    open_ = true;
    co_return opened;
  }

  /// Whether a record has come with an answer before. What tells no time of its own is what the device says now.
  bool repeats(std::string_view line, const Row& row) {
    return input_->goes_on() && !config_.loop && row.at && given_.before(line);
  }

  /// When the record is due. Times that go back, and the seam of a loop, count as one step like the last.
  Result<void> advance(const Row& row) {
    if (config_.timing == Timing::rate) {
      elapsed_ = std::chrono::duration_cast<Nanoseconds>(Seconds(static_cast<double>(count_++) / config_.rate));
      return {};
    }
    if (config_.timing != Timing::times) return {};
    if (!row.at)
      return fail(Errc::mismatch, fmt::format("line {} tells no time", parser_->number()), {},
                  "name the field with time, or set timing = \"rate\"");
    const bool onwards = last_at_ && *row.at >= *last_at_;
    if (onwards) step_ = *row.at - *last_at_;
    if (count_++ > 0) elapsed_ += step_;
    last_at_ = row.at;
    return {};
  }

  Config config_;
  std::string place_;
  const Clock& clock_;
  Pacer pacer_;
  std::unique_ptr<Input> input_;

  bool open_ = false;
  bool done_ = false;
  Lines lines_;
  std::optional<RecordParser> parser_;
  std::size_t rows_ = 0;        ///< of this round
  std::size_t new_rows_ = 0;    ///< of those, the ones that were not given before
  Given given_;                 ///< where the input goes on after its end
  std::optional<Row> waiting_;  ///< read, and not given out yet

  Nanoseconds elapsed_{0};  ///< from the first record to the one that waits
  Nanoseconds step_{0};
  std::optional<Nanoseconds> last_at_;
  std::int64_t count_ = 0;
};

Result<std::unique_ptr<Source>> create(const Config& config, const SourceContext& context) {
  if (config.path.empty() == config.url.empty())
    return fail(Errc::invalid, config.path.empty() ? "neither path nor url is set" : "path and url are both set",
                "source", "set one of them");
  if (!config.path.empty()) {
    const fs::path path = fs::path(config.path).is_absolute() ? fs::path(config.path) : context.folder / config.path;
    return std::make_unique<TelemetrySource>(config, std::make_unique<FileInput>(path, context.blocking), path.string(),
                                             context);
  }
  net::HttpAccess access;
  access.url = config.url;
  access.timeout = config.timeout;
  PERCH_TRY(net::HttpRequest request, net::request_for(access, context.folder));
  return std::make_unique<TelemetrySource>(config, std::make_unique<HttpInput>(std::move(request), context),
                                           net::printable_url(config.url), context);
}

}  // namespace

void describe(Registry& registry) {
  registry.source("telemetry", "records of signals, as CSV or JSON lines, from a file or over HTTP", kFields, &create);
}

}  // namespace perch::source::telemetry
