#include "net/curl_multi.hpp"

#include <map>
#include <mutex>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

#include "base/assert.hpp"

namespace perch::net {

namespace {

using boost::system::error_code;

/// Connections kept for reuse. By default libcurl keeps four for each running transfer: with many cameras and few
/// transfers at a time it would close nearly all of them.
constexpr long kMostConnections = 512;

static_assert(CurlMulti::kStopped == CURLE_ABORTED_BY_CALLBACK);

void init_once() {
  static std::once_flag once;
  std::call_once(once, [] { PERCH_ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

/// One of libcurl's sockets, watched for it. The socket stays libcurl's.
struct Watch {
  Watch(const asio::any_io_executor& executor, curl_socket_t socket) : descriptor(executor), fd(socket) {}

  asio::posix::stream_descriptor descriptor;
  curl_socket_t fd;
  int wanted = CURL_POLL_NONE;
  bool reading = false, writing = false;
  bool dead = false;  ///< libcurl has closed the socket, and its number may already be another's
};

}  // namespace

struct CurlMulti::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(asio::any_io_executor its_executor) : executor(std::move(its_executor)), timer(executor) {}

  asio::any_io_executor executor;
  asio::steady_timer timer;
  CURLM* multi = nullptr;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches;
  std::map<CURL*, Done> running;
  bool closed = false;
  bool acting_soon = false;  ///< libcurl is about to be told that time has passed

  void open();
  void close();
  void act(curl_socket_t socket, int events);
  void act_soon();
  void report();
  void watch(curl_socket_t socket, int what);
  static void forget(Watch& watch);
  void wait(const std::shared_ptr<Watch>& watch, bool for_reading);
  void arm(const std::shared_ptr<Watch>& watch);

  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* unused);
  static int on_timer(CURLM* multi, long wait_ms, void* self);
};

void CurlMulti::Impl::open() {
  init_once();
  multi = curl_multi_init();
  PERCH_ASSERT(multi != nullptr);
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kMostConnections);
}

void CurlMulti::Impl::close() {
  const auto unfinished = std::exchange(running, {});
  for (const auto& [easy, done] : unfinished) curl_multi_remove_handle(multi, easy);
  closed = true;
  for (const auto& [fd, watch] : watches) forget(*watch);
  watches.clear();
  timer.cancel();
  for (const auto& [easy, done] : unfinished) done(kStopped);
  curl_multi_cleanup(multi);
}

void CurlMulti::Impl::act(curl_socket_t socket, int events) {
  int still_running = 0;
  curl_multi_socket_action(multi, socket, events, &still_running);
  report();
}

/// Tells of the transfers that have ended. Whoever is told may add, remove, and destroy us.
void CurlMulti::Impl::report() {
  const auto self = shared_from_this();
  std::vector<std::pair<Done, int>> ended;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const int code = message->data.result;
    curl_multi_remove_handle(multi, easy);  // `message` is gone with it
    const auto found = running.find(easy);
    if (found == running.end()) continue;
    ended.emplace_back(std::move(found->second), code);
    running.erase(found);
  }
  for (const auto& [done, code] : ended) {
    if (closed) return;
    done(code);
  }
}

int CurlMulti::Impl::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& impl = *static_cast<Impl*>(self);
  if (!impl.closed) impl.watch(socket, what);
  return 0;
}

void CurlMulti::Impl::watch(curl_socket_t socket, int what) {
  auto found = watches.find(socket);
  if (what == CURL_POLL_REMOVE) {
    if (found == watches.end()) return;
    forget(*found->second);
    watches.erase(found);
    return;
  }
  if (found == watches.end()) {
    auto fresh = std::make_shared<Watch>(executor, socket);
    error_code failed;
    static_cast<void>(fresh->descriptor.assign(socket, failed));
    if (failed) return;  // the transfer then ends by its timeout
    found = watches.emplace(socket, std::move(fresh)).first;
  }
  found->second->wanted = what;
  arm(found->second);
}

/// Gives the socket back to libcurl, which closes it. Our descriptor must neither close it nor keep its number.
void CurlMulti::Impl::forget(Watch& watch) {
  watch.dead = true;
  if (watch.descriptor.is_open()) watch.descriptor.release();
}

void CurlMulti::Impl::arm(const std::shared_ptr<Watch>& watch) {
  if (watch->dead) return;
  if ((watch->wanted & CURL_POLL_IN) != 0 && !watch->reading) wait(watch, true);
  if ((watch->wanted & CURL_POLL_OUT) != 0 && !watch->writing) wait(watch, false);
}

void CurlMulti::Impl::wait(const std::shared_ptr<Watch>& watch, bool for_reading) {
  bool Watch::* const waiting = for_reading ? &Watch::reading : &Watch::writing;
  (*watch).*waiting = true;
  const auto kind = for_reading ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
  watch->descriptor.async_wait(kind, [weak = weak_from_this(), watch, waiting, for_reading](error_code error) {
    (*watch).*waiting = false;
    const auto self = weak.lock();
    if (!self || self->closed || watch->dead || error == asio::error::operation_aborted) return;
    if ((watch->wanted & (for_reading ? CURL_POLL_IN : CURL_POLL_OUT)) != 0)
      self->act(watch->fd, error ? CURL_CSELECT_ERR : for_reading ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
    if (!self->closed) self->arm(watch);
  });
}

/// Acts at once, but through the event loop: libcurl may not be entered from its own callback. It asks for this with
/// every transfer, and a timer that is due now would cost more than all else about it.
void CurlMulti::Impl::act_soon() {
  if (std::exchange(acting_soon, true)) return;
  asio::post(executor, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->closed) return;
    self->acting_soon = false;
    self->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

int CurlMulti::Impl::on_timer(CURLM*, long wait_ms, void* self) {
  auto& impl = *static_cast<Impl*>(self);
  if (impl.closed) return 0;
  if (wait_ms < 0) {
    impl.timer.cancel();
    return 0;
  }
  if (wait_ms == 0) {
    impl.timer.cancel();
    impl.act_soon();
    return 0;
  }
  impl.timer.expires_after(std::chrono::milliseconds(wait_ms));
  impl.timer.async_wait([weak = impl.weak_from_this()](error_code error) {
    const auto alive = weak.lock();
    if (alive && !alive->closed && !error) alive->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

CurlMulti::CurlMulti(asio::any_io_executor executor) : impl_(std::make_shared<Impl>(std::move(executor))) {
  impl_->open();
}

CurlMulti::~CurlMulti() {
  impl_->close();
}

void CurlMulti::add(void* easy, Done done) {
  impl_->running.emplace(easy, std::move(done));
  PERCH_ASSERT(curl_multi_add_handle(impl_->multi, easy) == CURLM_OK);
}

void CurlMulti::remove(void* easy) {
  if (impl_->running.erase(easy) > 0) curl_multi_remove_handle(impl_->multi, easy);
}

}  // namespace perch::net
