#include <fmt/format.h>

#include "base/json_text.hpp"
#include "bench/fleet.hpp"

namespace perch::bench {

namespace {

constexpr int kFleetDecimals = 4;

void write_seen(json::Writer& out, std::string_view key, const std::map<std::string, int>& seen) {
  out.key(key).begin_object();
  for (const auto& [health, looks] : seen) out.key(health).integer(looks);
  out.end_object();
}

void write_run(json::Writer& out, const FleetRun& run) {
  out.begin_object().key("with_faults").boolean(run.with_faults);
  const std::initializer_list<std::pair<std::string_view, double>> numbers{
      {"seconds", run.seconds},
      {"looked", run.looked},
      {"well_count", static_cast<double>(run.well_ms.count)},
      {"well_p50_ms", run.well_ms.p50},
      {"well_p99_ms", run.well_ms.p99},
      {"well_asked", run.well_asked},
      {"well_missed", run.well_missed},
      {"well_failures", run.well_failures},
      {"ill_failures", run.ill_failures},
      {"edge_cores", run.edge_cores},
      {"node_cores", run.node_cores},
      {"resident_first_mb", run.resident_first_mb},
      {"resident_last_mb", run.resident_last_mb},
      {"peak_mb", run.peak_mb},
      {"descriptors_first", static_cast<double>(run.descriptors_first)},
      {"descriptors_last", static_cast<double>(run.descriptors_last)},
      {"descriptors_most", static_cast<double>(run.descriptors_most)}};
  for (const auto& [key, value] : numbers) out.key(key).number(value, kFleetDecimals);
  write_seen(out, "ill_seen", run.ill_seen);
  write_seen(out, "well_seen", run.well_seen);
  out.end_object();
}

std::string shares(const std::map<std::string, int>& seen) {
  double all = 0;
  for (const auto& [health, looks] : seen) all += looks;
  std::string text;
  for (const auto& [health, looks] : seen)
    text += fmt::format("{}{} {:.1f} %", text.empty() ? "" : ", ", health, 100 * looks / all);
  return text;
}

}  // namespace

std::string to_json(const FleetReport& report) {
  json::Writer out;
  out.begin_object().key("model").string(report.model).key("cores").integer(report.cores);
  out.key("cameras").integer(report.cameras).key("faulty").integer(report.faulty).key("runs").begin_array();
  for (const FleetRun& run : report.runs) write_run(out, run);
  out.end_array().key("calm_p99_ms").number(report.calm_p99_ms, kFleetDecimals);
  out.key("faulty_p99_ms")
      .number(report.faulty_p99_ms, kFleetDecimals)
      .key("p99_ratio")
      .number(report.p99_ratio(), kFleetDecimals);
  return out.end_object().text();
}

std::string to_table(const FleetReport& report) {
  std::string out = fmt::format("{}, {} cameras, of which {} go through every fault, {} cores\n", report.model,
                                report.cameras, report.faulty, report.cores);
  for (const FleetRun& run : report.runs) {
    out += fmt::format("\n{} faults, {:.0f} s\n", run.with_faults ? "with" : "without", run.seconds);
    out += table_row("frames a second", fmt::format("{:.1f}", run.looked / run.seconds));
    out += table_row("cameras without faults: p50, p99 to the observation, ms",
                     fmt::format("{:.1f} {:.1f}", run.well_ms.p50, run.well_ms.p99));
    out += table_row("  missed, failed", fmt::format("{:.0f} {:.0f}", run.well_missed, run.well_failures));
    out += table_row("  were", shares(run.well_seen));
    out += table_row("the others: failed", fmt::format("{:.0f}", run.ill_failures));
    out += table_row("  were", shares(run.ill_seen));
    out += table_row("processors busy: daemon, cameras", fmt::format("{:.2f} {:.2f}", run.edge_cores, run.node_cores));
    out += table_row("resident memory at the start, the end, MB",
                     fmt::format("{:.1f} {:.1f}", run.resident_first_mb, run.resident_last_mb));
    out += table_row("descriptors at the start, the end, at most",
                     fmt::format("{} {} {}", run.descriptors_first, run.descriptors_last, run.descriptors_most));
  }
  if (report.calm_p99_ms <= 0) return out;
  out += "\ncameras without faults, all runs\n";
  out += table_row("p99 without faults, with faults, ms",
                   fmt::format("{:.1f} {:.1f}", report.calm_p99_ms, report.faulty_p99_ms));
  out += table_row("ratio", fmt::format("{:.3f}", report.p99_ratio()), "<= 1.20");
  return out;
}

}  // namespace perch::bench
