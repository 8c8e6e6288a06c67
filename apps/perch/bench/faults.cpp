#include "bench/faults.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/json_text.hpp"
#include "base/text.hpp"
#include "bench/edge_process.hpp"
#include "bench/loops.hpp"
#include "bench/node_process.hpp"
#include "bench/rig.hpp"
#include "net/fetch.hpp"
#include "node/fault.hpp"
#include "pipeline/health.hpp"

namespace perch::bench {

namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr int kPictures = 60;  ///< of what the cameras look at, over and over
constexpr Seconds kLook{0.1};
constexpr Seconds kMayStart{30};
constexpr int kSecondDecimals = 1;

/// What names no fault.
bool is_well(std::string_view health) {
  return health == pipeline::name(pipeline::Health::live) || health == pipeline::name(pipeline::Health::connecting);
}

/// What a fault is to be called.
pipeline::Health health_of(node::FaultKind fault) {
  using node::FaultKind, pipeline::Health;
  switch (fault) {
    case FaultKind::frozen:
      return Health::frozen;
    case FaultKind::dark:
      return Health::dark;
    case FaultKind::covered:
      return Health::covered;
    case FaultKind::blurred:
      return Health::blurred;
    case FaultKind::moved:
      return Health::moved;
    case FaultKind::truncate:
    case FaultKind::garbage:
      return Health::broken;
    case FaultKind::slow:
      return Health::late;
    case FaultKind::hang:
    case FaultKind::drip:
    case FaultKind::flap:
      break;
  }
  return Health::gone;
}

/// A camera under watch.
struct Watched {
  FaultRow row;
  std::string name;
  std::uint16_t port = 0;
  SteadyClock::time_point began;  ///< when its schedule began
  std::string last;               ///< its health at the last look
};

class FaultsBench {
 public:
  FaultsBench(const FaultsPlan& plan, const std::function<bool()>& tick) : plan_(plan), patience_(tick) {}

  Result<FaultsReport> run() {
    PERCH_TRY(const std::vector<node::FaultKind> kinds, wanted());
    PERCH_TRY(const Workplace workplace, Workplace::make());
    LoopPlan loop;
    loop.scenes = {"lot"};
    loop.count = 1;
    loop.every = plan_.every;
    loop.pictures = kPictures;
    loop.size = plan_.size;
    PERCH_TRY(const auto loops, render_loops(loop, workplace.path() / "loops"));
    PERCH_TRY(NodeProcess nodes, NodeProcess::start(loops, plan_.every));
    for (const node::FaultKind kind : kinds) PERCH_CHECK(add(nodes, kind));
    PERCH_CHECK(add(nodes, std::nullopt));
    PERCH_TRY(Edge edge, Edge::start([this](std::uint16_t port) { return config(port); }, workplace.path() / "edge"));
    PERCH_CHECK(watch(edge));
    FaultsReport report;
    for (Watched& one : all_) report.rows.push_back(std::move(one.row));
    return report;
  }

 private:
  Result<std::vector<node::FaultKind>> wanted() const {
    std::vector<std::string> names = plan_.faults;
    if (names.empty()) names.assign(node::fault_names().begin(), node::fault_names().end());
    std::vector<node::FaultKind> kinds;
    for (const std::string& name : names) {
      PERCH_TRY(const node::Fault fault, node::parse_fault(name));
      kinds.push_back(fault.kind);
    }
    return kinds;
  }

  Result<void> add(NodeProcess& nodes, std::optional<node::FaultKind> fault) {
    Watched one;
    one.name = "well";
    std::vector<std::string> faults;
    if (fault) {
      one.name = one.row.fault = node::name(*fault);
      one.row.expected = pipeline::name(health_of(*fault));
      faults.push_back(fmt::format("{}@{}+{}", one.name, ms_text(plan_.well), ms_text(plan_.ill)));
    }
    PERCH_TRY(one.port, nodes.add(static_cast<int>(all_.size()), faults));
    one.began = SteadyClock::now();  // after the answer: the first one waits for the process to start
    all_.push_back(std::move(one));
    return {};
  }

  std::string config(std::uint16_t port) const {
    std::string toml = fmt::format("device = \"bench\"\nlisten = \"127.0.0.1:{}\"\n", port);
    for (const Watched& one : all_)
      toml += fmt::format(
          "[[camera]]\nname = \"{}\"\nsource = {{ kind = \"http\", url = \"http://127.0.0.1:{}/jpg\", timeout = "
          "\"{}\" }}\nevery = \"{}\"\nhealth = {{ frozen_after = \"{}\" }}\n",
          one.name, one.port, duration_text(plan_.timeout), duration_text(plan_.every),
          duration_text(plan_.frozen_after));
    return toml;
  }

