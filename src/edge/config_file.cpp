#include "edge/config_file.hpp"

#include <charconv>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/text.hpp"

namespace perch::edge {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostConfigBytes = 4'000'000;

fs::path folder_of(const fs::path& file) {
  std::error_code error;
  const fs::path absolute = fs::absolute(file, error);
  return (error ? file : absolute).parent_path();
}

}  // namespace

ConfigFile::ConfigFile(fs::path path, std::optional<fs::path> data, const Registry& registry)
    : path_(std::move(path)),
      folder_(folder_of(path_)),
      data_(std::move(data)),
      registry_(registry),
      models_(registry, folder_) {}

tl::expected<Configuration, config::Diagnostics> ConfigFile::read() {
  // What is saved while the rest is still being read and loaded is another state than this.
  read_ = look();
  const FileState before = read_.at(path_);
  Draft draft;
  const Result<Bytes> bytes = read_file(path_, kMostConfigBytes);
  if (bytes)
    draft = draft_settings(as_text(*bytes), path_.string(), registry_);
  else
    draft.diagnostics.add({path_.string(), 0, 0, "", bytes.error().what, bytes.error().remedy});
  draft.settings.data = (data_ ? *data_ : folder_ / draft.settings.data).string();
  Models::Loaded models = models_.load(draft);
  check_tasks(draft, models, registry_);
  if (!draft.diagnostics.ok()) {
    draft.diagnostics.sort();
    return tl::unexpected(std::move(draft.diagnostics));
  }
  read_ = models_.files();
  read_.insert_or_assign(path_, before);
  asked_ = read_;
  return Configuration{std::move(draft.settings), std::move(models), trim(as_text(*bytes)).empty()};
}

bool ConfigFile::changed() {
  Look now = look();
  const bool settled = now == asked_;
  asked_ = std::move(now);
  return settled && asked_ != read_;
}

ConfigFile::Look ConfigFile::look() const {
  Look look{{path_, state_of(path_)}};
  for (const auto& [file, before] : read_) look.insert_or_assign(file, state_of(file));
  return look;
}

Result<std::uint64_t> config_revision(const fs::path& data, const std::string& text) {
  const fs::path file = data / "config-revision";
  const std::string hash = sha256_hex(as_bytes(text));
  std::uint64_t number = 0;
  if (const Result<Bytes> bytes = read_file(file, 1000)) {
    const std::string_view known = as_text(*bytes);
    std::from_chars(known.data(), known.data() + known.size(), number);
    if (number > 0 && known.find(hash) != std::string_view::npos) return number;
  } else if (bytes.error().code != Errc::not_found) {
    return fail(bytes.error());
  }
  ++number;
  PERCH_CHECK(write_file(file, as_bytes(fmt::format("{} {}\n", number, hash))));
  return number;
}

}  // namespace perch::edge
