#include "seam/registry.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "seam/sink.hpp"
#include "seam/source.hpp"

namespace perch {

namespace {

template <class Entries>
std::vector<std::string> kinds_of(const Entries& entries) {
  std::vector<std::string> kinds;
  for (const auto& [kind, entry] : entries) kinds.push_back(kind);
  return kinds;
}

std::string unknown_kind(std::string_view category, std::string_view kind) {
  return fmt::format("there is no {} of the kind '{}'", category, printable(kind, 60));
}

std::string other_kinds(std::string_view category, std::string_view kind, const std::vector<std::string>& kinds) {
  return kinds.empty() ? fmt::format("this program has no {} at all", category) : suggest(kind, kinds);
}

}  // namespace

template <class Made, class Context>
Result<std::unique_ptr<Made>> Registry::make(const Entries<Made, Context>& entries, std::string_view category,
                                             const config::Component& from, const Context& context) {
  const std::string kind = from.kind();
  const auto found = entries.find(kind);
  if (found == entries.end())
    return fail(Errc::not_found, unknown_kind(category, kind), {}, other_kinds(category, kind, kinds_of(entries)));
  config::Diagnostics diagnostics;
  const std::any value = found->second.read(from.table, std::string(category), diagnostics);
  if (!diagnostics.ok()) return fail(diagnostics.to_error());
  return found->second.create(value, context);
}

Result<std::unique_ptr<Decoder>> Registry::make_decoder(const config::Component& from, const ModelShape& model) const {
  return make(decoders_, "decoder", from, model);
}

Result<std::unique_ptr<Analysis>> Registry::make_analysis(const config::Component& from,
                                                          const AnalysisContext& context) const {
  return make(analyses_, "analysis", from, context);
}

Result<std::unique_ptr<Source>> Registry::make_source(const config::Component& from,
                                                      const SourceContext& context) const {
  return make(sources_, "source", from, context);
}

Result<std::unique_ptr<Sink>> Registry::make_sink(const config::Component& from, const SinkContext& context) const {
  return make(sinks_, "sink", from, context);
}

const Registry::Kind* Registry::find(std::string_view category, std::string_view kind) const {
  const auto in = [&](const auto& entries) -> const Kind* {
    const auto found = entries.find(kind);
    return found == entries.end() ? nullptr : &found->second;
  };
  if (category == "decoder") return in(decoders_);
  if (category == "analysis") return in(analyses_);
  if (category == "source") return in(sources_);
  PERCH_ASSERT(category == "sink");
  return in(sinks_);
}

void Registry::check(std::string_view category, const config::Component& from, const std::string& path,
                     config::Diagnostics& diagnostics) const {
  const std::string kind = from.kind();
  if (const Kind* known = find(category, kind)) {
    known->read(from.table, path, diagnostics);
    return;
  }
  std::vector<std::string> kinds;
  for (const ComponentSpec& spec : list(category)) kinds.push_back(spec.kind);
  const config::Node* written = from.table.find("kind");
  diagnostics.add(written ? written->origin() : from.table.origin(), config::detail::path_of(path, "kind"),
                  unknown_kind(category, kind), other_kinds(category, kind, kinds));
}

std::optional<FindingKind> Registry::reads(std::string_view analysis) const {
  const auto found = reads_.find(analysis);
  return found == reads_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<ComponentSpec> Registry::list(std::string_view category) const {
  std::vector<ComponentSpec> specs;
  const auto collect = [&](const auto& entries) {
    for (const auto& [kind, entry] : entries) specs.push_back(entry.spec);
  };
  if (category == "decoder") collect(decoders_);
  if (category == "analysis") collect(analyses_);
  if (category == "source") collect(sources_);
  if (category == "sink") collect(sinks_);
  return specs;
}

}  // namespace perch
