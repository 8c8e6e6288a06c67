#include "net/transfer.hpp"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <curl/curl.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "net/http_client.hpp"
#include "net/http_errors.hpp"

namespace perch::net {

namespace {

/// What is read of an answer that is an error anyway, so that its connection can be used again.
constexpr std::size_t kMostErrorBytes = 65'536;
/// Taken from the connection at once: most of a picture.
constexpr long kReceiveBytes = 64 * 1024;
/// Memory that an announcement alone is worth.
constexpr std::size_t kMostReservedBytes = 1'000'000;

bool is_success(int status) {
  return (status >= 200 && status < 300) || status == 304;
}

bool is_one_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

}  // namespace

EasyHandle::EasyHandle() : easy(curl_easy_init()) {
  PERCH_ASSERT(easy != nullptr);
}

EasyHandle::~EasyHandle() {
  curl_easy_cleanup(easy);
}

/// What libcurl calls while a transfer runs. Nothing here may start or end a transfer.
struct TransferCallbacks {
  static std::size_t header(const char* data, std::size_t size, std::size_t count, void* user);
  static std::size_t write(const char* data, std::size_t size, std::size_t count, void* user);
};

std::size_t TransferCallbacks::header(const char* data, std::size_t size, std::size_t count, void* user) {
  auto& t = *static_cast<Transfer*>(user);
  const std::string_view line(data, size * count);
  t.header_bytes_ += line.size();
  if (t.header_bytes_ > t.request.most_header_bytes) {
    t.error = Error{Errc::too_large,
                    "its header is over " + format_size(t.request.most_header_bytes),
                    printable_url(t.request.url),
                    {}};
    return 0;
  }
  t.note_progress(line.size());
  if (line.starts_with("HTTP/")) {  // what came before was a redirect or a challenge
    t.head.headers.clear();
    t.head_complete_ = false;
  } else if (trim(line).empty()) {
    t.head_complete_ = true;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos)
    t.head.headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
  return line.size();
}

std::size_t TransferCallbacks::write(const char* data, std::size_t size, std::size_t count, void* user) {
  auto& t = *static_cast<Transfer*>(user);
  const std::size_t more = size * count;
  const bool success = t.take_head();
  const bool stream = t.mode == Transfer::Mode::stream;
  if (!success && (stream || t.body.size() + more > kMostErrorBytes)) {
    t.error = status_error(t.head.status, t.request.url);
    return 0;
  }
  if (stream && t.body.size() >= HttpStream::kMostBufferedBytes) {
    t.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  if (!stream && t.body.size() + more > t.request.most_bytes) {
    t.error = transfer_error(CURLE_FILESIZE_EXCEEDED, {}, true, t.request);
    return 0;
  }
  if (t.body.empty() && !stream) t.make_room();
  t.body.insert(t.body.end(), data, data + more);
  t.note_progress(more);
  if (stream) t.news_.cancel();
  return more;
}

Transfer::Transfer(const asio::any_io_executor& executor, HttpRequest its_request, Mode its_mode)
    : request(std::move(its_request)),
      mode(its_mode),
      news_(executor),
      watchdog_(executor) {
  news_.expires_at(Clock::time_point::max());
}

Transfer::~Transfer() {
  close();
}

Result<void> Transfer::start(const std::shared_ptr<CurlMulti>& multi, std::unique_ptr<EasyHandle> its_handle) {
  handle = std::move(its_handle);
  if (auto set = set_options(); !set) {
    ended = true;
    return set;
  }
  multi_ = multi;
  started_ = mark_ = Clock::now();
  multi->add(handle->easy, [weak = weak_from_this()](int code) {
    if (const auto self = weak.lock()) self->finish(code);
  });
  watch();
  return {};
}

/// Every option is set every time: a handle may have served another request.
Result<void> Transfer::set_options() {
  CURL* easy = handle->easy;
  const auto text = [](const std::string& value) { return value.empty() ? nullptr : value.c_str(); };
  const auto flag = [](bool value) { return value ? 1L : 0L; };
  const auto ms = [](Milliseconds value) { return static_cast<long>(value.count()); };
  const auto invalid = [&](std::string what) {
    return fail(Errc::invalid, std::move(what), printable_url(request.url));
  };

  curl_slist* list = nullptr;
  for (const auto& [name, value] : request.headers) {
    if (!is_one_line(name) || !is_one_line(value) || name.empty() || name.find(':') != std::string::npos) {
      curl_slist_free_all(list);
      return invalid("'" + printable(name) + "' cannot be a header");
    }
    std::string line = name;
    line.append(": ").append(value);
    list = curl_slist_append(list, line.c_str());
  }
  header_list_ = list;

  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "perch");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, static_cast<long>(request.most_redirects));
  curl_easy_setopt(easy, CURLOPT_USERNAME, text(request.user));
  curl_easy_setopt(easy, CURLOPT_PASSWORD, text(request.password));
  if (!handle->challenged)
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC | CURLAUTH_DIGEST));
  curl_easy_setopt(easy, CURLOPT_PROXY, request.proxy.c_str());  // an empty one shuts the environment's out
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, ms(request.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                   mode == Mode::whole ? static_cast<curl_off_t>(request.most_bytes) : curl_off_t{0});
  const bool check = !request.tls.any_server && request.tls.pinned_key.empty();
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, flag(check));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, check ? 2L : 0L);
  curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, text(request.tls.pinned_key));
  if (!request.tls.ca_file.empty() && curl_easy_setopt(easy, CURLOPT_CAINFO, request.tls.ca_file.c_str()) != CURLE_OK)
    return invalid("the CA file cannot be used");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kReceiveBytes);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // or a slow name server would hold up whoever cancels
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  static_assert(sizeof detail_ >= CURL_ERROR_SIZE);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &TransferCallbacks::header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &TransferCallbacks::write);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  return {};
}

