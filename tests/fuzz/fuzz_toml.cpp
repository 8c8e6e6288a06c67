// Bytes as perch.toml: read, checked with every message, merged, written and read again.
#include <cstdlib>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "config/field.hpp"
#include "config/node.hpp"
#include "edge/settings.hpp"
#include "seam/registry.hpp"
#include "seam/sink.hpp"
#include "seam/source.hpp"

namespace {

using namespace perch;
using config::field;

struct Part {
  std::string url;
  double score = 0.5;
  Milliseconds timeout{1000};
  config::ByteSize limit{1000};
  std::vector<std::string> labels;
};

constexpr auto kPartFields =
    config::fields<Part>(field("url", &Part::url).required(), field("score", &Part::score).range(0.0, 1.0),
                         field("timeout", &Part::timeout).at_least(Milliseconds{1}), field("limit", &Part::limit),
                         field("labels", &Part::labels).range(0, 3));

template <class Made, class Context>
Result<std::unique_ptr<Made>> none(const Part&, const Context&) {
  return fail(Errc::unsupported, "only its table is checked");
}

Registry make_registry() {
  Registry registry;
  registry.source("http", "", kPartFields, none<Source, SourceContext>);
  registry.analysis("detect", "", FindingKind::detections, kPartFields, none<Analysis, AnalysisContext>);
  registry.sink("file", "", kPartFields, none<Sink, SinkContext>);
  return registry;
}

/// Every message can be made, and is one line of text.
void look_at(const config::Diagnostics& diagnostics) {
  PERCH_ASSERT(!diagnostics.ok());
  for (const config::Diagnostic& diagnostic : diagnostics.list())
    PERCH_ASSERT(diagnostic.message().find('\n') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Registry registry = make_registry();
  const std::string_view text = as_text({data, size});
  config::Diagnostics diagnostics;
  const config::Node root = config::parse_toml(text, "fuzz.toml", diagnostics);
  if (!diagnostics.ok()) {
    look_at(diagnostics);
    return 0;
  }
  const std::string written = config::to_toml(root);
  const config::Node again = config::parse_toml("v = " + written, "again.toml", diagnostics);
  // What was two lists or dotted tables becomes inline values, which may nest less deep.
  if (diagnostics.ok()) PERCH_ASSERT(config::to_toml(*again.find("v")) == written);
  static_cast<void>(config::merge(root, root));

  const auto settings = edge::read_settings(root, registry);
  if (!settings) {
    look_at(settings.error());
    return 0;
  }
  const config::Node kept = edge::write_settings(*settings);
  const auto reread = edge::read_settings(kept, registry);
  PERCH_ASSERT(reread && edge::write_settings(*reread) == kept);
  return 0;
}
