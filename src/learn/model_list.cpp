#include "learn/model_list.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/bytes.hpp"
#include "model/card.hpp"
#include "model/search.hpp"
#include "model/session.hpp"

namespace perch::learn {

namespace {

void add_card(const model::Card& card, ListedModel& listed) {
  listed.task = config::enum_name(card.task);
  listed.title = card.title;
  listed.version = card.version;
  listed.licence = card.licence;
  listed.state = card.sha256.empty()            ? FileState::unstated
                 : card.sha256 == listed.sha256 ? FileState::right
                                                : FileState::wrong;
}

ListedModel look(const std::filesystem::path& path) {
  ListedModel listed;
  listed.name = path.stem().string();
  listed.folder = path.parent_path();
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  listed.bytes = error ? 0 : bytes;
  const auto content = read_file(path, model::kMaxModelBytes);
  if (!content) {
    listed.state = FileState::unread;
    return listed;
  }
  listed.sha256 = sha256_hex(*content);
  if (const std::optional<std::filesystem::path> beside = model::card_beside(path)) {
    const auto card = model::load_card(*beside);
    listed.state = FileState::bad_card;
    if (card) add_card(*card, listed);
  } else if (const model::Card* known = model::known_card(listed.sha256)) {
    add_card(*known, listed);
  }
  return listed;
}

}  // namespace

std::string_view describe(FileState state) {
  constexpr std::array<std::string_view, 6> kTexts{"as its card says",          "another file than its card's",
                                                   "its card states no sha256", "no card",
                                                   "its card cannot be read",   "cannot be read"};
  return kTexts[static_cast<std::size_t>(state)];
}

std::vector<ListedModel> list_models(std::span<const std::filesystem::path> folders) {
  std::vector<ListedModel> listed;
  std::set<std::string> names;
  std::set<std::filesystem::path> seen;
  for (const std::filesystem::path& folder : folders) {
    std::error_code error;
    if (!seen.insert(std::filesystem::weakly_canonical(folder, error)).second) continue;
    for (const std::filesystem::path& path : model::list_models({&folder, 1})) {
      listed.push_back(look(path));
      listed.back().hidden = !names.insert(listed.back().name).second;
    }
  }
  return listed;
}

}  // namespace perch::learn
