#include "run/region_option.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "config/field.hpp"

namespace perch::cli {

namespace {

constexpr std::string_view kForms =
    "write [[x, y, width, height], …], @FILE with the same, or MODEL:label,label for another model's findings";

struct FixedRegions {
  std::vector<std::vector<double>> regions;
};

constexpr auto kFixedFields = config::fields<FixedRegions>(config::field("regions", &FixedRegions::regions).required());

Result<RegionOption> parse_list(std::string_view list, std::string_view from) {
  config::Diagnostics diagnostics;
  const config::Node node = config::parse_toml(fmt::format("regions = {}", list), from, diagnostics);
  FixedRegions fixed;
  if (diagnostics.ok()) kFixedFields.read(node, "", diagnostics, fixed);
  if (!diagnostics.ok())
    return fail(Errc::invalid, "not a list of regions: " + diagnostics.list().front().reason, std::string(from),
                std::string(kForms));
  return RegionOption{std::move(fixed.regions), {}, {}};
}

}  // namespace

Result<RegionOption> parse_region_option(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (trimmed.starts_with('[')) return parse_list(trimmed, "--regions");
  if (trimmed.starts_with('@')) {
    const std::string path(trimmed.substr(1));
    PERCH_TRY(const Bytes bytes, read_file(path));
    return parse_list(trim(as_text(bytes)), path);
  }
  const std::size_t colon = trimmed.rfind(':');
  if (trimmed.empty() || colon == 0)
    return fail(Errc::invalid, fmt::format("'{}' names no regions", printable(text)), "--regions", std::string(kForms));
  RegionOption option;
  option.model = trimmed.substr(0, colon);
  if (colon != std::string_view::npos)
    for (const std::string& label : split(trimmed.substr(colon + 1), ','))
      if (!trim(label).empty()) option.labels.emplace_back(trim(label));
  return option;
}

}  // namespace perch::cli
