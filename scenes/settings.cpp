#include "scenes/settings.hpp"

#include "config/setting.hpp"

namespace perch::scenes {

Result<config::Node> settings_of(std::span<const std::string> texts, std::string_view place) {
  PERCH_TRY(config::Node settings, config::parse_settings(texts, place));
  config::Diagnostics diagnostics;
  for (const char* const own : {"seed", "width", "height"})
    if (const config::Node* value = settings.find(own))
      diagnostics.add(value->origin(), own, "is not among the other settings", "seed and size are given on their own");
  if (!diagnostics.ok()) return fail(diagnostics.to_error());
  return settings;
}

}  // namespace perch::scenes
