#include "edge/settings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "edge/discovery.hpp"
#include "model/regions.hpp"
#include "net/dns_sd.hpp"
#include "net/host_rules.hpp"

namespace perch::edge {

namespace {

using config::Diagnostics;
using config::field;
using config::Node;
using config::detail::element_path;
using config::detail::path_of;
using namespace std::chrono_literals;

constexpr Milliseconds kShortestEvery{10};

constexpr auto kRegionsFromFields = config::fields<RegionsFrom>(
    field("task", &RegionsFrom::task).required().help("the task of the same camera that finds the regions"),
    field("labels", &RegionsFrom::labels).help("only findings with one of these labels; none: all"),
    field("margin", &RegionsFrom::margin)
        .range(0.0, 4.0)
        .help(
            "added on each side, as a fraction of the finding's width and height; default: as the model's card says"));

constexpr auto kTaskFields = config::fields<Task>(
    field("name", &Task::name).required().help("letters, digits, - and _; once a camera"),
    field("model", &Task::model)
        .at_least(1)
        .help("a card's name, or the path of an ONNX file; left out when the analysis needs none"),
    field("regions", &Task::regions)
        .range(0, model::kMaxRegions)
        .unit("px")
        .help("parts of the frame to look at, each [x, y, width, height] or the x, y of four corners, from the top "
              "left clockwise; none: the whole"),
    field("regions_from", &Task::regions_from, kRegionsFromFields)
        .help("look at what another task of the camera finds, instead of fixed regions"),
    field("analysis", &Task::analysis).required().category("analysis").help("what is made of the findings over time"),
    field("record", &Task::record)
        .help("which observations are kept: \"every\", \"change\", or an interval like \"10min\""),
    field("keep_picture", &Task::keep_picture).help("keep the picture that each reading was read from"));

constexpr auto kCameraFields = config::fields<Camera>(
    field("name", &Camera::name)
        .required()
        .help("letters, digits, - and _; the stable key of everything about the camera"),
    field("source", &Camera::source).required().category("source").help("where its frames come from"),
    field("every", &Camera::every).range(0ms, 24h).help("how often to look; \"0s\": as fast as it can be analysed"),
    field("gate", &Camera::gate, pipeline::kGateFields).help("frames in which nothing moves need no analysis"),
    field("health", &Camera::health, pipeline::kHealthFields).help("what counts as a camera in good health"),
    field("task", &Camera::tasks, kTaskFields).help("what to find out; a camera may have several"));

constexpr auto kDiscoverFields = config::fields<Discover>(
    field("match", &Discover::match)
        .required()
        .at_least(1)
        .help("which instance names: * stands for any characters, ? for one; the first block that fits counts"),
    field("path", &Discover::path).help("where such a camera's pictures are"),
    field("every", &Discover::every).range(0ms, 24h).help("how often to look; \"0s\": as fast as it can be analysed"),
    field("user", &Discover::user).help("sent when the camera asks for it; without one it is never sent any"),
    field("password", &Discover::password).help("goes with user"),
    field("gate", &Discover::gate, pipeline::kGateFields).help("frames in which nothing moves need no analysis"),
    field("health", &Discover::health, pipeline::kHealthFields).help("what counts as a camera in good health"),
    field("task", &Discover::tasks, kTaskFields).help("what to find out; may be several"));

constexpr auto kDiscoveryFields = config::fields<DiscoverySettings>(
    field("type", &DiscoverySettings::type).help("the DNS-SD type that cameras announce"),
    field("interfaces", &DiscoverySettings::interfaces)
        .help("only on these interfaces, like \"eth0\"; \"lo\": cameras that this machine plays itself; none: on all "
              "networks"),
    field("enabled", &DiscoverySettings::enabled)
        .help("browse the network; default: when there is a [[discover]] block"));

constexpr auto kJournalFields = config::fields<JournalSettings>(
    field("max_age", &JournalSettings::max_age)
        .range(0ms, 24h * 36500)
        .help("delivered readings older than this go; \"0s\": however old"),
    field("size", &JournalSettings::size).range(1e6, 1e15).help("beyond it delivered readings go, the oldest first"),
    field("limit", &JournalSettings::limit)
        .range(1e6, 1e15)
        .help("beyond it readings go that no sink has delivered yet, and a reading says how many"));

constexpr auto kPictureFields = config::fields<PictureSettings>(
    field("budget", &PictureSettings::budget)
        .range(0, 1e15)
        .help("disk space for kept pictures; beyond it the oldest go that nothing has pinned"));

constexpr auto kSettingsFields = config::fields<Settings>(
    field("device", &Settings::device).help("this device's name: letters, digits, - and _; default: the host name"),
    field("data", &Settings::data).at_least(1).help("folder of the journal, pictures and models"),
    field("listen", &Settings::listen).help("address:port of the page and the interface"),
    field("allowed_hosts", &Settings::allowed_hosts)
        .help("names that the interface answers to besides its own address; \"*\": any"),
    field("allowed_origins", &Settings::allowed_origins)
        .help("pages of other sites that may use the interface, like \"https://panel.example\""),
    field("workers", &Settings::workers).range(0, 64).help("threads that look at pictures; 0: one a core"),
    field("journal", &Settings::journal, kJournalFields).help("how long readings are kept"),
    field("pictures", &Settings::pictures, kPictureFields).help("how many pictures are kept"),
    field("models", &Settings::models).help("folders with models, besides the one under data"),
    field("camera", &Settings::cameras, kCameraFields).help("a camera, or another stream of frames"),
    field("discovery", &Settings::discovery, kDiscoveryFields).help("looking for cameras on the network"),
    field("discover", &Settings::discover, kDiscoverFields)
        .help("what becomes of cameras that are found on the network"),
    field("sink", &Settings::sinks).category("sink").help("where readings are sent"));

/// A camera's or task's name with the places it is needed at in messages.
struct Named {
  const std::string* name;
  const Node* node;  ///< the table that has it
  std::string path;
};

bool has_numbers(const Node& list) {
  const auto is_number = [](const Node& element) {
    const double* real = std::get_if<double>(&element.value());
    return std::holds_alternative<std::int64_t>(element.value()) || (real && std::isfinite(*real));
  };
  return list.array() && std::ranges::all_of(*list.array(), is_number);
}

void check_unique(const std::vector<Named>& all, std::string_view what, Diagnostics& diagnostics) {
  std::map<std::string_view, const Named*> first;
  for (const Named& named : all) {
    if (named.name->empty()) continue;  // missing or wrong, and reported
    const auto [found, is_new] = first.emplace(*named.name, &named);
    if (is_new) continue;
    const int line = found->second->node->origin_of("name").line;
    diagnostics.add(named.node->origin_of("name"), path_of(named.path, "name"),
                    line > 0 ? fmt::format("the {} of line {} has this name already", what, line)
                             : fmt::format("another {} has this name already", what),
                    "give it another");
  }
}

/// What field tables cannot see: names, components, and tasks that refer to each other.
class Check {
 public:
  Check(const Registry& registry, Diagnostics& diagnostics) : registry_(registry), diagnostics_(diagnostics) {}

