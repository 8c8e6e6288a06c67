#include "learn/pull.hpp"

#include <cerrno>
#include <charconv>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "model/session.hpp"
#include "net/http_client.hpp"
#include "net/http_errors.hpp"

namespace perch::learn {

namespace {

namespace asio = boost::asio;

constexpr int kPartial = 206;
constexpr int kNoSuchRange = 416;
constexpr std::string_view kTryAgain = "try again: it goes on where it was cut off";

/// A file on its way.
struct Part {
  std::filesystem::path path;    ///< what has come
  std::filesystem::path origin;  ///< where from, and the server's mark for that file, a line each

  std::uint64_t size() const {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
  }

  /// The mark under which the rest may be asked for; empty when there is none, or for another address.
  std::string mark_for(const std::string& url) const {
    const auto bytes = read_file(origin, 4096);
    if (!bytes) return {};
    const std::vector<std::string> lines = split(as_text(*bytes), '\n');
    return lines.size() >= 2 && lines[0] == url ? lines[1] : std::string();
  }

  void remove() const {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    std::filesystem::remove(origin, ignored);
  }
};

/// What tells this file of the server's from any other: its strong ETag, or when it was changed. Source: RFC
/// 9110, 13.1.5.
std::string mark_of(const net::Headers& headers) {
  const std::string_view etag = net::find_header(headers, "ETag");
  if (!etag.empty() && !etag.starts_with("W/")) return std::string(etag);
  return std::string(net::find_header(headers, "Last-Modified"));
}

/// Whether the answer goes on at this byte.
bool goes_on_at(const net::HttpHead& head, std::uint64_t at) {
  return head.status == kPartial &&
         net::find_header(head.headers, "Content-Range").starts_with(fmt::format("bytes {}-", at));
}

std::uint64_t content_length(const net::HttpHead& head) {
  const std::string_view text = net::find_header(head.headers, "Content-Length");
  std::uint64_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

bool is_web_page(std::string_view type, ByteView start) {
  return type.starts_with("text/html") || trim(as_text(start)).starts_with('<');
}

/// One transfer into a part.
class Download {
 public:
  /// `anew`: whatever is there of it is not gone on with.
  Download(const CatalogueEntry& entry, const Part& part, const PullSettings& settings, const PullProgress& progress,
           bool anew)
      : entry_(entry),
        part_(part),
        progress_(progress) {
    request_.url = entry.url;
    request_.connect_timeout = settings.connect_timeout;
    request_.timeout = request_.stall_timeout = settings.stall_timeout;
    request_.proxy = settings.proxy;
    where_ = net::printable_url(entry.url);
    const std::string mark = part.mark_for(entry.url);
    if (const std::uint64_t size = part.size(); !anew && size > 0 && !mark.empty()) {
      resume_at_ = size;
      request_.headers.emplace_back("Range", fmt::format("bytes={}-", size));
      request_.headers.emplace_back("If-Range", mark);
    }
  }

  /// Whether the server would not go on where an earlier try stopped. The part is as it was.
  bool will_not_go_on() const { return will_not_go_on_; }

  /// Bytes that an earlier try had brought and this one did not fetch again.
  std::uint64_t resumed() const { return resumed_; }

  asio::awaitable<Result<void>> run(net::HttpClient& client) {
    auto opened = co_await client.open(request_);
    if (!opened) {
      will_not_go_on_ = resume_at_ > 0 && opened.error().what == net::status_error(kNoSuchRange, request_.url).what;
      co_return fail(std::move(opened).error());
    }
    net::HttpStream stream = std::move(*opened);
    if (auto begun = begin(stream.head()); !begun) {
      will_not_go_on_ = resume_at_ > 0 && !file_.is_open();
      co_return begun;
    }
    bool first = true;
    for (;;) {
      auto bytes = co_await stream.read();
      if (!bytes && bytes.error().code == Errc::eof) break;
      if (!bytes) {
        Error error = std::move(bytes).error();
        error.remedy = kTryAgain;
        co_return fail(std::move(error));
      }
      if (first && done_ == 0 && is_web_page(stream.head().content_type, *bytes)) {
        part_.remove();
        co_return fail(Errc::invalid, "answers with a web page instead of a model", where_,
                       "the address may want a login, or have moved: see " + entry_.page);
      }
      first = false;
      if (auto added = add(*bytes); !added) co_return added;
    }
    co_return finish();
  }

 private:
  /// Opens the part for what follows; an answer from the first byte on replaces what was there.
  Result<void> begin(const net::HttpHead& head) {
    const bool goes_on = resume_at_ > 0 && goes_on_at(head, resume_at_);
    if (head.status == kPartial && !goes_on)
      return fail(Errc::io, "answers with another part of the file than was asked for", where_);
    done_ = resumed_ = goes_on ? resume_at_ : 0;
    all_ = entry_.bytes.bytes;
    if (const std::uint64_t rest = content_length(head); rest > 0) {
      if (all_ > 0 && done_ + rest != all_)
        return fail(Errc::mismatch, fmt::format("would be {} bytes, the catalogue says {}", done_ + rest, all_), where_,
                    "the file there is another one");
      all_ = done_ + rest;
    }
    if (!goes_on) {
      const std::string note = request_.url + "\n" + mark_of(head.headers) + "\n";
      PERCH_CHECK(write_file(part_.origin, as_bytes(note)));
    }
    const int mode = goes_on ? O_APPEND : O_TRUNC;
    file_ = Descriptor(::open(part_.path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | mode, 0644));
    if (!file_.is_open()) return fail(file_error("write", part_.path, errno));
    return {};
  }

  Result<void> add(ByteView bytes) {
    const std::uint64_t limit = entry_.bytes.bytes > 0 ? entry_.bytes.bytes : model::kMaxModelBytes;
    if (done_ + bytes.size() > limit) {
      part_.remove();
      return fail(Errc::mismatch, fmt::format("sends more than the {} that the file has", format_size(limit)), where_,
                  "the file there is another one");
    }
    if (const int error = write_all(file_, bytes); error != 0) {
      Error full = file_error("write", part_.path, error);
      if (full.code == Errc::full) full.remedy = "free some space and try again: it goes on where it stopped";
      return fail(std::move(full));
    }
    done_ += bytes.size();
    if (progress_) progress_(done_, all_);
    return {};
  }

  Result<void> finish() {
    if (::fsync(file_.get()) != 0) return fail(file_error("sync", part_.path, errno));
    if (all_ > 0 && done_ < all_)
      return fail(Errc::io, fmt::format("sent {} of {} bytes", done_, all_), where_, std::string(kTryAgain));
    return {};
  }

  const CatalogueEntry& entry_;
  const Part& part_;
  const PullProgress& progress_;
  net::HttpRequest request_;
  std::string where_;
  Descriptor file_;
  bool will_not_go_on_ = false;
  std::uint64_t resume_at_ = 0, resumed_ = 0, done_ = 0, all_ = 0;
};

Result<std::uint64_t> fetch_part(const CatalogueEntry& entry, const Part& part, const PullSettings& settings,
                                 const PullProgress& progress) {
  // Whole already: only its last step is missing.
  if (entry.bytes.bytes > 0 && part.size() == entry.bytes.bytes && !part.mark_for(entry.url).empty())
    return entry.bytes.bytes;
  Result<void> outcome = fail(Errc::internal, "the transfer did not run", entry.name);
  for (const bool anew : {false, true}) {
    asio::io_context io(1);
    net::HttpClient client(io.get_executor());
    Download download(entry, part, settings, progress, anew);
    asio::co_spawn(io, download.run(client), [&](const std::exception_ptr& thrown, Result<void> result) {
      if (!thrown) outcome = std::move(result);
      io.stop();
    });
    io.run();
    if (outcome) return download.resumed();
    if (!download.will_not_go_on()) break;
  }
  return fail(std::move(outcome).error());
}

Result<std::string> hash_of(const std::filesystem::path& path) {
  PERCH_TRY(const Bytes bytes, read_file(path, model::kMaxModelBytes));
  return sha256_hex(bytes);
}

/// What is there already under the name of something that is to come is somebody's, and stays.
Result<void> expect_free(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::symlink_status(path, error))) return {};
  return fail(Errc::exists, "is here already, and is another file than the catalogue's", path.string(),
              "move it away, or name another folder with --models");
}

Error no_address(const CatalogueEntry& entry) {
  return {Errc::not_found,
          fmt::format("no public address is known that serves the file of '{}' with the sha256 {}", entry.name,
                      entry.sha256),
          {},
          fmt::format("its project is at {}; give an address that has it with --from", entry.page)};
}

}  // namespace

