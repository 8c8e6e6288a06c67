#include "bench/live_client.hpp"

#include <mutex>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "live_listener.hpp"

namespace perch::bench {

Result<void> add_live_times(std::string_view message, LiveTimes& times, std::string_view cameras) {
  boost::system::error_code failed;
  const boost::json::value value = boost::json::parse(message, failed);
  if (failed || !value.is_object()) return fail(Errc::invalid, "a message that is no JSON object", "/api/live");
  const boost::json::value* camera = value.get_object().if_contains("camera");
  const std::string_view name = camera && camera->is_string() ? std::string_view(camera->get_string()) : "";
  if (!name.starts_with(cameras)) return {};
  const boost::json::value* ms = value.get_object().if_contains("ms");
  if (!ms || !ms->is_object()) return {};
  for (const auto& member : ms->get_object())
    if (member.value().is_number()) times[std::string(member.key())].push_back(member.value().to_number<double>());
  return {};
}

struct LiveClient::Impl {
  std::mutex mutex;
  std::string cameras;  ///< not changed once the listener hears
  LiveTimes times;      ///< guarded by `mutex`, as `state` is
  Result<void> state;   ///< of what was heard
  std::optional<cli::LiveListener> listener;

  void hear(std::string_view message) {
    const std::scoped_lock lock(mutex);
    if (state) state = add_live_times(message, times, cameras);
  }
};

Result<LiveClient> LiveClient::connect(std::uint16_t port, std::string cameras) {
  auto impl = std::make_unique<Impl>();
  impl->cameras = std::move(cameras);
  const auto hear = [client = impl.get()](std::string_view message) { client->hear(message); };
  PERCH_TRY(impl->listener, cli::LiveListener::connect(port, hear));
  return LiveClient(std::move(impl));
}

Result<LiveTimes> LiveClient::take() {
  PERCH_CHECK(impl_->listener->state());
  const std::scoped_lock lock(impl_->mutex);
  PERCH_CHECK(impl_->state);
  return std::exchange(impl_->times, {});
}

LiveClient::LiveClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LiveClient::LiveClient(LiveClient&&) noexcept = default;
LiveClient& LiveClient::operator=(LiveClient&&) noexcept = default;
LiveClient::~LiveClient() = default;

}  // namespace perch::bench
