#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "base/result.hpp"
#include "edge/planner.hpp"
#include "edge/settings.hpp"
#include "seam/registry.hpp"

namespace perch::edge {

/// A configuration that is right, with its models, ready to be taken up.
struct Configuration {
  Settings settings;
  Models::Loaded models;
  bool is_empty = false;  ///< the file has nothing in it but space
};

/// `perch.toml` on the disk, and the model files that it names. @thread one at a time, blocks
class ConfigFile {
 public:
  /// @param data  overrides the file's `data`. `registry` outlives this.
  ConfigFile(std::filesystem::path path, std::optional<std::filesystem::path> data, const Registry& registry);

  /// What relative paths in the file are relative to.
  const std::filesystem::path& folder() const { return folder_; }

  const std::filesystem::path& path() const { return path_; }

  /// Reads and checks the file and loads its models. Everything that is wrong comes at once, in the order of the file.
  tl::expected<Configuration, config::Diagnostics> read();

  /// Whether the file or one of its models is another than the last `read` has read, and has not changed since the last
  /// time that this was asked: an editor may still be writing it.
  bool changed();

 private:
  using Look = std::map<std::filesystem::path, FileState>;  ///< at the file and at its models

  Look look() const;

  std::filesystem::path path_, folder_;
  std::optional<std::filesystem::path> data_;
  const Registry& registry_;
  Models models_;
  Look read_;   ///< each file as it was before it was read
  Look asked_;  ///< when `changed` was asked last
};

/// Counts the configurations that a device has had: the number of this one, which is the number before unless its text
/// is another. Kept in the file `config-revision` of the data folder. Errors: io, denied, full. @thread any, blocks
Result<std::uint64_t> config_revision(const std::filesystem::path& data, const std::string& text);

}  // namespace perch::edge
