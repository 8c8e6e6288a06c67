#include "node/node.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "net/http_server.hpp"
#include "net/listen_address.hpp"
#include "node/controls.hpp"
#include "seam/blocking.hpp"
#include "seam/thermal_form.hpp"

namespace perch::node {

namespace {

using namespace std::chrono_literals;
using Reply = asio::awaitable<net::HttpReply>;

constexpr std::string_view kBoundary = "123456789000000000000987654321";  // the firmware's
constexpr Nanoseconds kFaultsAreLookedAtEvery = 100ms;
constexpr Nanoseconds kSlow = 3s;
constexpr Nanoseconds kHangs = 1h;
constexpr Nanoseconds kDripEvery = 500ms;
constexpr std::size_t kDrop = 64;  // bytes
constexpr Milliseconds kDrain{100};
constexpr std::string_view kGarbage = "<html><body><h1>Camera is starting</h1></body></html>\n";

/// What a camera answers to a request for what it sees.
struct Picture {
  SharedBytes bytes;
  std::uint64_t number = 0;
};

SharedBytes part_of(const SharedBytes& bytes, std::size_t from, std::size_t count) {
  const ByteView view = bytes.view().subspan(std::min(from, bytes.size()));
  const ByteView part = view.first(std::min(count, view.size()));
  return SharedBytes(Bytes(part.begin(), part.end()));
}

class SimulatedNode final : public Node, public std::enable_shared_from_this<SimulatedNode> {
 public:
  SimulatedNode(asio::any_io_executor io, asio::any_io_executor blocking, const Clock& clock,
                std::shared_ptr<const Film> film, net::DnsSd* dns_sd, NodeConfig config)
      : io_(std::move(io)),
        blocking_(std::move(blocking)),
        clock_(clock),
        film_(std::move(film)),
        dns_sd_(dns_sd),
        config_(std::move(config)),
        start_(clock.monotonic()),
        wake_(io_) {}

  Result<void> start() {
    PERCH_CHECK(go_on_air());
    const bool flaps = std::ranges::find(config_.faults, FaultKind::flap, &Fault::kind) != config_.faults.end();
    const auto body = [](std::shared_ptr<SimulatedNode> node) -> asio::awaitable<void> { co_await node->flap(); };
    if (flaps) asio::co_spawn(io_, body(shared_from_this()), asio::detached);
    return {};
  }

  std::uint16_t port() const override { return config_.port; }

  const std::string& name() const override { return announcement_ ? announcement_->name() : config_.name; }

  asio::awaitable<void> stop() override {
    stopping_ = true;
    wake_.cancel();
    co_await go_off_air();
  }

 private:
  using Handler = Reply (SimulatedNode::*)(net::HttpCall);

  Result<void> go_on_air() {
    net::HttpServerConfig http;
    http.listen = net::to_string(net::ListenAddress{config_.address, config_.port});
    http.allowed_hosts = {"*"};  // as the firmware: it shows pictures that nobody took of anything real
    PERCH_TRY(server_, net::HttpServer::create(io_, http));
    config_.port = server_->port();  // which it keeps when it returns
    const std::pair<std::string_view, Handler> routes[] = {
        {"/jpg", &SimulatedNode::still},       {"/capture", &SimulatedNode::still},
        {"/stream", &SimulatedNode::stream},   {"/status", &SimulatedNode::status},
        {"/control", &SimulatedNode::control}, {"/truth", &SimulatedNode::truth},
        {"/thermal", &SimulatedNode::thermal},
    };
    for (const auto& [path, handler] : routes)
      server_->route("GET", path, [self = weak_from_this(), handler](net::HttpCall call) {
        return answer(self.lock(), handler, std::move(call));
      });
    server_->start();
    if (dns_sd_ == nullptr) return {};
    auto announced = dns_sd_->announce({config_.name, config_.type, config_.port, {}});
    if (!announced) return fail(announced.error());
    announcement_.emplace(std::move(*announced));
    return {};
  }

  asio::awaitable<void> go_off_air() {
    announcement_.reset();
    const std::unique_ptr<net::HttpServer> server = std::move(server_);
    if (server) co_await server->stop(kDrain);
  }

