#include "learn/train_settings.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "learn/train_kinds.hpp"

namespace perch::learn {

namespace {

bool is_model_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

Result<void> check_kind(std::string_view kind) {
  std::vector<std::string> names;
  for (const TrainKind& known : kTrainKinds) {
    if (known.name == kind) return {};
    names.emplace_back(known.name);
  }
  return fail(Errc::not_found, fmt::format("there is no trainer '{}'", printable(kind, 40)), "kind",
              suggest(kind, names));
}

}  // namespace

Result<TrainSettings> parse_train_settings(const config::Node& table) {
  config::Diagnostics diagnostics;
  TrainSettings settings;
  if (!kTrainSettingsFields.read(table, "", diagnostics, settings)) return fail(diagnostics.to_error());
  PERCH_CHECK(check_kind(settings.kind));
  if (!is_model_name(settings.model_name()))
    return fail(Errc::invalid, fmt::format("'{}' cannot be a model's name", printable(settings.model_name(), 60)),
                "name", "use letters, digits, '-', '_' and '.'");
  return settings;
}

std::string to_toml(const TrainSettings& settings) {
  std::string text;
  const config::Node node = kTrainSettingsFields.write(settings);
  for (const config::Entry& entry : *node.table())
    text += fmt::format("{} = {}\n", entry.key, config::to_toml(entry.value));
  return text;
}

}  // namespace perch::learn
