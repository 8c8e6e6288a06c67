#include "scenes/settings.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::scenes {

namespace {

Result<config::Node> setting_of(const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0)
    return fail(Errc::invalid, fmt::format("'{}' is no setting", printable(setting, 60)), {}, "write KEY=VALUE");
  const std::string key = setting.substr(0, equals), value = setting.substr(equals + 1);
  config::Diagnostics as_value;
  config::Node node = config::parse_toml(fmt::format("{} = {}", key, value), setting, as_value);
  if (as_value.ok()) return node;
  config::Diagnostics as_text;
  node = config::parse_toml(fmt::format("{} = {}", key, config::to_toml(config::Node{value})), setting, as_text);
  if (!as_text.ok()) return fail(as_text.to_error());
  return node;
}

}  // namespace

Result<config::Node> settings_of(std::span<const std::string> texts) {
  config::Node settings{config::Table{}};
  for (const std::string& text : texts) {
    PERCH_TRY(const config::Node one, setting_of(text));
    for (const char* const own : {"seed", "width", "height"})
      if (one.find(own) != nullptr)
        return fail(Errc::invalid, fmt::format("'{}': {} is not among the other settings", printable(text, 60), own),
                    {}, "seed and size are given on their own");
    settings = config::merge(settings, one);
  }
  return settings;
}

}  // namespace perch::scenes
