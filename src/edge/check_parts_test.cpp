#include "edge/check_parts.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/config_rig.hpp"

using namespace perch;
using namespace perch::edge;

TEST_CASE("sources that cannot be made are wrong at the key that they are wrong at") {
  ConfigRig f;
  const auto source = [&](const std::string& keys) {
    return f.mistakes("[[camera]]\nname = 'a'\nsource = { " + keys + " }\n");
  };
  const std::string at = " camera.a.source.", no_http = "url: not an http or https address; ";
  CHECK(source("kind = 'http', url = 'admin:hunter2@192.0.2.9/jpg'") ==
        ":3:33:" + at + no_http + "it begins with http:// or https://\n");
  CHECK(source("kind = 'mjpeg', url = ''") == ":3:34:" + at + no_http + "it begins with http:// or https://\n");
  for (const char* kind : {"http", "rtsp"})
    CHECK(source(fmt::format("kind = '{0}', url = '{0}://'", kind)) ==
          fmt::format(":3:33:{}url: not an address: it names no host; write it as {}://HOST/PATH\n", at, kind));
  CHECK(source("kind = 'folder', path = ''").starts_with(":3:36:" + at + "path: "));
  CHECK(source("kind = 'thermal-file', path = ''").starts_with(":3:42:" + at + "path: "));
  CHECK(source("kind = 'http', url = 'rtsp://camera/'") == ":3:33:" + at + no_http + "use the source 'rtsp'\n");
  CHECK(source("kind = 'http', url = 'http://camera/a b'") ==
        ":3:33:" + at + "url: not an address: there is a space in it; write it as %20\n");
  CHECK(source("kind = 'http', url = 'http://camera:99999/'")
            .starts_with(":3:33:" + at + "url: not an address: its port"));
  CHECK(source("kind = 'rtsp', url = 'http://camera/'") ==
        ":3:33:" + at + "url: not an rtsp address; it begins with rtsp://\n");
  CHECK(source("kind = 'rtsp', url = 'rtsp://camera:99999/'")
            .starts_with(":3:33:" + at + "url: not an address: its port"));
  for (const char* kind : {"http", "rtsp"})
    CHECK(source(fmt::format("kind = '{0}', url = '{0}://camera/', password = 'x'", kind)) ==
          ":3:62:" + at + "password: there is no user that it belongs to; set user\n");
  CHECK(source("kind = 'http', url = 'https://camera/', pinned_key = 'abc'")
            .starts_with(":3:65:" + at + "pinned_key: not the hash of a key"));
  CHECK(source("kind = 'http', url = 'https://camera/', ca_file = 'gone.pem'")
            .starts_with(":3:62:" + at + "ca_file: there is no file " + (f.folder / "gone.pem").string()));
  CHECK(source("kind = 'scene', scene = 'lto'") ==
        ":3:36:" + at + "scene: there is no scene 'lto'; did you mean 'lot'?\n");
  CHECK(source("kind = 'scene', scene = 'lot', settings = ['wether=rain']")
            .starts_with(":3:54:" + at + "settings: wether: unknown key; did you mean 'weather'?"));
  CHECK(source("kind = 'scene', scene = 'lot', settings = ['weather=foo']").starts_with(":3:54:" + at + "settings: "));
  for (const char* keys : {"", ", path = 'x', url = 'http://camera/'"})
    CHECK(source("kind = 'telemetry'" + std::string(keys)).starts_with(":3:10: camera.a.source: "));
}

TEST_CASE("sources whose keys make sense are right") {
  ConfigRig f;
  test::write_test_file(f.folder / "authority.pem", "");
  const std::string key = "sha256//" + std::string(43, 'A') + "=", pin = key + ";" + key;  // of which any will do
  CHECK(
      f.mistakes(
           "[[camera]]\nname = 'a'\nsource = { kind = 'http', url = 'https://eve:s3cret@camera:8443/a?b=c', ca_file = "
           "'authority.pem', pinned_key = '" +
           pin +
           "' }\n[[camera]]\nname = 'b'\nsource = { kind = 'http', url = 'http://eve@camera', password = 'x' "
           "}\n[[camera]]\nname = 'c'\nsource = { kind = 'rtsp', url = 'rtsp://camera', user = 'eve', password = "
           "'x' }\n[[camera]]\nname = 'd'\nsource = { kind = 'scene', scene = 'lot', settings = "
           "['weather=rain'] }\n")
          .empty());
}

TEST_CASE("masks that are no polygon are wrong where they stand, also of cameras that are to be found") {
  ConfigRig f;
  const std::string gate = "gate = { motion = { exclude = [[1, 2, 3]] } }\n";
  const std::string wrong =
      "mask 1 is no polygon; give 4 numbers (x, y, width, height) or the corners, 6 numbers or more\n";
  CHECK(f.mistakes(camera("a", gate) + "[[discover]]\nmatch = '*'\n" + gate) ==
        ":4:31: camera.a.gate.motion.exclude: " + wrong + ":7:31: discover[1].gate.motion.exclude: " + wrong);
}

TEST_CASE("what a found camera could not be asked with is wrong in the block") {
  ConfigRig f;
  CHECK(f.mistakes("[[discover]]\nmatch = '*'\npath = '/a b'\n") ==
        ":3:8: discover[1].path: not an address: there is a space in it; write it as %20\n");
  CHECK(f.mistakes("[[discover]]\nmatch = '*'\npassword = 'x'\n") ==
        ":3:12: discover[1].password: there is no user that it belongs to; set user\n");
}

TEST_CASE("files of another machine are not looked for, everything else is checked") {
  ConfigRig f;
  Draft draft = draft_settings(
      "[[camera]]\nname = 'a'\nsource = { kind = 'http', url = 'https://camera', ca_file = 'gone.pem' }\n"
      "[[camera]]\nname = 'b'\nsource = { kind = 'http', url = 'camera' }\n",
      "perch.toml", f.registry);
  check_parts(draft, f.registry, {});
  REQUIRE(draft.diagnostics.list().size() == 1);
  CHECK(draft.diagnostics.list()[0].key == "camera.b.source.url");
}

TEST_CASE("a sink without a path is wrong at the path") {
  ConfigRig f;
  CHECK(f.mistakes("[[sink]]\nkind = 'file'\npath = ''\n") == ":3:8: sink[1].path: must not be empty\n");
}
