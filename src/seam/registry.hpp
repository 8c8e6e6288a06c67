#pragma once
#include <any>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/field.hpp"
#include "seam/analysis.hpp"
#include "seam/decoder.hpp"

namespace perch {

class Source;
class Sink;
struct SourceContext;
struct SinkContext;

using config::ComponentSpec;

/// The components that this program has. Filled once at start by the generated list of `describe()` calls, read-only
/// afterwards. @thread any, once filled
class Registry {
 public:
  template <class Made, class Context>
  using Create = std::function<Result<std::unique_ptr<Made>>(const std::any&, const Context&)>;

  template <class Config, class... F>
  void decoder(std::string_view kind, std::string_view help, const config::FieldTable<Config, F...>& table,
               Result<std::unique_ptr<Decoder>> (*create)(const Config&, const ModelShape&)) {
    add(decoders_, kind, help, table, create);
  }

  /// @param reads  what the task's model must find for this analysis to have an answer
  template <class Config, class... F>
  void analysis(std::string_view kind, std::string_view help, FindingKind reads,
                const config::FieldTable<Config, F...>& table,
                Result<std::unique_ptr<Analysis>> (*create)(const Config&, const AnalysisContext&)) {
    add(analyses_, kind, help, table, create);
    reads_.insert_or_assign(std::string(kind), reads);
  }

  template <class Config, class... F>
  void source(std::string_view kind, std::string_view help, const config::FieldTable<Config, F...>& table,
              Result<std::unique_ptr<Source>> (*create)(const Config&, const SourceContext&)) {
    add(sources_, kind, help, table, create);
  }

  template <class Config, class... F>
  void sink(std::string_view kind, std::string_view help, const config::FieldTable<Config, F...>& table,
            Result<std::unique_ptr<Sink>> (*create)(const Config&, const SinkContext&)) {
    add(sinks_, kind, help, table, create);
    config::FieldSpec name;
    name.name = "name";
    name.help = "by which its place in the journal is remembered; default: its kind";
    auto& fields = sinks_.find(kind)->second.spec.fields;
    fields.insert(fields.begin(), std::move(name));
  }

  /// Makes a component from its table. Errors: not_found (unknown kind, with the nearest), invalid (its configuration,
  /// with every diagnostic), and whatever its creation reports.
  Result<std::unique_ptr<Decoder>> make_decoder(const config::Component& from, const ModelShape& model) const;
  Result<std::unique_ptr<Analysis>> make_analysis(const config::Component& from, const AnalysisContext& context) const;
  Result<std::unique_ptr<Source>> make_source(const config::Component& from, const SourceContext& context) const;
  Result<std::unique_ptr<Sink>> make_sink(const config::Component& from, const SinkContext& context) const;

  /// Checks a component's table without making it; reports an unknown kind with the nearest. `category` is one of
  /// `kCategories`.
  void check(std::string_view category, const config::Component& from, const std::string& path,
             config::Diagnostics& diagnostics) const;

  /// What an analysis of this kind reads; nothing of an unknown kind.
  std::optional<FindingKind> reads(std::string_view analysis) const;

  /// The components of a category, by kind in alphabetical order: a `config::Catalogue`.
  std::vector<ComponentSpec> list(std::string_view category) const;

  static constexpr std::array<std::string_view, 4> kCategories{"source", "decoder", "analysis", "sink"};

 private:
  struct Kind {
    ComponentSpec spec;
    /// Reads the table into a `Config` held by the any; empty when something was wrong.
    std::function<std::any(const config::Node&, const std::string& path, config::Diagnostics&)> read;
  };

  template <class Made, class Context>
  struct Entry : Kind {
    Create<Made, Context> create;
  };
  template <class Made, class Context>
  using Entries = std::map<std::string, Entry<Made, Context>, std::less<>>;

  template <class Made, class Context, class Config, class... F>
  static void add(Entries<Made, Context>& entries, std::string_view kind, std::string_view help,
                  const config::FieldTable<Config, F...>& table,
                  Result<std::unique_ptr<Made>> (*create)(const Config&, const Context&)) {
    Entry<Made, Context> entry;
    entry.spec = {std::string(kind), std::string(help), table.spec()};
    entry.read = [table](const config::Node& node, const std::string& path, config::Diagnostics& diagnostics) {
      static const std::vector<std::string> kShared =
          std::is_same_v<Made, Sink> ? std::vector<std::string>{"kind", "name"} : std::vector<std::string>{"kind"};
      Config value{};
      return table.read(node, path, diagnostics, value, kShared) ? std::any(std::move(value)) : std::any();
    };
    entry.create = [create](const std::any& value, const Context& context) {
      return create(*std::any_cast<Config>(&value), context);
    };
    entries.insert_or_assign(std::string(kind), std::move(entry));
  }

  template <class Made, class Context>
  static Result<std::unique_ptr<Made>> make(const Entries<Made, Context>& entries, std::string_view category,
                                            const config::Component& from, const Context& context);

  const Kind* find(std::string_view category, std::string_view kind) const;

  Entries<Decoder, ModelShape> decoders_;
  Entries<Analysis, AnalysisContext> analyses_;
  std::map<std::string, FindingKind, std::less<>> reads_;  ///< of the analyses
  Entries<Source, SourceContext> sources_;
  Entries<Sink, SinkContext> sinks_;
};

/// Enters every component of `components/` into the registry. Generated; defined in the components library.
void describe_all(Registry& registry);

}  // namespace perch
