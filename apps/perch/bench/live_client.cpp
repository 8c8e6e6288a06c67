#include "bench/live_client.hpp"

#include <mutex>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace perch::bench {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

tl::unexpected<Error> lost(std::string_view what, const error_code& error) {
  return fail(Errc::io, fmt::format("{}: {}", what, error.message()), "/api/live");
}

}  // namespace

Result<void> add_live_times(std::string_view message, LiveTimes& times) {
  boost::system::error_code failed;
  const boost::json::value value = boost::json::parse(message, failed);
  if (failed || !value.is_object()) return fail(Errc::invalid, "a message that is no JSON object", "/api/live");
  const boost::json::value* ms = value.get_object().if_contains("ms");
  if (!ms || !ms->is_object()) return {};
  for (const auto& member : ms->get_object())
    if (member.value().is_number()) times[std::string(member.key())].push_back(member.value().to_number<double>());
  return {};
}

struct LiveClient::Impl {
  asio::io_context io{1};
  beast::websocket::stream<tcp::socket> stream{io};
  std::mutex mutex;
  LiveTimes times;
  Result<void> state;  ///< guarded by `mutex`, as `times` is
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
      const std::string message = beast::buffers_to_string(buffer.data());
      buffer.clear();
      const std::lock_guard lock(mutex);
      if (failed)
        state = lost("the daemon has hung up", failed);
      else
        state = add_live_times(message, times);
      if (!state) return;
    }
  }
};

Result<LiveClient> LiveClient::connect(std::uint16_t port) {
  auto impl = std::make_unique<Impl>();
  error_code failed;
  static_cast<void>(impl->stream.next_layer().connect({asio::ip::address_v4::loopback(), port}, failed));
  if (failed) return lost("cannot connect", failed);
  impl->stream.read_message_max(0);
  impl->stream.handshake(fmt::format("127.0.0.1:{}", port), "/api/live", failed);
  if (failed) return lost("cannot listen", failed);
  impl->thread = std::jthread([client = impl.get()] { client->listen(); });
  return LiveClient(std::move(impl));
}

Result<LiveTimes> LiveClient::take() {
  const std::lock_guard lock(impl_->mutex);
  PERCH_CHECK(impl_->state);
  return std::exchange(impl_->times, {});
}

LiveClient::LiveClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LiveClient::LiveClient(LiveClient&&) noexcept = default;
LiveClient& LiveClient::operator=(LiveClient&&) noexcept = default;
LiveClient::~LiveClient() = default;

}  // namespace perch::bench
