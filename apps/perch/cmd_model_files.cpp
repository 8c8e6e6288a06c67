#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "cmd_model.hpp"
#include "learn/catalogue.hpp"
#include "learn/model_list.hpp"
#include "learn/pull.hpp"
#include "model/search.hpp"
#include "net/fetch.hpp"
#include "net/proxy.hpp"
#include "progress.hpp"

namespace perch::cli {

namespace {

constexpr std::size_t kMostCatalogueBytes = 4'000'000;

struct FilesOptions {
  std::string model;
  std::vector<std::string> folders;
  std::string catalogue, from, proxy;
  bool json = false;

  std::vector<std::filesystem::path> paths() const {
    const std::vector<std::filesystem::path> given(folders.begin(), folders.end());
    return model::model_folders(given);
  }
};

std::string to_json(const std::vector<learn::ListedModel>& models) {
  json::Writer out;
  out.begin_array();
  for (const learn::ListedModel& model : models) {
    out.begin_object().key("name").string(model.name).key("folder").string(model.folder.string());
    out.key("bytes").integer(static_cast<std::int64_t>(model.bytes)).key("sha256").string(model.sha256);
    out.key("task").string(model.task).key("title").string(model.title).key("version").string(model.version);
    out.key("licence").string(model.licence).key("file").string(describe(model.state));
    out.key("matches_card");
    if (model.state == learn::FileState::right || model.state == learn::FileState::wrong)
      out.boolean(model.state == learn::FileState::right);
    else
      out.null();
    out.key("hidden").boolean(model.hidden).end_object();
  }
  return out.end_array().text();
}

/// Says which of the folders that were named are none. The usual ones need not be there.
bool note_missing_folders(const FilesOptions& options) {
  bool missing = false;
  for (const std::string& folder : options.folders)
    if (std::error_code error; !std::filesystem::is_directory(folder, error)) {
      missing = true;
      unusable("model", {Errc::not_found, "there is no such folder", folder, "check --models"});
    }
  return missing;
}

int run_ls(const FilesOptions& options) {
  const std::vector<learn::ListedModel> models = learn::list_models(options.paths());
  const bool wrong = std::ranges::any_of(models, [](const learn::ListedModel& model) {
    return model.state == learn::FileState::wrong || model.state == learn::FileState::bad_card ||
           model.state == learn::FileState::unread;
  });
  const int status = note_missing_folders(options) || wrong ? kPartly : kOk;
  if (options.json) {
    fmt::print("{}\n", to_json(models));
    return status;
  }
  std::filesystem::path folder;
  for (const learn::ListedModel& model : models) {
    if (model.folder != folder) fmt::print("{}\n", model.folder.string());
    folder = model.folder;
    fmt::print("  {:26} {:9} {:8} {:>8}  {:13} {}{}\n", printable(model.name), model.task, printable(model.version),
               format_size(model.bytes), printable(model.licence), describe(model.state),
               model.hidden ? "; one of that name in a folder above is used" : "");
  }
  if (models.empty()) fmt::print("There is no model here. `perch model pull` lists what can be fetched.\n");
  return status;
}

/// The built-in catalogue, or that of a file or an address.
Result<std::vector<learn::CatalogueEntry>> load_catalogue(const std::string& source) {
  if (source.empty()) return learn::built_in_catalogue();
  if (source.find("://") == std::string::npos) {
    PERCH_TRY(const Bytes bytes, read_file(source, kMostCatalogueBytes));
    return learn::parse_catalogue(as_text(bytes), source);
  }
  net::FetchOptions options;
  options.most_bytes = kMostCatalogueBytes;
  PERCH_TRY(const Bytes bytes, net::fetch(source, options));
  return learn::parse_catalogue(as_text(bytes), source);
}

int list_catalogue(const std::vector<learn::CatalogueEntry>& catalogue) {
  for (const learn::CatalogueEntry& entry : catalogue)
    fmt::print("{:24} {:>8}  {:13} {}{}\n", entry.name, entry.bytes.bytes > 0 ? format_size(entry.bytes.bytes) : "?",
               printable(entry.licence), printable(entry.title),
               entry.url.empty() ? " (no address known: see --from)" : "");
  return kOk;
}

int run_pull(const FilesOptions& options) {
  const auto catalogue = load_catalogue(options.catalogue);
  if (!catalogue) return unusable("model", catalogue.error());
  if (options.model.empty()) return list_catalogue(*catalogue);
  auto entry = learn::find_entry(*catalogue, options.model);
  if (!entry) return unusable("model", entry.error());
  if (!options.from.empty()) entry->url = options.from;
  learn::PullSettings settings;
  settings.proxy = options.proxy.empty() ? net::proxy_of_environment(entry->url) : options.proxy;
  const SystemClock clock;
  Progress progress(Progress::kBytes, std::nullopt, clock);
  const auto pulled =
      learn::pull(*entry, options.paths().front(), settings, [&](std::uint64_t done, std::uint64_t all) {
        if (all > 0) progress.expect(static_cast<std::int64_t>(all));
        progress.reach(static_cast<std::int64_t>(done));
      });
  progress.hide();
  if (!pulled) return unusable("model", pulled.error());
  if (pulled->was_here) {
    fmt::print("{} is here already: {}, sha256 {}\n", entry->name, pulled->model.string(), entry->sha256);
    return kOk;
  }
  fmt::print("{}: {}, {}sha256 {} as the catalogue says, licence {}\n", pulled->model.string(),
             format_size(pulled->bytes),
             pulled->resumed > 0 ? fmt::format("{} of them from an earlier try, ", format_size(pulled->resumed)) : "",
             entry->sha256, entry->licence.empty() ? "not stated" : printable(entry->licence));
  return kOk;
}

}  // namespace

void add_model_ls(CLI::App& model, Run& chosen) {
  const auto options = std::make_shared<FilesOptions>();
  CLI::App* list = model.add_subcommand("ls", "List the models that are here, and whether each is what its card says");
  list->add_option("--models", options->folders, "Folders to look in before the usual ones")->type_name("DIR");
  list->add_flag("--json", options->json, "One JSON array on standard output");
  list->footer(
      "Exit status: 0 all is well; 1 a file is not the one that its card describes, a file or card cannot be read, or "
      "a\n"
      "folder that was named is not there.");
  list->callback([options, &chosen] { chosen = [options] { return run_ls(*options); }; });
}

void add_model_pull(CLI::App& model, Run& chosen) {
  const auto options = std::make_shared<FilesOptions>();
  CLI::App* pull = model.add_subcommand("pull", "Fetch a published model; without a name, list those there are");
  pull->add_option("model", options->model, "Its name in the catalogue");
  pull->add_option("--catalogue", options->catalogue, "Instead of the built-in one")->type_name("FILE|URL");
  pull->add_option("--from", options->from, "Instead of the catalogue's address; the sha256 still decides")
      ->type_name("URL");
  pull->add_option("--models", options->folders, "The folder to put it into (default: the first that is looked in)")
      ->type_name("DIR");
  pull->add_option("--proxy", options->proxy, "Instead of what https_proxy, http_proxy and all_proxy say")
      ->type_name("URL");
  pull->footer(
      "A download that was cut off goes on where it stopped. A file with another sha256 than the catalogue's is not\n"
      "kept, and another file or card that is here under that name is not replaced.\n"
      "Exit status: 0 the model is here; 2 it is not.");
  pull->callback([options, &chosen] { chosen = [options] { return run_pull(*options); }; });
}

}  // namespace perch::cli
