#include "net/http_client.hpp"

#include <list>

#include <boost/asio/use_awaitable.hpp>

#include "net/http_errors.hpp"
#include "net/transfer.hpp"

namespace perch::net {

namespace {

/// Handles kept for what they know about servers that want a password.
constexpr std::size_t kMostIdleHandles = 256;

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

/// What a handle has learned belongs to one server, one user and one way of trusting the server.
std::string identity(const HttpRequest& request) {
  const std::size_t scheme = request.url.find("://");
  const std::size_t end = scheme == std::string::npos ? scheme : request.url.find_first_of("/?#", scheme + 3);
  std::string key = request.url.substr(0, end);
  for (const std::string& part : {request.user, request.password, request.tls.ca_file, request.tls.pinned_key,
                                  std::string(request.tls.any_server ? "any" : ""), request.proxy}) {
    key += '\n';
    key += part;
  }
  return key;
}

/// Ends a transfer whose coroutine goes away.
struct AbortOnExit {
  Transfer& transfer;

  ~AbortOnExit() { transfer.abort(canceled(transfer.request)); }
};

}  // namespace

struct HttpClient::Impl {
  struct Idle {
    std::string identity;
    std::unique_ptr<EasyHandle> handle;
  };

  asio::any_io_executor executor;
  const Clock* clock = nullptr;
  std::shared_ptr<CurlMulti> multi;  ///< null once the client is destroyed
  std::list<Idle> idle;              ///< the latest first

  Result<std::shared_ptr<Transfer>> start(const HttpRequest& request, Transfer::Mode mode, bool& knew);
  std::unique_ptr<EasyHandle> take_handle(const HttpRequest& request);
  void give_back(Transfer& transfer);
};

std::unique_ptr<EasyHandle> HttpClient::Impl::take_handle(const HttpRequest& request) {
  const std::string key = identity(request);
  for (auto it = idle.begin(); it != idle.end(); ++it) {
    if (it->identity != key) continue;
    auto handle = std::move(it->handle);
    idle.erase(it);
    return handle;
  }
  return std::make_unique<EasyHandle>();
}

/// Keeps a handle only for what it has learned: a new one costs microseconds.
void HttpClient::Impl::give_back(Transfer& transfer) {
  if (!multi || !transfer.ended || !transfer.handle || !transfer.handle->challenged) return;
  idle.push_front({identity(transfer.request), std::move(transfer.handle)});
  if (idle.size() > kMostIdleHandles) idle.pop_back();
}

/// @param knew set to whether the handle had learned to authenticate before
Result<std::shared_ptr<Transfer>> HttpClient::Impl::start(const HttpRequest& request, Transfer::Mode mode, bool& knew) {
  if (!multi) return fail(canceled(request));
  auto transfer = std::make_shared<Transfer>(executor, request, mode);
  auto handle = take_handle(request);
  knew = handle->challenged;
  PERCH_CHECK(transfer->start(multi, std::move(handle)));
  return transfer;
}

HttpClient::HttpClient(asio::any_io_executor executor) : HttpClient(std::move(executor), system_clock()) {}

HttpClient::HttpClient(asio::any_io_executor executor, const Clock& clock) : impl_(std::make_shared<Impl>()) {
  impl_->executor = executor;
  impl_->clock = &clock;
  impl_->multi = std::make_shared<CurlMulti>(std::move(executor));
}

HttpClient::~HttpClient() {
  impl_->idle.clear();
  impl_->multi.reset();
}

asio::awaitable<Result<HttpResponse>> HttpClient::get(HttpRequest request) {
  return get_from(impl_, std::move(request));
}

asio::awaitable<Result<HttpStream>> HttpClient::open(HttpRequest request) {
  return open_from(impl_, std::move(request));
}

asio::awaitable<Result<HttpResponse>> HttpClient::get_from(std::shared_ptr<Impl> impl, HttpRequest request) {
  for (;;) {
    bool knew = false;
    auto started = impl->start(request, Transfer::Mode::whole, knew);
    if (!started) co_return fail(std::move(started).error());
    const std::shared_ptr<Transfer> transfer = *started;
    {
      const AbortOnExit guard{*transfer};
      while (!transfer->ended) {
        auto waited = co_await Transfer::news(transfer);
        if (!waited) break;
      }
    }
    impl->give_back(*transfer);
    // What an old challenge has taught may have become wrong; a new one is worth one more request.
    if (knew && transfer->error && transfer->head.status == 401) continue;
    if (transfer->error) co_return fail(std::move(*transfer->error));
    HttpResponse response;
    static_cast<HttpHead&>(response) = std::move(transfer->head);
    response.body = std::move(transfer->body);
    response.last_byte = impl->clock->stamp();
    co_return response;
  }
}

asio::awaitable<Result<HttpStream>> HttpClient::open_from(std::shared_ptr<Impl> impl, HttpRequest request) {
  for (;;) {
    bool knew = false;
    auto started = impl->start(request, Transfer::Mode::stream, knew);
    if (!started) co_return fail(std::move(started).error());
    HttpStream stream(*started);
    const std::shared_ptr<Transfer> transfer = *started;
    while (!transfer->ended && transfer->body.empty()) {
      auto waited = co_await Transfer::news(transfer);
      if (!waited) break;
    }
    if (knew && transfer->error && transfer->head.status == 401) continue;
    // What came before a failure is still worth reading.
    if (transfer->error && (transfer->body.empty() || transfer->error->code == Errc::canceled))
      co_return fail(*transfer->error);
    co_return stream;
  }
}

HttpStream::HttpStream(std::shared_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}

HttpStream::HttpStream(HttpStream&&) noexcept = default;

HttpStream& HttpStream::operator=(HttpStream&& other) noexcept {
  std::swap(transfer_, other.transfer_);
  return *this;
}

HttpStream::~HttpStream() {
  if (transfer_) transfer_->abort(canceled(transfer_->request));
}

const HttpHead& HttpStream::head() const {
  return transfer_->head;
}

asio::awaitable<Result<Bytes>> HttpStream::read() {
  // The stream may go away while its reader waits.
  return [](std::shared_ptr<Transfer> transfer) -> asio::awaitable<Result<Bytes>> {
    for (;;) {
      if (!transfer->body.empty()) co_return transfer->take();
      if (transfer->error) co_return fail(*transfer->error);
      if (transfer->ended) co_return fail(Errc::eof, "the stream has ended", printable_url(transfer->request.url));
      auto waited = co_await Transfer::news(transfer);
      if (!waited) co_return fail(std::move(waited).error());
    }
  }(transfer_);
}

}  // namespace perch::net
