#include "edge/api.hpp"

#include "edge/api_impl.hpp"
#include "edge/metrics_text.hpp"

namespace perch::edge {

Api::Impl::Impl(ApiContext context)
    : context_(std::move(context)),
      figures_(std::make_shared<JournalFigures>(context_.io, context_.journal)) {}

Api::Api(ApiContext context) : impl_(std::make_shared<Impl>(std::move(context))) {}

Api::~Api() = default;

void Api::add_routes(net::HttpServer& server) {
  using Handler = Impl::Reply (Impl::*)(net::HttpCall);
  constexpr std::pair<std::string_view, Handler> kRoutes[] = {
      {"/api/info", &Impl::info},
      {"/api/cameras", &Impl::cameras},
      {"/api/cameras/{name}", &Impl::camera},
      {"/api/cameras/{name}/latest.jpg", &Impl::latest_picture},
      {"/api/cameras/{name}/stream", &Impl::stream},
      {"/api/discovered", &Impl::discovered},
      {"/api/readings", &Impl::readings},
      {"/api/pictures/{sha}", &Impl::picture},
      {"/healthz", &Impl::health},
      {"/metrics", &Impl::metrics},
  };
  for (const auto& [pattern, handler] : kRoutes)
    server.route("GET", pattern,
                 [impl = impl_, handler](net::HttpCall call) { return (impl.get()->*handler)(std::move(call)); });
  server.web_socket("/api/live", impl_->live());
}

Api::Impl::Reply Api::Impl::info(net::HttpCall /*call*/) {
  const std::optional<journal::Stats> stats = co_await JournalFigures::get(figures_);
  const DeviceInfo& device = context_.device;
  json::Writer w;
  w.begin_object().key("device").string(device.device).key("version").string(device.version);
  w.key("started").string(to_string(device.started)).key("at").string(to_string(context_.clock.now()));
  w.key("boot").string(context_.clock.boot().value);
  w.key("config").begin_object().key("revision").integer(static_cast<std::int64_t>(device.config));
  w.key("since").string(to_string(device.config_since)).key("problem").string(device.problem).end_object();
  w.key("cameras").integer(static_cast<std::int64_t>(context_.infos.size())).key("journal");
  if (stats) {
    w.begin_object().key("id").string(stats->journal).key("last_seq").integer(static_cast<std::int64_t>(stats->last));
    w.key("bytes").integer(static_cast<std::int64_t>(stats->disk_bytes)).end_object();
  } else {
    w.null();
  }
  w.key("sinks").begin_array();
  for (const SinkState& sink : context_.sinks ? context_.sinks() : std::vector<SinkState>()) {
    w.begin_object().key("name").string(sink.name);
    w.key("delivered").integer(static_cast<std::int64_t>(sink.delivered));
    w.key("problem").string(sink.problem).end_object();
  }
  w.end_array().end_object();
  co_return net::HttpReply::json(w.text());
}

Api::Impl::Reply Api::Impl::health(net::HttpCall /*call*/) {
  const auto reasons = context_.trouble ? context_.trouble() : std::vector<std::string>();
  json::Writer w;
  w.begin_object().key("status").string(reasons.empty() ? "ok" : "failing").key("reasons").begin_array();
  for (const std::string& reason : reasons) w.string(reason);
  w.end_array().end_object();
  net::HttpReply reply = net::HttpReply::json(w.text());
  if (!reasons.empty()) reply.status = 503;
  co_return reply;
}

Api::Impl::Reply Api::Impl::metrics(net::HttpCall /*call*/) {
  MetricsState state{.cameras = context_.cameras};
  state.journal = co_await JournalFigures::get(figures_);
  if (context_.pictures != nullptr) {
    state.has_pictures = true;
    state.pictures = context_.pictures->size();
    state.picture_bytes = context_.pictures->bytes();
  }
  const net::WebSocketHub& hub = *context_.live.hub();
  state.live_clients = hub.clients();
  state.live_dropped = hub.dropped();
  state.stream_viewers = context_.streams.viewers();
  if (context_.readings_dropped) state.readings_dropped = context_.readings_dropped();
  if (context_.pictures_dropped) state.pictures_dropped = context_.pictures_dropped();
  if (context_.http_connections) state.http_connections = context_.http_connections();
  co_return net::HttpReply::text(context_.metrics.text(state), std::string(MetricsText::kContentType));
}

}  // namespace perch::edge
