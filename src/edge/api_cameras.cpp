#include <fmt/format.h>

#include "base/text.hpp"
#include "edge/api_impl.hpp"
#include "edge/api_picture.hpp"
#include "seam/blocking.hpp"

namespace perch::edge {

namespace {

void write_counters(json::Writer& w, const pipeline::CameraCounters& counters) {
  const std::pair<std::string_view, std::uint64_t> all[] = {
      {"frames", counters.frames},   {"looked", counters.looked}, {"still", counters.still},
      {"skipped", counters.skipped}, {"missed", counters.missed}, {"failures", counters.failures},
      {"broken", counters.broken},
  };
  w.begin_object();
  for (const auto& [name, value] : all) w.key(name).integer(static_cast<std::int64_t>(value));
  w.end_object();
}

void write_outputs(json::Writer& w, const std::vector<Output>& outputs) {
  w.begin_array();
  for (const Output& output : outputs) {
    w.begin_object().key("name").string(output.name).key("unit").string(output.unit);
    w.key("kind").string(name(output.kind)).key("decimals").integer(output.decimals).end_object();
  }
  w.end_array();
}

void write_regions(json::Writer& w, const std::vector<Region>& regions) {
  constexpr int kPixelDecimals = 2;
  w.begin_array();
  for (const Region& region : regions) {
    w.begin_array();
    for (const Point& corner : region.corners_px.corners)
      w.number(corner.x, kPixelDecimals).number(corner.y, kPixelDecimals);
    w.end_array();
  }
  w.end_array();
}

/// Tells one picture from all others of a camera, also from those before it began anew and counted from 1 again.
std::string tag_of(const Frame& frame) {
  return fmt::format("{}-{}", frame.seq, frame.stamp.at.time_since_epoch().count());
}

}  // namespace

Result<const CameraInfo*> Api::Impl::find(const std::string& name) const {
  const auto found = context_.infos.find({name});
  if (found != context_.infos.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& [id, info] : context_.infos) names.push_back(id.value);
  return fail(Errc::not_found, fmt::format("there is no camera '{}'", printable(name, 64)), {}, suggest(name, names));
}

void Api::Impl::write_camera(json::Writer& w, const CameraInfo& info) const {
  const Latest* latest = context_.live.latest(info.id);
  const pipeline::Camera* camera = context_.cameras.find(info.id);
  w.begin_object().key("name").string(info.id.value).key("source").string(info.source);
  w.key("every_ms").integer(std::chrono::duration_cast<Milliseconds>(info.every).count()).key("health");
  context_.live.write_health(w, info.id);
  w.key("counters");
  write_counters(w, camera ? camera->counters() : pipeline::CameraCounters{});
  w.key("viewers").integer(static_cast<std::int64_t>(context_.streams.viewers(info.id))).key("latest_seq");
  if (latest && latest->frame)
    w.integer(static_cast<std::int64_t>(latest->frame->seq));
  else
    w.null();
  w.key("tasks").begin_array();
  for (std::size_t i = 0; i < info.tasks.size(); ++i) {
    const TaskInfo& task = info.tasks[i];
    w.begin_object().key("name").string(task.name).key("model").string(task.model);
    w.key("record").string(task.record.text()).key("keep_picture").boolean(task.keep_picture).key("outputs");
    write_outputs(w, task.outputs);
    w.key("regions");
    write_regions(w, task.regions);
    w.key("latest");
    context_.live.write_latest(w, info, i);
    w.end_object();
  }
  w.end_array().end_object();
}

Api::Impl::Reply Api::Impl::cameras(net::HttpCall /*call*/) {
  json::Writer w;
  w.begin_object().key("cameras").begin_array();
  for (const auto& [id, info] : context_.infos) write_camera(w, info);
  w.end_array().end_object();
  co_return net::HttpReply::json(w.text());
}

Api::Impl::Reply Api::Impl::camera(net::HttpCall call) {
  const Result<const CameraInfo*> info = find(call.param("name"));
  if (!info) co_return net::HttpReply::error(info.error());
  json::Writer w;
  write_camera(w, **info);
  co_return net::HttpReply::json(w.text());
}

Api::Impl::Reply Api::Impl::latest_picture(net::HttpCall call) {
  const Result<const CameraInfo*> info = find(call.param("name"));
  if (!info) co_return net::HttpReply::error(info.error());
  const CameraId id = (*info)->id;
  const Latest* latest = context_.live.latest(id);
  if (latest == nullptr || !latest->frame) {
    const bool waits = latest == nullptr || latest->health.health == pipeline::Health::connecting;
    const std::string why = waits ? "" : fmt::format(": {}", latest->health.reason);
    co_return net::HttpReply::error(404, "no picture has come yet" + why, "try again later");
  }
  const FramePtr frame = latest->frame;
  net::HttpReply reply;
  reply.etag = tag_of(*frame);
  // Nothing need be encoded for whoever has it already: the server makes this a 304.
  if (!net::etag_matches(net::find_header(call.headers, "If-None-Match"), reply.etag)) {
    const Result<SharedBytes> bytes = co_await encoded(frame);
    if (!bytes) co_return net::HttpReply::error(bytes.error());
    reply.content_type = content_type_of(bytes->view());
    reply.body = *bytes;
  }
  reply.headers.emplace_back("X-Perch-Seq", std::to_string(frame->seq));
  reply.headers.emplace_back("X-Perch-At", to_string(frame->stamp.at));
  co_return reply;
}

asio::awaitable<Result<SharedBytes>> Api::Impl::encoded(FramePtr frame) {
  if (!needs_encoding(*frame)) co_return picture_bytes(*frame);
  if (const auto known = encoded_.find(frame->camera); known != encoded_.end() && known->second.frame == frame)
    co_return known->second.bytes;
  auto work = [frame] { return picture_bytes(*frame); };
  Result<SharedBytes> bytes = co_await run_blocking(context_.blocking, std::move(work));
  std::erase_if(encoded_, [this](const auto& entry) { return !context_.infos.contains(entry.first); });
  if (bytes) encoded_[frame->camera] = {frame, *bytes};
  co_return bytes;
}

Api::Impl::Reply Api::Impl::stream(net::HttpCall call) {
  const Result<const CameraInfo*> info = find(call.param("name"));
  if (!info) co_return net::HttpReply::error(info.error());
  const CameraId id = (*info)->id;
  if (context_.cameras.find(id) == nullptr)
    co_return net::HttpReply::error(404, fmt::format("the camera '{}' is not at work", id.value),
                                    "/api/cameras/" + id.value + " tells why");
  const Latest* latest = context_.live.latest(id);
  FramePtr first = latest ? latest->frame : nullptr;
  if (first && !is_picture(*first))
    co_return net::HttpReply::error(404, fmt::format("what the camera '{}' gives are no pictures", id.value));
  co_return context_.streams.open(id, std::move(first));
}

}  // namespace perch::edge
