#include "edge/check_parts.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "base/clock.hpp"
#include "edge/discovery.hpp"
#include "net/dns_sd.hpp"
#include "net/http_client.hpp"
#include "seam/sink.hpp"

namespace perch::edge {

namespace {

using config::Node;
using config::detail::element_path;
using config::detail::path_of;

/// Makes parts and lets go of them. Nobody runs the loop that they are given.
class Parts {
 public:
  Parts(Draft& draft, const Registry& registry, std::filesystem::path folder)
      : draft_(draft),
        registry_(registry),
        folder_(std::move(folder)) {}

  std::vector<std::optional<FrameKind>> check() {
    std::vector<std::optional<FrameKind>> given;
    const Settings& settings = draft_.settings;
    for (std::size_t i = 0; i < settings.cameras.size(); ++i) {
      const Node& table = (*draft_.written.find("camera")->array())[i];
      given.push_back(camera(settings.cameras[i], table, element_path("camera", table, i)));
    }
    for (std::size_t i = 0; i < settings.discover.size(); ++i) {
      const Node& table = (*draft_.written.find("discover")->array())[i];
      discover(settings.discover[i], table, element_path("discover", table, i));
    }
    for (std::size_t i = 0; i < settings.sinks.size(); ++i)
      sink(settings.sinks[i], element_path("sink", settings.sinks[i].table, i));
    return given;
  }

 private:
  /// Reports an error of making a component at the key that it is about, or at the component.
  void component(const config::Component& of, const std::string& path, Error error) {
    const std::string key = std::exchange(error.where, {});
    if (of.table.find(key)) return report(of.table, path, key, error, draft_.diagnostics);
    draft_.diagnostics.add(of.table.origin(), path, std::move(error.what), std::move(error.remedy));
  }

  void gate(const pipeline::GateConfig& config, const Node& table, const std::string& path) {
    if (!written_right(draft_.diagnostics, path_of(path, "gate"))) return;
    const auto made = pipeline::Gate::create(config);
    if (made) return;
    Error error = made.error();
    const std::string key = std::exchange(error.where, {});
    const Node* motion = table.find("gate") ? table.find("gate")->find("motion") : nullptr;
    report(motion ? *motion : table, path_of(path, "gate.motion"), key, error, draft_.diagnostics);
  }

  std::optional<FrameKind> camera(const Camera& camera, const Node& table, const std::string& path) {
    gate(camera.gate, table, path);
    const std::string place = path_of(path, "source");
    if (!camera.source.table.table() || !written_right(draft_.diagnostics, place)) return std::nullopt;
    const auto made = source(camera);
    if (made) return (*made)->gives();
    component(camera.source, place, made.error());
    return std::nullopt;
  }

  /// A block is tried with a camera that it could find.
  void discover(const Discover& block, const Node& table, const std::string& path) {
    gate(block.gate, table, path);
    if (!block.path.starts_with('/')) return;  // reported
    const net::Found sample{"sample", "sample.local", {asio::ip::address_v4::loopback()}, 80, {}};
    const auto made = source(discovered_camera(block, sample));
    if (made) return;
    Error error = made.error();
    const std::string key = std::exchange(error.where, {});
    report(table, path, key == "url" ? "path" : key, error, draft_.diagnostics);
  }

  Result<std::unique_ptr<Source>> source(const Camera& camera) {
    SourceContext context;
    context.camera = CameraId{camera.name.value};
    context.io = context.blocking = io_.get_executor();
    context.clock = &clock_;
    context.http = &http_;
    context.folder = folder_;
    return registry_.make_source(camera.source, context);
  }

  void sink(const config::Component& sink, const std::string& path) {
    if (!sink.table.table() || !written_right(draft_.diagnostics, path)) return;
    SinkContext context;
    context.name = sink_name(sink);
    context.io = context.blocking = io_.get_executor();
    context.clock = &clock_;
    context.folder = draft_.settings.data;
    if (const auto made = registry_.make_sink(sink, context); !made) component(sink, path, made.error());
  }

  Draft& draft_;
  const Registry& registry_;
  const std::filesystem::path folder_;
  asio::io_context io_{1};
  SystemClock clock_;
  net::HttpClient http_{io_.get_executor(), clock_};
};

}  // namespace

void report(const Node& table, const std::string& path, std::string_view key, const Error& error,
            config::Diagnostics& diagnostics) {
  std::string reason = error.where.empty() ? error.what : fmt::format("{}: {}", error.where, error.what);
  diagnostics.add(table.origin_of(key), path_of(path, key), std::move(reason), error.remedy);
}

bool written_right(const config::Diagnostics& diagnostics, const std::string& path) {
  return std::ranges::none_of(diagnostics.list(), [&](const config::Diagnostic& d) {
    return d.key == path || d.key.starts_with(path + ".") || d.key.starts_with(path + "[");
  });
}

std::vector<std::optional<FrameKind>> check_parts(Draft& draft, const Registry& registry,
                                                  const std::filesystem::path& folder) {
  return Parts(draft, registry, folder).check();
}

}  // namespace perch::edge