  void all(const Node& root, const Settings& settings) {
    std::vector<Named> cameras;
    for (std::size_t i = 0; i < settings.cameras.size(); ++i) {
      const Node& node = (*root.find("camera")->array())[i];
      cameras.push_back({&settings.cameras[i].name.value, &node, element_path("camera", node, i)});
      camera(node, settings.cameras[i], cameras.back().path);
    }
    check_unique(cameras, "camera", diagnostics_);
    for (std::size_t i = 0; i < settings.discover.size(); ++i) {
      const Node& node = (*root.find("discover")->array())[i];
      discover(node, settings.discover[i], element_path("discover", node, i));
      if (const Discover* before = covering_block(settings.discover, i))
        diagnostics_.add(node.origin_of("match"), path_of(element_path("discover", node, i), "match"),
                         fmt::format("no camera comes to it: all that it fits, '{}' before it takes", before->match),
                         "put it before that one, or leave it out");
    }
    if (const auto known = net::check_service_type(settings.discovery.type); !known)
      diagnostics_.add(root.find("discovery")->origin_of("type"), "discovery.type", known.error().what,
                       known.error().remedy);
    sinks(settings.sinks);
    each(root, "allowed_hosts", net::check_allowed_host);
    each(root, "allowed_origins", net::check_allowed_origin);
    if (settings.journal.limit < settings.journal.size)
      diagnostics_.add(root.find("journal")->origin_of("limit"), "journal.limit", "is less than journal.size",
                       "make it as large at least");
  }

 private:
  void component(std::string_view category, const config::Component& component, const std::string& path) {
    if (component.table.table()) registry_.check(category, component, path, diagnostics_);
  }

