#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

/// What models lie where.
namespace perch::learn {

/// Whether a model's file is the one that its card describes.
enum class FileState : std::uint8_t {
  right,     ///< it has the card's sha256
  wrong,     ///< it has another
  unstated,  ///< the card states none
  no_card,   ///< it has no card, and none is known by its sha256
  bad_card,  ///< its card cannot be read
  unread     ///< the file itself cannot be read, or is larger than a model may be
};

/// "as its card says", "another file than its card's", …
std::string_view describe(FileState state);

/// A model file and what its card says of it.
struct ListedModel {
  std::string name;
  std::filesystem::path folder;
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string task, title, version, licence;  ///< of the card; empty without
  FileState state = FileState::no_card;
  bool hidden = false;  ///< a model of that name in an earlier folder is used instead
};

/// Every model of the folders, folder by folder, by name. Reads all of every file. @thread any, blocks
std::vector<ListedModel> list_models(std::span<const std::filesystem::path> folders);

}  // namespace perch::learn
