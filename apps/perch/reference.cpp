#include "reference.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "command.hpp"
#include "config/reference.hpp"
#include "config/schema.hpp"
#include "edge/settings.hpp"
#include "model/card.hpp"

namespace perch::cli {

namespace {

constexpr std::string_view kHead =
    R"(<!-- Made by `perch check --reference`. After a change of a field table run scripts/reference. -->
# Reference

Everything that can be configured, as the program itself knows it. `perch check FILE` says what is wrong with a
`perch.toml`, and `perch check --schema` prints its JSON Schema for editors.

- A **duration** is a string: `"200ms"`, `"1.5s"`, `"10min"`, `"12h"`, `"7d"` (units: ns, us, ms, s, min or m, h, d).
- A **size** is a string: `"64kB"`, `"20MB"`, `"2GiB"` (units: B; kB, MB, GB, TB; KiB, MiB, GiB, TiB).
- A **name** has letters, digits, `-` and `_`, at most 64 of them.
- A table with a `kind` is a **component**; its other keys depend on the kind.

)";

struct Category {
  std::string_view name, heading, text;
};

constexpr std::array<Category, 4> kCategories{
    {{"source", "Sources", "Where a camera's frames come from: `source = { kind = \"…\", … }`."},
     {"analysis", "Analyses", "What is made of the findings over time: `analysis = { kind = \"…\", … }`."},
     {"sink", "Sinks", "Where readings are sent: `[[sink]]` with a `kind`."},
     {"decoder", "Decoders",
      "What a model's output tensors mean; part of its card: `decoder = { kind = \"…\", … }`."}}};

constexpr std::array<std::pair<ExitStatus, std::string_view>, 4> kStatuses{
    {{kOk, "all was done"},
     {kPartly, "something could not be read, or a check found errors; each is named"},
     {kUnusable,
      "the command line, the file or the model cannot be used, and nothing was done; or standard output could not be "
      "written"},
     {kStopped, "stopped by Ctrl-C or SIGTERM"}}};

std::string components(const Category& category, const Registry& registry) {
  std::string text = fmt::format("## {}\n\n{}\n\n", category.heading, category.text);
  const std::vector<ComponentSpec> kinds = registry.list(category.name);
  if (kinds.empty()) text += fmt::format("This program has no {}.\n\n", category.name);
  for (const ComponentSpec& spec : kinds) {
    text += fmt::format("### {} `{}`\n\n", category.name, spec.kind);
    if (!spec.help.empty()) text += sentence(spec.help) + "\n\n";
    text += config::reference_text(spec.fields, category.name, 4) + "\n";
  }
  return text;
}

}  // namespace

std::string reference_page(const Registry& registry) {
  std::string text(kHead);
  text += "## `perch.toml`\n\n" + config::reference_text(edge::settings_spec(), "", 3) + "\n";
  for (const Category& category : kCategories) text += components(category, registry);
  text += "## Model cards\n\n`NAME.toml` beside `NAME.onnx`: what has to be known about a model.\n\n";
  text += config::reference_text(model::kCardFields.spec(), "", 3) + "\n";
  text += "## Exit statuses\n\n| status | means |\n|---|---|\n";
  for (const auto& [status, meaning] : kStatuses)
    text += fmt::format("| {} | {} |\n", static_cast<int>(status), meaning);
  return text;
}

std::string settings_schema(const Registry& registry) {
  const auto catalogue = [&](std::string_view category) { return registry.list(category); };
  return config::json_schema(edge::settings_spec(), "perch.toml", catalogue) + "\n";
}

}  // namespace perch::cli