  /// Leaves the network and returns as its faults say.
  asio::awaitable<void> flap() {
    while (co_await pause(kFaultsAreLookedAtEvery)) {
      const bool away = has(FaultKind::flap);
      if (away == (server_ == nullptr)) continue;
      if (away) {
        co_await go_off_air();
      } else if (const Result<void> back = go_on_air(); !back) {
        log::warning("{}: cannot return: {}", config_.name, back.error().message());
      }
    }
  }

  asio::awaitable<bool> pause(Nanoseconds time) {
    if (stopping_) co_return false;
    wake_.expires_after(time);
    co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return !stopping_;
  }

  static asio::awaitable<void> wait(asio::any_io_executor io, Nanoseconds time) {
    asio::steady_timer timer(io, time);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }

  bool has(FaultKind kind) const {
    const auto active = active_faults(config_.faults, clock_.monotonic() - start_);
    return std::ranges::find(active, kind) != active.end();
  }

  static Reply answer(std::shared_ptr<SimulatedNode> node, Handler handler, net::HttpCall call) {
    if (!node) co_return net::HttpReply::error(503, "the camera is going");
    co_return co_await (node.get()->*handler)(std::move(call));
  }

  /// What it saw last, or, when it is frozen, then.
  Result<std::shared_ptr<const Shot>> shot() {
    PERCH_TRY(std::shared_ptr<const Shot> latest, film_->latest());
    if (!has(FaultKind::frozen))
      frozen_.reset();
    else if (!frozen_)
      frozen_ = latest;
    return frozen_ ? frozen_ : latest;
  }

  /// The latest picture, with the faults of the view.
  asio::awaitable<Result<Picture>> picture() {
    const Result<std::shared_ptr<const Shot>> seen = shot();
    if (!seen) co_return fail(seen.error());
    const std::shared_ptr<const Shot>& shot = *seen;
    Development wanted = controls_.development();
    wanted.dark = has(FaultKind::dark);
    wanted.covered = has(FaultKind::covered);
    wanted.blurred = has(FaultKind::blurred);
    wanted.moved = has(FaultKind::moved);
    auto work = [shot, wanted] { return shot->develop(wanted); };
    const Result<SharedBytes> jpeg = co_await run_blocking(blocking_, std::move(work));
    if (!jpeg) co_return fail(jpeg.error());
    co_return Picture{*jpeg, shot->number()};
  }

  Reply still(net::HttpCall /*call*/) {
    const auto self = shared_from_this();
    co_await come_late();
    const Result<Picture> seen = co_await picture();
    if (!seen) co_return net::HttpReply::error(500, "the capture failed: " + seen.error().what);
    net::HttpReply reply = sent("image/jpeg", *seen);
    reply.headers.emplace_back("Content-Disposition", "inline; filename=capture.jpg");
    co_return reply;
  }

  Reply thermal(net::HttpCall /*call*/) {
    const auto self = shared_from_this();
    co_await come_late();
    const Result<std::shared_ptr<const Shot>> seen = shot();
    if (!seen) co_return net::HttpReply::error(500, "the capture failed: " + seen.error().what);
    const ThermalGrid& grid = (*seen)->grid();
    if (!grid.is_whole()) co_return net::HttpReply::error(404, "this is no thermal camera", "pictures are at /jpg");
    co_return sent(thermal_type(grid), {SharedBytes(thermal_bytes(grid)), (*seen)->number()});
  }

  /// The faults of a camera that lets others wait.
  asio::awaitable<void> come_late() {
    if (has(FaultKind::hang)) co_await wait(io_, kHangs);
    if (has(FaultKind::slow)) co_await wait(io_, kSlow);
  }

  /// The answer with what was seen, and with the faults of what is sent.
  net::HttpReply sent(const std::string& type, const Picture& seen) {
    net::HttpReply reply = net::HttpReply::bytes(type, seen.bytes);
    if (has(FaultKind::garbage)) reply.body = SharedBytes(Bytes(kGarbage.begin(), kGarbage.end()));
    if (has(FaultKind::truncate)) reply.body = part_of(seen.bytes, 0, seen.bytes.size() / 2);
    if (has(FaultKind::drip)) reply = net::HttpReply::stream(type, drip(seen.bytes));
    reply.headers.emplace_back("Access-Control-Allow-Origin", "*");
    reply.headers.emplace_back("X-Perch-Shot", std::to_string(seen.number));
    return reply;
  }