/// Notes status and type once the body begins. Whether it is what was asked for.
bool Transfer::take_head() {
  if (!has_head_) {
    long status = 0;
    curl_easy_getinfo(handle->easy, CURLINFO_RESPONSE_CODE, &status);
    head.status = static_cast<int>(status);
    head.content_type = find_header(head.headers, "Content-Type");
    has_head_ = true;
  }
  return is_success(head.status);
}

/// Takes memory for the whole body at once where its length was announced; what lies gets little for it.
void Transfer::make_room() {
  curl_off_t length = 0;
  if (curl_easy_getinfo(handle->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) != CURLE_OK || length <= 0) return;
  body.reserve(std::min({static_cast<std::size_t>(length), request.most_bytes, kMostReservedBytes}));
}

void Transfer::note_progress(std::size_t bytes) {
  since_mark_ += bytes;
  if (since_mark_ < request.stall_bytes) return;
  since_mark_ = 0;
  mark_ = Clock::now();
}

/// Sleeps until the next limit of time, and ends the transfer when it is over.
void Transfer::watch() {
  // Before the first byte of an answer only the limit of the whole counts.
  const bool answering = header_bytes_ > 0;
  const bool opening = mode == Mode::whole || !has_head_;
  const auto whole = opening ? started_ + request.timeout : Clock::time_point::max();
  if (paused_) mark_ = Clock::now();  // it is us who keep the other side waiting
  const auto stall = mark_ + request.stall_timeout;
  const auto now = Clock::now();
  if (now >= whole) return abort(transfer_error(CURLE_OPERATION_TIMEDOUT, {}, true, request));
  if (answering && now >= stall)
    return abort({Errc::timeout,
                  "stalled: nothing for " + format_duration(request.stall_timeout),
                  printable_url(request.url),
                  {}});
  watchdog_.expires_at(std::min(whole, answering ? stall : now + request.stall_timeout));
  watchdog_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
    const auto self = weak.lock();
    if (self && !error && !self->ended) self->watch();
  });
}

Error Transfer::error_of(int code) const {
  curl_off_t connected_us = 0;
  curl_easy_getinfo(handle->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
  return transfer_error(code, detail_.data(), connected_us > 0, request);
}

void Transfer::finish(int code) {
  const bool success = take_head();
  if (!error && code == CurlMulti::kStopped) error = canceled(request);
  if (code == CURLE_OK && !head_complete_) code = CURLE_PARTIAL_FILE;  // which libcurl takes for an empty answer
  if (!error && code != CURLE_OK) error = error_of(code);
  if (!error && !success) error = status_error(head.status, request.url);
  if (code == CURLE_OK && success) {
    long offered = 0;
    curl_easy_getinfo(handle->easy, CURLINFO_HTTPAUTH_AVAIL, &offered);
    const long best = (offered & CURLAUTH_DIGEST) != 0 ? CURLAUTH_DIGEST : offered & CURLAUTH_BASIC;
    // With one method to choose from libcurl uses it at once.
    if (best != 0) handle->challenged = curl_easy_setopt(handle->easy, CURLOPT_HTTPAUTH, best) == CURLE_OK;
  } else {
    close();
  }
  ended = true;
  watchdog_.cancel();
  news_.cancel();
}

void Transfer::abort(Error its_error) {
  if (ended) return;
  error = std::move(its_error);
  close();
  ended = true;
  watchdog_.cancel();
  news_.cancel();
}

/// Ends what runs, and gives up handle and headers.
void Transfer::close() {
  if (handle) {
    if (const auto multi = multi_.lock()) multi->remove(handle->easy);
    handle.reset();
  }
  curl_slist_free_all(static_cast<curl_slist*>(std::exchange(header_list_, nullptr)));
}

asio::awaitable<Result<void>> Transfer::news(std::shared_ptr<Transfer> transfer) {
  boost::system::error_code ignored;
  co_await transfer->news_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    transfer->abort(canceled(transfer->request));
    co_return fail(canceled(transfer->request));
  }
  co_return Result<void>{};
}

Bytes Transfer::take() {
  Bytes out = std::exchange(body, {});
  if (paused_ && !ended) {
    paused_ = false;
    mark_ = Clock::now();
    curl_easy_pause(handle->easy, CURLPAUSE_CONT);
  }
  return out;
}

}  // namespace perch::net
