#include "scenes/catalogue.hpp"

#include <doctest/doctest.h>

namespace perch::scenes {

TEST_CASE("every scene can be made by name with its defaults") {
  CHECK_FALSE(catalogue().empty());
  for (const SceneSpec& spec : catalogue()) {
    CAPTURE(spec.name);
    CHECK_FALSE(spec.help.empty());
    CHECK(create(spec.name, {}));
  }
}

TEST_CASE("an unknown scene is an error that names the nearest") {
  const auto scene = create("lod", {});
  REQUIRE_FALSE(scene);
  CHECK(scene.error().code == Errc::not_found);
  CHECK(scene.error().message().find("lot") != std::string::npos);
}

TEST_CASE("a mistyped setting is an error that names the key") {
  config::Diagnostics diagnostics;
  const auto scene = create("lot", config::parse_toml("wether = 'rain'", "settings", diagnostics));
  REQUIRE_FALSE(scene);
  CHECK(scene.error().code == Errc::invalid);
  CHECK(scene.error().message().find("weather") != std::string::npos);
}

}  // namespace perch::scenes
