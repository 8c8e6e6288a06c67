#include "learn/catalogue.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "learn/built_in.hpp"
#include "model/card.hpp"

namespace perch::learn {

namespace {

constexpr std::size_t kHashDigits = 64;

/// The whole file.
struct Catalogue {
  std::vector<CatalogueEntry> models;
};

constexpr auto kCatalogueFields = config::fields<Catalogue>(
    config::field("model", &Catalogue::models, kCatalogueEntryFields).required().help("a published model"));

bool is_hash(std::string_view text) {
  return text.size() == kHashDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Whether it can be the name of a file of ours, and of nothing else.
bool is_name(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !text.empty() && text.front() != '.' && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

Result<void> check(const CatalogueEntry& entry, std::string_view file) {
  const std::string where(file);
  if (!is_name(entry.name))
    return fail(Errc::invalid, fmt::format("'{}' cannot be a model's name", printable(entry.name)), where,
                "use letters, digits, '-', '_' and '.'");
  if (!is_hash(entry.sha256))
    return fail(Errc::invalid, fmt::format("the sha256 of '{}' is not 64 lower-case hexadecimal digits", entry.name),
                where);
  if (entry.card.empty()) return {};
  PERCH_TRY(const model::Card card, model::parse_card(entry.card, fmt::format("{}: card of {}", file, entry.name)));
  if (!card.sha256.empty() && card.sha256 != entry.sha256)
    return fail(Errc::mismatch, fmt::format("the card of '{}' states another sha256", entry.name), where);
  return {};
}

}  // namespace

Result<std::vector<CatalogueEntry>> parse_catalogue(std::string_view toml, std::string_view file) {
  config::Diagnostics diagnostics;
  const config::Node root = config::parse_toml(toml, file, diagnostics);
  Catalogue catalogue;
  if (diagnostics.ok()) kCatalogueFields.read(root, "", diagnostics, catalogue);
  if (!diagnostics.ok()) return fail(diagnostics.to_error());
  std::vector<CatalogueEntry> entries = std::move(catalogue.models);
  std::set<std::string_view> names;
  for (const CatalogueEntry& entry : entries) {
    PERCH_CHECK(check(entry, file));
    if (!names.insert(entry.name).second)
      return fail(Errc::invalid, fmt::format("two models are named '{}'", entry.name), std::string(file),
                  "give each a name of its own");
  }
  return entries;
}

const std::vector<CatalogueEntry>& built_in_catalogue() {
  static const std::vector<CatalogueEntry> catalogue = [] {
    auto parsed = parse_catalogue(built_in_catalogue_text(), "models/catalogue.toml");
    PERCH_ASSERT(parsed.has_value());  // src/learn/catalogue_test.cpp reads it
    return std::move(*parsed);
  }();
  return catalogue;
}

Result<std::string> card_text(const CatalogueEntry& entry) {
  if (!entry.card.empty()) return std::string(trim(entry.card)) + "\n";
  if (const model::Card* known = model::known_card(entry.sha256)) return to_toml(*known);
  return fail(Errc::not_found, fmt::format("the catalogue has no card for '{}'", entry.name), {},
              "add its card to the catalogue");
}

Result<CatalogueEntry> find_entry(const std::vector<CatalogueEntry>& catalogue, std::string_view name) {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : catalogue) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  return fail(Errc::not_found, fmt::format("the catalogue has no model '{}'", printable(name, 60)), {},
              suggest(name, names));
}

}  // namespace perch::learn
