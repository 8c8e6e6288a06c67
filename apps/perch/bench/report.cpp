#include "bench/report.hpp"

#include <fmt/format.h>

#include "base/json_text.hpp"

namespace perch::bench {

namespace {

constexpr int kDecimals = 4;

/// Numbers of one object, one after the other.
void write(json::Writer& out, std::initializer_list<std::pair<std::string_view, double>> values) {
  for (const auto& [key, value] : values) out.key(key).number(value, kDecimals);
}

void write(json::Writer& out, const ThroughputReport& report) {
  out.begin_object();
  write(out, {{"fps", report.of.fps},
              {"limit_fps", report.of.limit_fps},
              {"efficiency", report.of.efficiency},
              {"ratio_of_medians", report.of.ratio_of_medians},
              {"inference_ms", report.inference_ms},
              {"core_share", report.core_share},
              {"inference_together_ms", report.inference_together_ms},
              {"core_share_together", report.core_share_together},
              {"limit_cpu_ms", report.limit_cpu_ms},
              {"edge_cpu_ms", report.edge_cpu_ms},
              {"camera_cpu_ms", report.camera_cpu_ms},
              {"skipped", report.skipped},
              {"first_observation_ms", report.first_observation_ms},
              {"resident_mb", report.resident_mb},
              {"peak_mb", report.peak_mb}});
  out.key("limit_workers").integer(report.limit_workers).key("slices").begin_array();
  for (const Pair& pair : report.pairs) {
    out.begin_object();
    write(out, {{"fps", pair.fps}, {"limit_fps", pair.limit_fps}});
    out.end_object();
  }
  out.end_array().end_object();
}

void write(json::Writer& out, const SteadyReport& report) {
  out.begin_object().key("cameras").integer(report.cameras);
  write(out, {{"every_ms", report.every_ms},
              {"seconds", report.seconds},
              {"fps", report.fps()},
              {"asked", report.asked},
              {"looked", report.looked},
              {"still", report.still},
              {"skipped", report.skipped},
              {"missed", report.missed},
              {"failures", report.failures},
              {"uncounted", report.uncounted},
              {"skipped_share", report.skipped_share()},
              {"missed_share", report.missed_share()},
              {"edge_cores", report.edge_cores},
              {"camera_cores", report.camera_cores},
              {"resident_first_mb", report.resident_first_mb},
              {"resident_last_mb", report.resident_last_mb},
              {"peak_mb", report.peak_mb}});
  out.key("ms").begin_object();
  for (const auto& [name, spread] : report.ms) {
    out.key(name).begin_object().key("count").integer(static_cast<std::int64_t>(spread.count));
    write(out, {{"p50", spread.p50}, {"p99", spread.p99}});
    out.end_object();
  }
  out.end_object().end_object();
}

std::string percent(double part) {
  return fmt::format("{:.3f} %", 100 * part);
}

std::string table(const ThroughputReport& report) {
  std::string out = "as fast as they can be asked\n";
  out += table_row("pipeline, frames a second", fmt::format("{:.1f}", report.of.fps));
  out += table_row(fmt::format("limit, frames a second ({} workers)", report.limit_workers),
                   fmt::format("{:.1f}", report.of.limit_fps));
  out += table_row("efficiency: median of pipeline / limit", fmt::format("{:.3f}", report.of.efficiency), ">= 0.95");
  out += table_row("ratio of the medians", fmt::format("{:.3f}", report.of.ratio_of_medians));
  out += table_row("inference alone, ms", fmt::format("{:.2f}", report.inference_ms));
  out += table_row("fps × inference / cores", fmt::format("{:.3f}", report.core_share), ">= 0.80");
  out += table_row("inference alone on every core at once, ms", fmt::format("{:.2f}", report.inference_together_ms));
  out += table_row("fps × that / cores", fmt::format("{:.3f}", report.core_share_together));
  out += table_row("processor time a frame, ms: limit", fmt::format("{:.2f}", report.limit_cpu_ms));
  out += table_row("  daemon", fmt::format("{:.2f}", report.edge_cpu_ms));
  out += table_row("  cameras", fmt::format("{:.2f}", report.camera_cpu_ms));
  out +=
      table_row("first observation after the start, ms", fmt::format("{:.0f}", report.first_observation_ms), "<= 1000");
  out += table_row("resident memory, MB", fmt::format("{:.1f}", report.resident_mb), "<= 130");
  return out;
}

std::string table(const SteadyReport& report) {
  std::string out =
      fmt::format("{} cameras, each every {:.0f} ms, for {:.0f} s\n", report.cameras, report.every_ms, report.seconds);
  out += table_row("frames a second", fmt::format("{:.1f}", report.fps()));
  out += table_row("without motion", percent(report.looked > 0 ? report.still / report.looked : 0));
  out += table_row("skipped: replaced by a newer one", percent(report.skipped_share()), "<= 0.1 %");
  out += table_row("missed: the one before was on its way", percent(report.missed_share()));
  out += table_row("failed", fmt::format("{:.0f}", report.failures));
  out += table_row("processors busy: daemon", fmt::format("{:.2f}", report.edge_cores));
  out += table_row("  cameras", fmt::format("{:.2f}", report.camera_cores));
  out += table_row("resident memory at the start, MB", fmt::format("{:.1f}", report.resident_first_mb));
  out += table_row("  at the end", fmt::format("{:.1f}", report.resident_last_mb));
  for (const auto& [name, spread] : report.ms)
    out += table_row("p50, p99: " + name + ", ms", fmt::format("{:.1f} {:.1f}", spread.p50, spread.p99));
  return out;
}

}  // namespace

std::string table_row(std::string_view what, std::string_view value, std::string_view bar) {
  return fmt::format("  {:52} {:>12}  {}\n", what, value, bar);
}

std::string to_json(const PipelineReport& report) {
  json::Writer out;
  out.begin_object().key("model").string(report.model);
  out.key("cores").integer(report.cores).key("cameras").integer(report.cameras);
  out.key("picture_kb").number(report.picture_kb, kDecimals);
  if (report.throughput) {
    out.key("throughput");
    write(out, *report.throughput);
  }
  if (report.load) {
    out.key("load_part").number(report.load_part, kDecimals).key("load");
    write(out, *report.load);
  }
  if (report.still) {
    out.key("still");
    write(out, *report.still);
  }
  if (report.steady) {
    out.key("steady");
    write(out, *report.steady);
  }
  return out.end_object().text();
}

std::string to_table(const PipelineReport& report) {
  std::string out = fmt::format("{}, {} cameras of 1280×720 ({:.0f} kB a picture), {} cores\n", report.model,
                                report.cameras, report.picture_kb, report.cores);
  if (report.throughput) out += '\n' + table(*report.throughput);
  if (report.load) {
    out += fmt::format("\nat {:.0f} % of the pipeline's rate: ", 100 * report.load_part) + table(*report.load);
    if (const auto total = report.load->ms.find("total"); total != report.load->ms.end() && report.throughput)
      out += table_row("p99 to the observation beyond inference, ms",
                       fmt::format("{:.1f}", total->second.p99 - report.throughput->inference_ms), "<= 15");
  }
  if (report.still) out += "\nstill, with the gate on: " + table(*report.still);
  if (report.steady) out += "\nsteady: " + table(*report.steady);
  return out;
}

}  // namespace perch::bench
