#include "net/http_server.hpp"

#include <map>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "net/http_connection.hpp"
#include "net/listen_address.hpp"

namespace perch::net {

namespace {

using asio::ip::tcp;
using boost::system::error_code;

/// How long to wait when there are no descriptors left to accept with.
constexpr Milliseconds kAcceptPause{100};

tl::unexpected<Error> fail_listen(const error_code& error, const std::string& listen) {
  if (error == asio::error::address_in_use)
    return fail(Errc::exists, "another program listens there", listen, "stop it, or choose another port");
  if (error == asio::error::access_denied)
    return fail(Errc::denied, "no permission to listen there", listen, "choose a port from 1024 on");
  if (error == boost::system::errc::address_not_available)
    return fail(Errc::io, "this machine has no such address", listen, "choose another, or 0.0.0.0 for all");
  if (error == asio::error::no_descriptors)
    return fail(Errc::full, "cannot listen: " + error.message(), listen, "raise the limit of open files (ulimit -n)");
  return fail(Errc::io, "cannot listen: " + error.message(), listen);
}

}  // namespace

void HttpConnection::finish() {
  last = true;
  switch (doing) {
    case Doing::idle:
    case Doing::streaming:
      abort();
      break;
    case Doing::web_socket:
      if (say_goodbye) say_goodbye();
      break;
    case Doing::answering:
      break;
  }
}

void HttpConnection::abort() {
  if (close) close();
  cancel.emit(asio::cancellation_type::terminal);
}

struct HttpServer::Impl {
  Impl(const asio::any_io_executor& its_executor, std::shared_ptr<HttpServing> its_serving)
      : executor(its_executor),
        acceptor(its_executor),
        gone(its_executor),
        serving(std::move(its_serving)) {
    gone.expires_at(std::chrono::steady_clock::time_point::max());
  }

  asio::any_io_executor executor;
  tcp::acceptor acceptor;
  asio::steady_timer gone;  ///< cancelled whenever a connection has ended
  std::shared_ptr<HttpServing> serving;
  std::uint16_t port = 0;
  std::string host;
  std::map<HttpConnection*, std::shared_ptr<HttpConnection>> connections;
  bool started = false;

  Result<void> bind(const tcp::endpoint& endpoint);
  void accept(const std::shared_ptr<Impl>& self, tcp::socket socket);
  void abort_all();
};

Result<void> HttpServer::Impl::bind(const tcp::endpoint& endpoint) {
  const std::string& listen = serving->config.listen;
  error_code failed;
  (void)acceptor.open(endpoint.protocol(), failed);
  if (!failed) (void)acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) (void)acceptor.bind(endpoint, failed);
  if (!failed) (void)acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return fail_listen(failed, listen);
  port = acceptor.local_endpoint().port();
  host = endpoint.address().to_string();
  if (endpoint.address().is_v6()) host = '[' + host + ']';
  return {};
}

Result<std::unique_ptr<HttpServer>> HttpServer::create(const asio::any_io_executor& executor,
                                                       const HttpServerConfig& config) {
  PERCH_TRY(const ListenAddress listen, parse_listen(config.listen));
  const tcp::endpoint endpoint(asio::ip::make_address(numeric_host(listen)), listen.port);
  auto serving = std::make_shared<HttpServing>(
      HttpServing{config, HostRules(endpoint.address().to_string(), config.allowed_hosts, config.allowed_origins), {}});
  auto impl = std::make_shared<Impl>(executor, std::move(serving));
  PERCH_CHECK(impl->bind(endpoint));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  error_code ignored;
  (void)impl_->acceptor.close(ignored);
  impl_->abort_all();
}

void HttpServer::route(std::string method, std::string_view pattern, HttpHandler handler) {
  PERCH_ASSERT(!impl_->started);
  impl_->serving->router.add(std::move(method), pattern, std::move(handler));
}

void HttpServer::web_socket(std::string_view pattern, std::shared_ptr<WebSocketHub> hub) {
  PERCH_ASSERT(!impl_->started);
  impl_->serving->router.add(pattern, std::move(hub));
}

void HttpServer::start() {
  PERCH_ASSERT(!impl_->started);
  impl_->started = true;
  asio::co_spawn(impl_->executor, accept_loop(impl_), asio::detached);
}

asio::awaitable<void> HttpServer::accept_loop(std::shared_ptr<Impl> impl) {
  while (impl->acceptor.is_open()) {
    error_code failed;
    tcp::socket socket(impl->executor);
    co_await impl->acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, failed));
    if (!impl->acceptor.is_open()) co_return;
    if (!failed) {
      impl->accept(impl, std::move(socket));
      continue;
    }
    if (failed == asio::error::connection_aborted) continue;
    asio::steady_timer pause(impl->executor, kAcceptPause);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
  }
}

void HttpServer::Impl::accept(const std::shared_ptr<Impl>& self, tcp::socket socket) {
  error_code ignored;
  (void)socket.set_option(tcp::no_delay(true), ignored);
  if (connections.size() >= serving->config.most_connections) {
    HttpReply full = HttpReply::error(503, "too many connections", "close some, or try again later");
    const std::string text = reply_head(full, false) + std::string(as_text(full.body.view()));
    (void)socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(text), ignored);
    return;
  }
  auto connection = std::make_shared<HttpConnection>();
  HttpConnection* key = connection.get();
  connections.emplace(key, connection);
  const auto slot = connection->cancel.slot();
  asio::co_spawn(executor, serve_http(serving, connection, std::move(socket)),
                 asio::bind_cancellation_slot(slot, [self, connection](const std::exception_ptr&) {
                   self->connections.erase(connection.get());
                   self->gone.cancel();
                 }));
}

void HttpServer::Impl::abort_all() {
  const auto all = connections;  // it shrinks meanwhile
  for (const auto& [key, connection] : all) connection->abort();
}

asio::awaitable<void> HttpServer::stop(Milliseconds drain) {
  const std::shared_ptr<Impl> impl = impl_;
  error_code ignored;
  (void)impl->acceptor.close(ignored);
  const auto all = impl->connections;
  for (const auto& [key, connection] : all) connection->finish();
  asio::steady_timer deadline(impl->executor, drain);
  bool over = false;
  deadline.async_wait([impl, &over](error_code error) {
    if (error) return;
    over = true;
    impl->gone.cancel();
  });
  while (!impl->connections.empty()) {
    co_await impl->gone.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (over) impl->abort_all();
  }
}

std::uint16_t HttpServer::port() const {
  return impl_->port;
}

std::string HttpServer::url() const {
  return fmt::format("http://{}:{}", impl_->host, impl_->port);
}

std::size_t HttpServer::connections() const {
  return impl_->connections.size();
}

}  // namespace perch::net
