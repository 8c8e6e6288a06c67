#include "model/card.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/text.hpp"
#include "model/embedded.hpp"

namespace perch::model {

namespace {

constexpr std::size_t kMaxCardBytes = std::size_t{4} << 20;
constexpr std::size_t kSha256Digits = 64;

bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !text.empty() && text.front() != '.' && std::ranges::all_of(text, allowed);
}

bool is_sha256(std::string_view text) {
  const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == kSha256Digits && std::ranges::all_of(text, digit);
}

/// Says what is wrong with a value at the place where it was written.
void complain(const config::Node& root, std::string_view key, std::string reason, config::Diagnostics& diagnostics,
              std::string remedy = {}) {
  const config::Node* node = root.find(key);
  diagnostics.add(node ? node->origin() : root.origin(), std::string(key), std::move(reason), std::move(remedy));
}

/// What field tables cannot say: forms of text, and values that exclude each other.
void check_values(const config::Node& root, Card& card, config::Diagnostics& diagnostics) {
  if (!is_name(card.name))
    complain(root, "name", fmt::format("'{}' is no name", printable(card.name, 60)), diagnostics,
             "use letters, digits, '-', '_' and '.'");
  std::ranges::transform(card.sha256, card.sha256.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (!card.sha256.empty() && !is_sha256(card.sha256))
    complain(root, "sha256", "is no SHA-256: 64 hexadecimal digits are needed", diagnostics);
  std::set<std::string_view> seen;
  for (const std::string& label : card.labels)
    if (!seen.insert(label).second)
      return complain(
          root, "labels",
          fmt::format("'{}' stands twice, and results are told apart by their labels", printable(label, 60)),
          diagnostics, "make them differ, like 'crane (bird)' and 'crane (machine)'");
  if (card.label_set.empty()) return;
  if (!card.labels.empty())
    return complain(root, "label_set", "cannot stand beside labels", diagnostics, "keep one of them");
  if (const std::vector<std::string>* labels = label_set(card.label_set))
    card.labels = *labels;
  else
    complain(root, "label_set", fmt::format("there is no set of labels '{}'", printable(card.label_set, 60)),
             diagnostics, suggest(card.label_set, label_set_names()));
}

std::vector<Card> parse_embedded() {
  std::vector<Card> cards;
  for (const EmbeddedText& text : embedded_cards()) {
    Result<Card> card = parse_card(text.text, fmt::format("models/cards/{}.toml", text.name));
    PERCH_ASSERT(card.has_value());  // src/model/card_test.cpp reads every one of them
    cards.push_back(std::move(*card));
  }
  return cards;
}

using LabelSets = std::vector<std::pair<std::string, std::vector<std::string>>>;

LabelSets parse_label_sets() {
  LabelSets sets;
  for (const EmbeddedText& text : embedded_labels()) {
    std::vector<std::string> labels;
    for (const std::string& line : split(text.text, '\n'))
      if (const std::string_view label = trim(line); !label.empty()) labels.emplace_back(label);
    sets.emplace_back(text.name, std::move(labels));
  }
  return sets;
}

const LabelSets& label_sets() {
  static const LabelSets sets = parse_label_sets();
  return sets;
}

}  // namespace

FindingKind finds(Task task) {
  switch (task) {
    case Task::detect:
      return FindingKind::detections;
    case Task::classify:
      return FindingKind::scores;
    case Task::pose:
      return FindingKind::poses;
    case Task::digits:
      return FindingKind::digits;
    case Task::anomaly:
      break;
  }
  return FindingKind::anomaly;
}

std::string_view task_that_finds(FindingKind findings) {
  const auto& names = config::EnumNames<Task>::names;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (finds(static_cast<Task>(i)) == findings) return names[i];
  return {};
}

Result<Card> parse_card(std::string_view toml, std::string_view file) {
  config::Diagnostics diagnostics;
  const config::Node root = config::parse_toml(toml, file, diagnostics);
  Card card;
  if (diagnostics.ok() && kCardFields.read(root, "", diagnostics, card)) check_values(root, card, diagnostics);
  if (!diagnostics.ok()) return fail(diagnostics.to_error());
  return card;
}

Result<Card> load_card(const std::filesystem::path& path) {
  PERCH_TRY(const Bytes bytes, read_file(path, kMaxCardBytes));
  return parse_card(as_text(bytes), path.string());
}

std::optional<std::filesystem::path> card_beside(const std::filesystem::path& model) {
  std::error_code error;
  for (const std::filesystem::path& file : {model, std::filesystem::canonical(model, error)}) {
    std::filesystem::path card = std::filesystem::path(file).replace_extension(".toml");
    const bool is_there = std::filesystem::exists(std::filesystem::symlink_status(card, error));
    if (!file.empty() && is_there) return card;  // a link that leads nowhere as well: reading it says so
  }
  return std::nullopt;
}

std::string to_toml(const Card& card) {
  Card written = card;
  if (!card.label_set.empty()) written.labels.clear();
  const config::Node root = kCardFields.write(written);
  std::string values, tables;
  for (const config::Entry& entry : *root.table()) {
    if (const config::Table* table = entry.value.table()) {
      tables += fmt::format("\n[{}]\n", entry.key);
      for (const config::Entry& inner : *table)
        tables += fmt::format("{} = {}\n", inner.key, config::to_toml(inner.value));
    } else {
      values += fmt::format("{} = {}\n", entry.key, config::to_toml(entry.value));
    }
  }
  return values + tables;
}

const std::vector<Card>& known_cards() {
  static const std::vector<Card> cards = parse_embedded();
  return cards;
}

const Card* known_card(std::string_view sha256) {
  const auto found = std::ranges::find(known_cards(), sha256, &Card::sha256);
  return found == known_cards().end() || sha256.empty() ? nullptr : &*found;
}

std::vector<std::string> label_set_names() {
  std::vector<std::string> names;
  for (const auto& [name, labels] : label_sets()) names.push_back(name);
  return names;
}

const std::vector<std::string>* label_set(std::string_view name) {
  for (const auto& [known, labels] : label_sets())
    if (known == name) return &labels;
  return nullptr;
}

}  // namespace perch::model
