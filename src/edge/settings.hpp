#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "base/clock.hpp"
#include "config/diagnostic.hpp"
#include "config/field.hpp"
#include "net/listen_address.hpp"
#include "pipeline/gate.hpp"
#include "pipeline/health.hpp"
#include "pipeline/record_policy.hpp"
#include "seam/registry.hpp"

/// `perch.toml`: what an edge watches, with which questions, and where it keeps and sends what it finds.
namespace perch::edge {

/// The task under which a camera's health is recorded.
inline constexpr std::string_view kHealthTask = "health";
/// The camera under which the device records what happens to itself.
inline constexpr std::string_view kOwnCamera = "perch";

/// A name that is a key elsewhere (in readings, addresses, file names): letters, digits, - and _, 1 to 64 of them.
struct Name {
  std::string value;
  auto operator<=>(const Name&) const = default;
};

using net::ListenAddress;

/// Regions that are the findings of another task of the same camera.
struct RegionsFrom {
  Name task;
  std::vector<std::string> labels;  ///< only findings with one of these labels; empty: all
  std::optional<float> margin;  ///< added on each side, as a fraction of the finding's size; unset: as the card says
};

/// One of a camera's questions.
struct Task {
  Name name;
  std::string model;                         ///< a card's name, or a path; empty: the analysis needs none
  std::vector<std::vector<double>> regions;  ///< in px: x, y, width, height, or four corners; empty: the whole frame
  std::optional<RegionsFrom> regions_from;   ///< never together with `regions`
  config::Component analysis;
  pipeline::RecordPolicy record{pipeline::RecordPolicy::Kind::change, Nanoseconds{0}};
  bool keep_picture = false;  ///< whether its readings keep the picture they were read from
};

/// A named source with its questions.
struct Camera {
  Name name;
  config::Component source;
  Milliseconds every{1000};  ///< 0: as fast as its pictures are analysed
  pipeline::GateConfig gate;
  pipeline::HealthConfig health;
  std::vector<Task> tasks;
};

/// What becomes of cameras that are found on the network: those whose instance name fits become cameras with these
/// tasks.
struct Discover {
  std::string match;          ///< of instance names; `*` and `?` as in `glob_matches`
  std::string path = "/jpg";  ///< where its pictures are
  Milliseconds every{1000};
  std::string user, password;  ///< the only ones that such a camera is ever sent
  pipeline::GateConfig gate;
  pipeline::HealthConfig health;
  std::vector<Task> tasks;
};

/// Whether and for what the network is browsed.
struct DiscoverySettings {
  std::string type = "_camera._tcp";
  std::vector<std::string> interfaces;  ///< only on these; none: on every network of this machine
  std::optional<bool> enabled;          ///< unset: when there is a `[[discover]]` block
  bool operator==(const DiscoverySettings&) const = default;
};

/// How long readings are kept.
struct JournalSettings {
  Milliseconds max_age{std::chrono::hours(24 * 365)};  ///< of delivered readings; 0: any
  config::ByteSize size{1'000'000'000};                ///< beyond it delivered readings go, the oldest first
  config::ByteSize limit{2'000'000'000};               ///< beyond it undelivered ones go too
};

/// How many pictures are kept.
struct PictureSettings {
  config::ByteSize budget{2'000'000'000};
};

/// All of `perch.toml`.
struct Settings {
  Name device;  ///< after loading never empty: the host's name by default
  std::string data = "/var/lib/perch";
  ListenAddress listen{"127.0.0.1", 3000};
  std::vector<std::string> allowed_hosts;    ///< names that the interface answers to, besides its address
  std::vector<std::string> allowed_origins;  ///< pages of others that may use it
  std::vector<std::string> models;           ///< folders with models, besides the usual ones
  int workers = 0;                           ///< threads that look at pictures; 0: one a core
  JournalSettings journal;
  PictureSettings pictures;
  std::vector<Camera> cameras;
  DiscoverySettings discovery;
  std::vector<Discover> discover;  ///< the first that fits counts
  std::vector<config::Component> sinks;

  /// Whether the network is browsed for cameras.
  bool discovers() const { return discovery.enabled.value_or(!discover.empty()); }
};

/// Settings as somebody wrote them, right or wrong.
struct Draft {
  config::Node written;             ///< empty after a syntax error
  std::filesystem::path folder;     ///< of the file; what relative paths are relative to
  Settings settings;                ///< what is wrong has its default; cameras, blocks and tasks have the same places
  config::Diagnostics diagnostics;  ///< everything that is wrong
};

/// Reads settings and checks everything that can be known without opening a model, a camera or a file.
///
/// A syntax error is reported alone. Else all errors come at once: unknown keys, wrong kinds and ranges, the tables of
/// components, names that are used twice, regions without an area, tasks that take their regions from a task that is
/// not there, finds nothing, or comes back to them.
/// @param file  names the text in messages
/// @thread any
Draft draft_settings(std::string_view text, std::string_view file, const Registry& registry);

/// The same for those who want right settings or none; the errors in the order of the file.
tl::expected<Settings, config::Diagnostics> load_settings(std::string_view text, std::string_view file,
                                                          const Registry& registry);

/// The same from a node, like layers laid over each other with `config::merge`.
tl::expected<Settings, config::Diagnostics> read_settings(const config::Node& root, const Registry& registry);

/// The settings as a node that `read_settings` reads back to the same; what has its default is left out.
config::Node write_settings(const Settings& settings);

/// What `perch.toml` can hold, for schemas, forms and the reference page.
config::TableSpec settings_spec();

/// One camera as a node, to see whether it has changed.
config::Node write_camera(const Camera& camera);

/// The name of a sink, which its place in the journal goes by: what it was given, else its kind.
std::string sink_name(const config::Component& sink);

/// The name that a device has unless it is given one: the host's name with every other character made a `-`.
std::string device_name_from(std::string_view host_name);

/// The name of the camera that a found instance becomes, its stable key. An instance name that is a name stays as it
/// is; of any other the characters that names cannot have become `-`, and eight digits of its SHA-256 follow, so that
/// no two instances get the same, whichever comes first.
Name camera_name_from(std::string_view instance);

}  // namespace perch::edge

template <>
struct perch::config::TextForm<perch::edge::Name> {
  static constexpr std::string_view kPattern = "^[A-Za-z0-9_-]{1,64}$";
  static Result<edge::Name> parse(std::string_view text);

  static std::string format(const edge::Name& name) { return name.value; }
};

template <>
struct perch::config::TextForm<perch::net::ListenAddress> {
  static constexpr std::string_view kPattern = R"(^(localhost|[0-9.]+|\[[0-9A-Fa-f:.]+(%[^\]\s]+)?\]):[0-9]{1,5}$)";
  static Result<net::ListenAddress> parse(std::string_view text);
  static std::string format(const net::ListenAddress& address);
};

template <>
struct perch::config::TextForm<perch::pipeline::RecordPolicy> {
  static constexpr std::string_view kPattern =
      R"(^(every|change|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*(ns|us|ms|s|min|m|h|d)\s*)$)";
  static Result<pipeline::RecordPolicy> parse(std::string_view text);

  static std::string format(const pipeline::RecordPolicy& policy) { return policy.text(); }
};