  /// Checks each text of a list.
  void each(const Node& root, std::string_view key, Result<void> (*check)(std::string_view)) {
    const Node* list = root.find(key);
    if (!list || !list->array()) return;
    for (std::size_t i = 0; i < list->array()->size(); ++i) {
      const Node& entry = (*list->array())[i];
      if (!entry.text()) continue;  // reported
      if (const auto checked = check(*entry.text()); !checked)
        diagnostics_.add(entry.origin(), fmt::format("{}[{}]", key, i + 1), checked.error().what,
                         checked.error().remedy);
    }
  }

  /// Two sinks on one file would each wait for the other for ever.
  void paths(const std::vector<config::Component>& sinks) {
    std::map<std::pair<std::string, std::string>, int> lines;
    for (std::size_t i = 0; i < sinks.size(); ++i) {
      const Node* path = sinks[i].table.find("path");
      if (!path || !path->text() || path->text()->empty()) continue;
      const std::string file = std::filesystem::path(*path->text()).lexically_normal().string();
      const auto [first, is_new] = lines.try_emplace({sinks[i].kind(), file}, path->origin().line);
      if (!is_new)
        diagnostics_.add(path->origin(), path_of(element_path("sink", sinks[i].table, i), "path"),
                         first->second > 0 ? fmt::format("the sink of line {} writes there already", first->second)
                                           : "another sink writes there already",
                         "give it another file");
    }
  }

  void sinks(const std::vector<config::Component>& sinks) {
    std::vector<std::string> names;
    std::vector<Named> all;
    names.reserve(sinks.size());  // they are pointed to
    for (std::size_t i = 0; i < sinks.size(); ++i) {
      const std::string path = element_path("sink", sinks[i].table, i);
      component("sink", sinks[i], path);
      all.push_back({&names.emplace_back(sink_name(sinks[i])), &sinks[i].table, path});
      const Node* given = sinks[i].table.find("name");
      const auto name = config::TextForm<Name>::parse(names.back());
      if (given && given->text() && !name)
        diagnostics_.add(given->origin(), path_of(path, "name"), name.error().what, name.error().remedy);
    }
    check_unique(all, "sink", diagnostics_);
    paths(sinks);
  }

  void reserved(const Node& node, const Name& name, std::string_view taken, const std::string& path,
                std::string_view what) {
    if (name.value == taken)
      diagnostics_.add(node.origin_of("name"), path_of(path, "name"),
                       fmt::format("'{}' is the name of {}", taken, what), "choose another");
  }

  void camera(const Node& node, const Camera& camera, const std::string& path) {
    reserved(node, camera.name, kOwnCamera, path, "what the device says of itself");
    component("source", camera.source, path_of(path, "source"));
    every(node, camera.every, path);
    tasks(node, camera.tasks, path);
  }

  void discover(const Node& node, const Discover& block, const std::string& path) {
    if (!block.path.starts_with('/'))
      diagnostics_.add(node.origin_of("path"), path_of(path, "path"), "does not begin with /",
                       "it is what follows the camera's address, like \"/jpg\"");
    every(node, block.every, path);
    tasks(node, block.tasks, path);
  }

  void every(const Node& node, Milliseconds every, const std::string& path) {
    if (every > 0ms && every < kShortestEvery)
      diagnostics_.add(node.origin_of("every"), path_of(path, "every"),
                       fmt::format("is {}, but must be between {} and 1d, or 0s", duration_text(every),
                                   duration_text(kShortestEvery)));
  }