  /// Looks at what the daemon says of each camera until all have recovered or the patience is over.
  Result<void> watch(Edge& edge) {
    const SteadyClock::time_point end =
        SteadyClock::now() + std::chrono::ceil<Nanoseconds>(plan_.well + plan_.ill + plan_.patience);
    const SteadyClock::time_point start = SteadyClock::now();
    while (SteadyClock::now() < end && !all_recovered()) {
      PERCH_CHECK(patience_.wait(kLook));
      const Result<Bytes> text = net::fetch(fmt::format("http://127.0.0.1:{}/api/cameras", edge.port()));
      if (!text) {
        if (SteadyClock::now() - start < kMayStart && edge.use()) continue;  // it is starting
        return edge.trouble(text.error());
      }
      boost::system::error_code failed;
      const boost::json::value value = boost::json::parse(as_text(*text), failed);
      if (failed) return fail(Errc::internal, "perch edge sends no JSON", "/api/cameras");
      for (const boost::json::value& camera : value.at("cameras").as_array()) {
        const boost::json::value& health = camera.at("health");
        note(std::string(camera.at("name").as_string()), std::string(health.at("health").as_string()),
             std::string(health.at("reason").as_string()));
      }
    }
    return {};
  }

  bool all_recovered() const {
    for (const Watched& one : all_)
      if (since_start(one) < plan_.well + plan_.ill || (!one.row.fault.empty() && one.row.recovered_s < 0))
        return false;
    return true;
  }

  static Seconds since_start(const Watched& one) { return SteadyClock::now() - one.began; }

  void note(const std::string& name, const std::string& health, const std::string& reason) {
    const auto found = std::ranges::find(all_, name, &Watched::name);
    if (found == all_.end()) return;
    Watched& one = *found;
    FaultRow& row = one.row;
    const Seconds now = since_start(one);
    const bool is_ill = !row.fault.empty() && now >= plan_.well;
    const bool is_new = one.last != health;
    one.last = health;
    if (!is_ill) {
      if (is_new && !is_well(health)) row.false_alarms += (row.false_alarms.empty() ? "" : ", ") + health;
      return;
    }
    if (row.named.empty()) {
      if (is_well(health)) return;
      row.named = health;
      row.named_s = (now - plan_.well).count();
    } else if (is_new && health != row.named && !is_well(health)) {
      row.others += (row.others.empty() ? "" : ", ") + health;
    }
    if (now < plan_.well + plan_.ill) {
      if (!is_well(health)) row.reason = reason;
    } else if (is_well(health) && row.recovered_s < 0) {
      row.recovered_s = (now - plan_.well - plan_.ill).count();
    }
  }

  const FaultsPlan& plan_;
  Patience patience_;
  std::vector<Watched> all_;
};

}  // namespace

Seconds time_needed(const FaultsPlan& plan) {
  return plan.well + plan.ill + plan.patience;
}

Result<FaultsReport> bench_faults(const FaultsPlan& plan, const std::function<bool()>& tick) {
  return FaultsBench(plan, tick).run();
}

std::string to_json(const FaultsReport& report) {
  json::Writer out;
  out.begin_object().key("faults").begin_array();
  for (const FaultRow& row : report.rows) {
    out.begin_object().key("fault").string(row.fault).key("expected").string(row.expected);
    out.key("named").string(row.named).key("named_s").number(row.named_s, kSecondDecimals);
    out.key("reason").string(row.reason).key("others").string(row.others);
    out.key("recovered_s").number(row.recovered_s, kSecondDecimals);
    out.key("false_alarms").string(row.false_alarms).key("right").boolean(row.right()).end_object();
  }
  return out.end_array().end_object().text();
}

std::string to_table(const FaultsReport& report) {
  std::string out = "| fault | is named | after | with the reason | live again after |\n|---|---|---|---|---|\n";
  for (const FaultRow& row : report.rows) {
    const std::string named = row.named.empty() ? "nothing" : fmt::format("`{}`", row.named);
    out += fmt::format("| {} | {}{}{} | {} | {} | {} |\n", row.fault.empty() ? "none" : fmt::format("`{}`", row.fault),
                       named, row.others.empty() ? "" : ", then " + row.others,
                       row.false_alarms.empty() ? "" : ", and before it began " + row.false_alarms,
                       row.named.empty() ? "" : fmt::format("{:.1f} s", row.named_s), row.reason,
                       row.recovered_s < 0 ? "" : fmt::format("{:.1f} s", row.recovered_s));
  }
  return out;
}

}  // namespace perch::bench
