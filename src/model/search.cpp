#include "model/search.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include "base/folder.hpp"
#include "base/text.hpp"
#include "model/card.hpp"
#include "model/program_folder.hpp"

namespace perch::model {

namespace {

constexpr std::string_view kExtension = ".onnx";

bool is_file(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

std::string joined(std::span<const std::filesystem::path> folders) {
  std::vector<std::string> texts;
  for (const std::filesystem::path& folder : folders) texts.push_back(folder.string());
  return join(texts, ", ");
}

tl::unexpected<Error> no_such_file(std::string_view path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return fail(Errc::invalid, "is a folder, not a model", std::string(path), "name an ONNX file in it");
  return fail(Errc::not_found, "there is no such model file", std::string(path), "check the path");
}

}  // namespace

std::filesystem::path program_folder() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::filesystem::path(".") : program.parent_path();
}

std::vector<std::filesystem::path> model_folders(std::span<const std::filesystem::path> given) {
  std::vector<std::filesystem::path> folders(given.begin(), given.end());
  if (const char* set = std::getenv("PERCH_MODELS"))
    for (const std::string& folder : split(set, ':'))
      if (!folder.empty()) folders.emplace_back(folder);
  folders.emplace_back("models");
  const std::filesystem::path above = program_folder().parent_path();
  folders.push_back(above / "share" / "perch" / "models");
  if (above.filename() == "build") folders.push_back(above.parent_path() / "models");
  return folders;
}

Result<std::filesystem::path> find_model(std::string_view name_or_path,
                                         std::span<const std::filesystem::path> folders) {
  if (name_or_path.empty()) return fail(Errc::invalid, "no model is named");
  if (name_or_path.find('\0') != std::string_view::npos)
    return fail(Errc::invalid, fmt::format("'{}' is no model's name", printable(name_or_path)));
  if (is_file(name_or_path)) return std::filesystem::path(name_or_path);
  if (name_or_path.find('/') != std::string_view::npos) return no_such_file(name_or_path);

  std::string_view name = name_or_path;
  if (name.ends_with(kExtension)) name.remove_suffix(kExtension.size());
  for (const std::filesystem::path& folder : folders)
    if (auto path = folder / fmt::format("{}{}", name, kExtension); is_file(path)) return path;

  const std::string places = fmt::format("looked in {}", joined(folders));
  for (const Card& card : known_cards())
    if (card.name == name)
      return fail(Errc::not_found,
                  fmt::format("the file of the model '{}' is not here: no {}{}; {}", name, name, kExtension, places),
                  {}, fmt::format("put the file into one of these folders, or name its path ({})", card.origin));
  std::vector<std::string> names;
  for (const std::filesystem::path& path : list_models(folders)) names.push_back(path.stem().string());
  for (const Card& card : known_cards()) names.push_back(card.name);
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return fail(Errc::not_found, fmt::format("there is no model '{}'; {}", printable(name, 60), places), {},
              suggest(name, names));
}

std::vector<std::filesystem::path> list_models(std::span<const std::filesystem::path> folders) {
  std::vector<std::filesystem::path> found;
  std::set<std::string> names;
  const auto is_model = [](const std::filesystem::path& file) { return file.extension() == kExtension; };
  for (const std::filesystem::path& folder : folders)
    for (std::filesystem::path& file : find_files(folder, is_model).files)
      if (names.insert(file.stem().string()).second) found.push_back(std::move(file));
  std::ranges::sort(found, {}, [](const std::filesystem::path& path) { return path.stem(); });
  return found;
}

}  // namespace perch::model