  net::HttpChunks drip(SharedBytes jpeg) {
    const auto state = std::make_shared<std::pair<SharedBytes, std::size_t>>(std::move(jpeg), 0);
    return [io = io_, state] { return next_drop(io, state); };
  }

  static asio::awaitable<std::optional<net::HttpChunk>> next_drop(
      asio::any_io_executor io, std::shared_ptr<std::pair<SharedBytes, std::size_t>> state) {
    co_await wait(io, kDripEvery);
    const std::size_t from = std::exchange(state->second, state->second + kDrop);
    if (from >= state->first.size()) co_return std::nullopt;
    co_return net::HttpChunk{{}, part_of(state->first, from, kDrop)};
  }

  Reply stream(net::HttpCall /*call*/) {
    auto last = std::make_shared<std::uint64_t>(0);
    auto chunks = [self = shared_from_this(), last] { return next_part(self, last); };
    co_return net::HttpReply::stream(fmt::format("multipart/x-mixed-replace;boundary={}", kBoundary),
                                     std::move(chunks));
  }

  static asio::awaitable<std::optional<net::HttpChunk>> next_part(std::shared_ptr<SimulatedNode> self,
                                                                  std::shared_ptr<std::uint64_t> last) {
    for (;;) {
      if (self->stopping_) co_return std::nullopt;
      const Result<Picture> seen = co_await self->picture();
      const bool is_new = seen && (seen->number != *last || self->frozen_);
      if (is_new && !self->has(FaultKind::hang)) {
        const bool is_first = std::exchange(*last, seen->number) == 0;
        if (!is_first && self->frozen_) co_await wait(self->io_, self->film_->period());
        co_return net::HttpChunk{fmt::format("\r\n--{}\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n",
                                             kBoundary, seen->bytes.size()),
                                 seen->bytes};
      }
      co_await wait(self->io_, std::min<Nanoseconds>(self->film_->period(), 50ms));
    }
  }

  Reply status(net::HttpCall /*call*/) {
    const auto latest = film_->latest();
    co_return net::HttpReply::json(controls_.status(latest ? (*latest)->size() : image::Size{}));
  }

  Reply control(net::HttpCall call) {
    const auto variable = call.query.get("var");
    const auto text = call.query.get("val");
    if (!variable || !text)
      co_return net::HttpReply::error(404, "var or val is missing", "/control?var=quality&val=12");
    const auto value = parse_number<int>(*text);
    if (!value) co_return net::HttpReply::error(500, "val is no whole number", "/control?var=quality&val=12");
    if (const Result<void> done = controls_.set(*variable, *value); !done)
      co_return net::HttpReply::error(500, done.error().what, done.error().remedy);
    co_return net::HttpReply::text("");
  }

  Reply truth(net::HttpCall /*call*/) {
    const auto latest = film_->latest();
    if (!latest) co_return net::HttpReply::error(500, "the capture failed: " + latest.error().what);
    if ((*latest)->truth().empty())
      co_return net::HttpReply::error(404, "nobody knows what is true of these pictures",
                                      "serve a scene: --scene NAME");
    net::HttpReply reply = net::HttpReply::json((*latest)->truth());
    reply.headers.emplace_back("X-Perch-Shot", std::to_string((*latest)->number()));
    co_return reply;
  }

  asio::any_io_executor io_, blocking_;
  const Clock& clock_;
  std::shared_ptr<const Film> film_;
  net::DnsSd* dns_sd_;
  NodeConfig config_;
  Nanoseconds start_;
  Controls controls_;
  std::shared_ptr<const Shot> frozen_;
  std::unique_ptr<net::HttpServer> server_;
  std::optional<net::DnsSd::Announcement> announcement_;
  asio::steady_timer wake_;
  bool stopping_ = false;
};

}  // namespace

std::string node_name(std::uint16_t number) {
  return fmt::format("indoor-camera-{:04x}", number);
}

Result<std::shared_ptr<Node>> Node::create(asio::any_io_executor io, asio::any_io_executor blocking, const Clock& clock,
                                           std::shared_ptr<const Film> film, net::DnsSd* dns_sd, NodeConfig config) {
  auto node = std::make_shared<SimulatedNode>(std::move(io), std::move(blocking), clock, std::move(film), dns_sd,
                                              std::move(config));
  PERCH_CHECK(node->start());
  return node;
}

}  // namespace perch::node