  void tasks(const Node& node, const std::vector<Task>& all, const std::string& path) {
    std::vector<Named> named;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Node& written = (*node.find("task")->array())[i];
      named.push_back({&all[i].name.value, &written, element_path(path_of(path, "task"), written, i)});
      task(written, all[i], named.back().path);
    }
    check_unique(named, "task", diagnostics_);
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].regions_from) reference(all, i, *named[i].node, named[i].path);
  }

  void task(const Node& node, const Task& task, const std::string& path) {
    reserved(node, task.name, kHealthTask, path, "the camera's health");
    component("analysis", task.analysis, path_of(path, "analysis"));
    for (std::size_t i = 0; i < task.regions.size(); ++i) {
      const Node& written = (*node.find("regions")->array())[i];
      if (!has_numbers(written)) continue;  // reported
      if (const auto regions = model::fixed_regions({&task.regions[i], 1}); !regions)
        diagnostics_.add(written.origin(), fmt::format("{}.regions[{}]", path, i + 1), regions.error().what,
                         regions.error().remedy);
    }
    if (task.regions_from && !task.regions.empty())
      diagnostics_.add(node.origin_of("regions_from"), path_of(path, "regions_from"), "the task has regions too",
                       "keep one of them");
    if (task.regions_from && task.model.empty() && !node.find("model"))
      diagnostics_.add(node.origin_of("regions_from"), path_of(path, "regions_from"),
                       "the task has no model that could look at them", "set its model");
  }

  void reference(const std::vector<Task>& tasks, std::size_t from, const Node& node, const std::string& path) {
    const std::string& wanted = tasks[from].regions_from->task.value;
    const Node& table = *node.find("regions_from");
    if (wanted.empty()) return;
    const auto report = [&](std::string reason, std::string remedy) {
      diagnostics_.add(table.origin_of("task"), path_of(path, "regions_from.task"), std::move(reason),
                       std::move(remedy));
    };
    const Task* found = find(tasks, wanted);
    if (!found) {
      std::vector<std::string> names;
      for (std::size_t i = 0; i < tasks.size(); ++i)
        if (i != from && !tasks[i].name.value.empty()) names.push_back(tasks[i].name.value);
      report(fmt::format("the camera has no {}task '{}'", names.empty() ? "other " : "", printable(wanted, 40)),
             suggest(wanted, names));
    } else if (const std::string loop = loop_from(tasks, tasks[from]); !loop.empty()) {
      report(fmt::format("the tasks wait for each other: {}", loop), "let one of them look at the whole frame");
    } else if (found->model.empty()) {
      report(fmt::format("the task '{}' has no model, so it finds nothing", wanted),
             "give it one, or name another task");
    }
  }

  static const Task* find(const std::vector<Task>& tasks, const std::string& name) {
    const auto found = std::ranges::find(tasks, name, [](const Task& task) { return task.name.value; });
    return found == tasks.end() ? nullptr : &*found;
  }

  /// "a → b → a" when following `regions_from` comes back to the task it started from; else empty.
  static std::string loop_from(const std::vector<Task>& tasks, const Task& start) {
    std::string way = start.name.value;
    const Task* at = &start;
    for (std::size_t steps = 0; steps < tasks.size() && at->regions_from; ++steps) {
      at = find(tasks, at->regions_from->task.value);
      if (!at) return {};
      way += " → " + at->name.value;
      if (at->name == start.name) return way;
    }
    return {};
  }

  const Registry& registry_;
  Diagnostics& diagnostics_;
};

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

Draft draft_of(Node written, const Registry& registry) {
  Draft draft;
  draft.written = std::move(written);
  kSettingsFields.read(draft.written, "", draft.diagnostics, draft.settings);
  Check(registry, draft.diagnostics).all(draft.written, draft.settings);
  if (draft.settings.device.value.empty()) draft.settings.device.value = device_name_from(host_name());
  return draft;
}

tl::expected<Settings, Diagnostics> settings_of(Draft draft) {
  if (draft.diagnostics.ok()) return std::move(draft.settings);
  draft.diagnostics.sort();
  return tl::unexpected(std::move(draft.diagnostics));
}

}  // namespace

Draft draft_settings(std::string_view text, std::string_view file, const Registry& registry) {
  Draft unparsed;
  Node written = config::parse_toml(text, file, unparsed.diagnostics);
  if (!unparsed.diagnostics.ok()) return unparsed;
  Draft draft = draft_of(std::move(written), registry);
  std::error_code error;
  draft.folder = std::filesystem::absolute(file, error).parent_path();
  return draft;
}

tl::expected<Settings, Diagnostics> load_settings(std::string_view text, std::string_view file,
                                                  const Registry& registry) {
  return settings_of(draft_settings(text, file, registry));
}

tl::expected<Settings, Diagnostics> read_settings(const Node& root, const Registry& registry) {
  return settings_of(draft_of(root, registry));
}

Node write_camera(const Camera& camera) {
  return kCameraFields.write(camera);
}

std::string sink_name(const config::Component& sink) {
  const Node* name = sink.table.find("name");
  return name && name->text() ? *name->text() : sink.kind();
}

Node write_settings(const Settings& settings) {
  return kSettingsFields.write(settings);
}

config::TableSpec settings_spec() {
  return kSettingsFields.spec();
}

}  // namespace perch::edge
