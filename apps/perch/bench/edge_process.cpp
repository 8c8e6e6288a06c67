#include "bench/edge_process.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"
#include "bench/metrics_text.hpp"
#include "net/fetch.hpp"

namespace perch::bench {

namespace {

using namespace std::chrono_literals;

constexpr Milliseconds kBetweenLooks = 5ms;     ///< between looks at whether there is an observation
constexpr Milliseconds kOrderlyEnd = 10'000ms;  ///< for the daemon to end in order
constexpr std::size_t kLogLines = 12;

/// A port of loopback that nobody listens on now.
Result<std::uint16_t> free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool found = ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
  ::close(fd);
  if (!found) return fail(Errc::io, "there is no free port");
  return ntohs(address.sin_port);
}

}  // namespace

std::string toml_string(std::string_view text) {
  std::string out;
  json::append_string(out, text);  // JSON's form is one of TOML's
  return out;
}

Result<std::string> analysis_for(const model::Card& card, const Registry& registry) {
  std::optional<ComponentSpec> plainest;
  for (const ComponentSpec& spec : registry.list("analysis")) {
    if (registry.reads(spec.kind) != model::finds(card.task)) continue;
    if (plainest && plainest->fields.size() <= spec.fields.size()) continue;
    config::Component as_it_is;
    as_it_is.table.set("kind", config::Node{spec.kind});
    if (registry.make_analysis(as_it_is, {card.labels, {}})) plainest = spec;
  }
  if (plainest) return plainest->kind;
  return fail(Errc::unsupported,
              fmt::format("no analysis looks at models for '{}' as they are", config::enum_name(card.task)), {},
              "measure with a detector, a classifier or an anomaly model");
}

std::string edge_config(const EdgePlan& plan, std::uint16_t port) {
  std::string toml = fmt::format("device = \"bench\"\nlisten = \"127.0.0.1:{}\"\n", port);
  if (!plan.models.empty()) toml += fmt::format("models = [{}]\n", toml_string(plan.models));
  for (int i = 0; i < plan.cameras; ++i)
    toml += fmt::format(
        R"(
[[camera]]
name = "camera-{0}"
source = {{ kind = "http", url = "http://127.0.0.1:{1}/cam/{0}/jpg", timeout = "2min" }}
every = "{2}"
gate = {{ mode = "{3}" }}
  [[camera.task]]
  name = "look"
  model = {4}
  analysis = {{ kind = "{5}" }}
  record = "every"
)",
        i, plan.camera_port, duration_text(plan.every), plan.gate ? "on" : "off", toml_string(plan.model),
        plan.analysis);
  return toml;
}

std::string last_lines(const std::filesystem::path& log, std::size_t lines) {
  const Result<Bytes> text = read_file(log);
  if (!text) return {};
  std::vector<std::string> all = split(trim(as_text(*text)), '\n');
  if (all.size() > lines) all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(lines));
  return join(all, "\n");
}

Result<Edge> Edge::start(const EdgePlan& plan, const std::filesystem::path& folder) {
  return start([&plan](std::uint16_t port) { return edge_config(plan, port); }, folder);
}

Result<Edge> Edge::start(const ConfigFor& config_for, const std::filesystem::path& folder) {
  PERCH_TRY(const std::uint16_t port, free_port());
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return fail(Errc::io, "cannot make the folder: " + failed.message(), folder.string());
  const std::filesystem::path config = folder / "perch.toml", log = folder / "edge.log";
  PERCH_CHECK(write_file(config, as_bytes(config_for(port))));
  PERCH_TRY(Child child,
            Child::start({"edge", "-c", config.string(), "--data", (folder / "data").string()}, {.log = log}));
  return Edge(std::move(child), log, port);
}

Edge::Edge(Child child, std::filesystem::path log, std::uint16_t port)
    : child_(std::move(child)),
      log_(std::move(log)),
      port_(port) {}

tl::unexpected<Error> Edge::ended() const {
  return fail(Errc::internal, "perch edge has ended; its last words:\n" + last_lines(log_, kLogLines));
}

tl::unexpected<Error> Edge::trouble(const Error& error) {
  if (!child_.running()) return ended();
  return fail(error);
}

Result<EdgeCounts> Edge::counts() {
  const Result<Bytes> text = net::fetch(fmt::format("http://127.0.0.1:{}/metrics", port_));
  if (!text) return trouble(text.error());
  EdgeCounts counts;
  counts.at = std::chrono::steady_clock::now();
  PERCH_TRY(const MetricsPage page, MetricsPage::parse(as_text(*text)));
  const auto of = [&](std::string_view what) { return page.sum(fmt::format("perch_camera_{}_total", what)); };
  counts.frames = of("frames");
  counts.looked = of("looked");
  counts.still = of("still");
  counts.skipped = of("skipped");
  counts.missed = of("missed");
  counts.failures = of("failures");
  counts.broken = of("broken");
  return counts;
}

Result<Seconds> Edge::first_observation(Seconds patience) {
  for (;;) {
    const Result<EdgeCounts> now = counts();
    const Seconds since_start = std::chrono::steady_clock::now() - child_.started();
    if (now && now->looked > 0) return since_start;
    if (!child_.running()) return ended();
    if (since_start > patience)
      return fail(Errc::timeout, "perch edge sees nothing; its last words:\n" + last_lines(log_, kLogLines));
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

void Edge::stop() {
  child_.stop(kOrderlyEnd);
}

}  // namespace perch::bench
