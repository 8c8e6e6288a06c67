#pragma once
#include <string>
#include <string_view>

#include "edge/config_file.hpp"
#include "seam/registry.hpp"
#include "support/component.hpp"
#include "support/program.hpp"

/// What tests of configurations share: a folder with one in it, and what is wrong with it.
namespace perch::edge {

/// A camera that shows a folder of pictures.
inline std::string camera(std::string_view name, std::string_view rest) {
  return "[[camera]]\nname = '" + std::string(name) + "'\nsource = { kind = 'folder', path = 'pictures' }\n" +
         std::string(rest);
}

struct ConfigRig {
  test::TempFolder folder;
  Registry registry = test::all_components();

  /// Reads a configuration that stands in the folder.
  tl::expected<Configuration, config::Diagnostics> read(std::string_view text) {
    test::write_test_file(folder / "perch.toml", text);
    return ConfigFile(folder / "perch.toml", folder / "data", registry).read();
  }

  /// What is wrong with a configuration that stands in the folder: a line each, without the file's name.
  std::string mistakes(std::string_view text) {
    const auto wrong = read(text);
    if (wrong) return {};
    std::string all;
    for (const std::string& message : wrong.error().messages())
      all += message.substr((folder / "perch.toml").string().size()) + "\n";
    return all;
  }
};

}  // namespace perch::edge
