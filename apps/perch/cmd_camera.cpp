#include <memory>

#include <CLI/CLI.hpp>

#include "camera/list.hpp"
#include "camera/serve.hpp"
#include "command.hpp"
#include "number_option.hpp"

namespace perch::cli {

namespace {

/// The first option that was given to a command itself, or to one of its groups of options; or null.
const CLI::Option* first_given(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options())
    if (option->count() > 0) return option;
  for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; }))
    if (const CLI::Option* given = below->get_name().empty() ? first_given(*below) : nullptr) return given;
  return nullptr;
}

void add_list(CLI::App& camera, Run& chosen) {
  const auto options = std::make_shared<CameraListOptions>();
  const auto seconds = std::make_shared<double>(options->listen.count());
  CLI::App* command = camera.add_subcommand("ls", "List the cameras that announce themselves on the network");
  command->add_flag("--json", options->json, "One JSON object a line");
  command->add_option("--type", options->type, "The DNS-SD type to look for")->type_name("TYPE")->capture_default_str();
  command
      ->add_option("--interface", options->interfaces, "Listen on this network interface only; lo: this machine alone")
      ->type_name("NAME");
  command->add_option("--seconds", *seconds, "How long to listen")
      ->type_name("N")
      ->check(in_range(0.1, 86400.0))
      ->capture_default_str();
  command->callback([options, seconds, &camera, &chosen] {
    if (const CLI::Option* given = first_given(camera)) throw CLI::ExcludesError(given->get_name(), "ls");
    options->listen = Seconds(*seconds);
    chosen = [options] { return list_cameras(*options); };
  });
}

void add_serve(CLI::App& camera, Run& chosen) {
  const auto options = std::make_shared<CameraServeOptions>();
  CLI::Option_group* seen = camera.add_option_group("What it looks at (one of)");
  seen->add_option("--folder", options->folder, "The pictures of a folder, over and over")->type_name("DIR");
  seen->add_option("--clip", options->clip, "A clip, over and over")->type_name("FILE");
  CLI::Option* scene =
      seen->add_option("--scene", options->scene, "A scene, which knows its own truth")->type_name("NAME");
  seen->add_option("--v4l2", options->v4l2, "A camera of this machine")->type_name("/dev/videoN");
  seen->require_option(0, 1);
  camera
      .add_option("--seed", options->seed, "Which variant of the scene; names that are not given are made of it, too")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, kMostSeed))
      ->capture_default_str();
  camera.add_option("--width", options->width, "Of the scene, in px")
      ->needs(scene)
      ->type_name("PX")
      ->capture_default_str();
  camera.add_option("--height", options->height, "Of the scene, in px")
      ->needs(scene)
      ->type_name("PX")
      ->capture_default_str();
  camera.add_option("--hour", options->hour, "When the scene's day begins: time since midnight")
      ->needs(scene)
      ->type_name("TIME")
      ->capture_default_str();
  camera.add_option("--speed", options->speed, "How many of the scene's seconds pass in one of ours")
      ->needs(scene)
      ->type_name("N")
      ->check(in_range(0.0, 10000.0))
      ->capture_default_str();
  camera
      .add_option("--set", options->settings, "A setting of the scene, like weather=rain; perch scene --list has them")
      ->needs(scene)
      ->type_name("KEY=VALUE");
  camera.add_option("--every", options->every, "Between two pictures")->type_name("TIME")->capture_default_str();
  camera.add_option("--count", options->count, "So many cameras, each with its own port and name")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  camera.add_option("--port", options->port, "The first camera's; 0: free ones")
      ->type_name("P")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  camera
      .add_option("--address", options->address,
                  "Where to listen; on loopback it is announced only with --interface lo")
      ->type_name("ADDRESS")
      ->capture_default_str();
  camera.add_option("--name", options->name, "What it announces itself as; default: indoor-camera-XXXX")
      ->type_name("NAME");
  camera.add_option("--announce-as", options->type, "The DNS-SD type")->type_name("TYPE")->capture_default_str();
  camera.add_option("--interface", options->interfaces, "Announce it on this network interface only")
      ->type_name("NAME");
  camera.add_flag("--quiet", options->quiet, "Do not announce it");
  camera
      .add_option("--fault", options->faults,
                  "What is wrong with it, and when: frozen, dark, covered, blurred, moved, hang, drip, truncate, "
                  "garbage, slow or flap; KIND[@START[+LENGTH[/EVERY]]]; may be given several times")
      ->type_name("FAULT");
  camera.callback([options, &camera, &chosen] {
    if (!camera.get_subcommands().empty()) return;
    if (options->folder.empty() && options->clip.empty() && options->scene.empty() && options->v4l2.empty())
      throw CLI::RequiredError("--folder, --clip, --scene or --v4l2 (or the command ls)");
    chosen = [options] { return serve_cameras(*options); };
  });
}

}  // namespace

CLI::App* add_camera_command(CLI::App& parent, Run& chosen) {
  CLI::App* command = parent.add_subcommand("camera", "Be a camera for tests and demos, or find those on the network");
  command->require_subcommand(0, 1);
  add_serve(*command, chosen);
  add_list(*command, chosen);
  command->footer(
      "Serves what the firmware of an ESP32 camera serves: /jpg, /capture, /stream, /status, /control?var=&val=; and "
      "/truth for scenes. Prints each camera's name and address.\nExit status: 0 stopped by SIGTERM or Ctrl-C; 2 it "
      "could not start, with the reason.");
  return command;
}

}  // namespace perch::cli
