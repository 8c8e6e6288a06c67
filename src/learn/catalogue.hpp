#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/field.hpp"

/// Published models that can be fetched: models/catalogue.toml, or one of the user's.
namespace perch::learn {

/// A published model.
struct CatalogueEntry {
  std::string name;        ///< of the model here: NAME.onnx and NAME.toml
  std::string title;       ///< one line for people
  std::string url;         ///< that serves the file byte for byte; empty: none is known
  std::string page;        ///< where its project publishes it
  std::string sha256;      ///< of the file
  config::ByteSize bytes;  ///< of the file
  std::string licence;     ///< SPDX
  std::string card;        ///< the text of its card; empty: the known card of that sha256
};

inline constexpr auto kCatalogueEntryFields = config::fields<CatalogueEntry>(
    config::field("name", &CatalogueEntry::name).required().help("of the model: letters, digits, '-', '_' and '.'"),
    config::field("title", &CatalogueEntry::title).help("one line for people"),
    config::field("url", &CatalogueEntry::url).help("that serves the file byte for byte"),
    config::field("page", &CatalogueEntry::page).help("where its project publishes it"),
    config::field("sha256", &CatalogueEntry::sha256).required().help("of the file, 64 hexadecimal digits"),
    config::field("bytes", &CatalogueEntry::bytes).help("size of the file; 0B: as large as it comes"),
    config::field("licence", &CatalogueEntry::licence).help("SPDX identifier"),
    config::field("card", &CatalogueEntry::card).help("the text of its card; none: the one known by the sha256"));

/// Reads a catalogue: `[[model]]` with the fields above. `file` names it in messages.
/// Errors: invalid, with every diagnostic. @thread any
Result<std::vector<CatalogueEntry>> parse_catalogue(std::string_view toml, std::string_view file);

/// The catalogue that is built into the program.
const std::vector<CatalogueEntry>& built_in_catalogue();

/// The text of the card that goes beside the file. Errors: not_found (it has none, and none is known by its sha256).
Result<std::string> card_text(const CatalogueEntry& entry);

/// Errors: not_found, with the nearest name.
Result<CatalogueEntry> find_entry(const std::vector<CatalogueEntry>& catalogue, std::string_view name);

}  // namespace perch::learn