Result<Pulled> pull(const CatalogueEntry& entry, const std::filesystem::path& folder, const PullSettings& settings,
                    const PullProgress& progress) {
  Pulled pulled;
  pulled.model = folder / (entry.name + ".onnx");
  pulled.card = folder / (entry.name + ".toml");
  PERCH_TRY(const std::string card, card_text(entry));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(file_error("make the folder", folder, error.value()));
  if (const auto here = hash_of(pulled.model); here && *here == entry.sha256) {
    pulled.was_here = true;
    pulled.bytes = std::filesystem::file_size(pulled.model, error);
    if (!std::filesystem::exists(pulled.card, error)) PERCH_CHECK(write_file(pulled.card, as_bytes(card)));
    return pulled;
  }
  PERCH_CHECK(expect_free(pulled.model));
  if (const auto there = read_file(pulled.card); !there || as_text(*there) != card)
    PERCH_CHECK(expect_free(pulled.card));
  if (entry.url.empty()) return fail(no_address(entry));
  const Part part{folder / fmt::format(".{}.onnx.part", entry.name), folder / fmt::format(".{}.onnx.from", entry.name)};
  PERCH_TRY(pulled.resumed, fetch_part(entry, part, settings, progress));
  pulled.bytes = part.size();
  PERCH_TRY(const std::string hash, hash_of(part.path));
  if (hash != entry.sha256) {
    part.remove();
    return fail(
        Errc::mismatch,
        fmt::format("is not the file of '{}': its sha256 is {}, the catalogue says {}", entry.name, hash, entry.sha256),
        net::printable_url(entry.url), "nothing of it was kept");
  }
  // The model first: without a card of its own it still finds the known one.
  std::filesystem::rename(part.path, pulled.model, error);
  if (error) return fail(file_error("put in place", pulled.model, error.value()));
  PERCH_CHECK(write_file(pulled.card, as_bytes(card)));
  PERCH_CHECK(sync_folder_of(pulled.model));
  part.remove();
  return pulled;
}

}  // namespace perch::learn
