#include "live_listener.hpp"

#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <fmt/format.h>

namespace perch::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

tl::unexpected<Error> lost(std::string_view what, const error_code& error) {
  return fail(Errc::io, fmt::format("{}: {}", what, error.message()), "/api/live");
}

}  // namespace

struct LiveListener::Impl {
  asio::io_context io{1};
  beast::websocket::stream<tcp::socket, false> stream{io};
  OnMessage on_message;
  mutable std::mutex mutex;
  Result<void> state;  ///< guarded by `mutex`
  std::jthread thread;

  ~Impl() {
    // Ends the read that the thread waits in; its socket may be shut down from here.
    error_code ignored;
    static_cast<void>(stream.next_layer().shutdown(tcp::socket::shutdown_both, ignored));
  }

  void listen() {
    beast::flat_buffer buffer;
    for (;;) {
      error_code failed;
      stream.read(buffer, failed);
      if (failed) {
        const std::scoped_lock lock(mutex);
        state = lost("the daemon has hung up", failed);
        return;
      }
      on_message(beast::buffers_to_string(buffer.data()));
      buffer.clear();
    }
  }
};

Result<LiveListener> LiveListener::connect(std::uint16_t port, OnMessage on_message) {
  auto impl = std::make_unique<Impl>();
  impl->on_message = std::move(on_message);
  error_code failed;
  static_cast<void>(impl->stream.next_layer().connect({asio::ip::address_v4::loopback(), port}, failed));
  if (failed) return lost("cannot connect", failed);
  impl->stream.read_message_max(0);
  impl->stream.handshake(fmt::format("127.0.0.1:{}", port), "/api/live", failed);
  if (failed) return lost("cannot listen", failed);
  impl->thread = std::jthread([listener = impl.get()] { listener->listen(); });
  return LiveListener(std::move(impl));
}

Result<void> LiveListener::state() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->state;
}

LiveListener::LiveListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LiveListener::LiveListener(LiveListener&&) noexcept = default;
LiveListener& LiveListener::operator=(LiveListener&&) noexcept = default;
LiveListener::~LiveListener() = default;

}  // namespace perch::cli
