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

TEST_CASE("every scene paints a picture of its size that is no plain colour, at any time of the day") {
  for (const SceneSpec& spec : catalogue()) {
    CAPTURE(spec.name);
    config::Node settings{config::Table{}};
    settings.set("width", config::Node{std::int64_t{160}});
    settings.set("height", config::Node{std::int64_t{120}});
    const std::unique_ptr<Scene> scene = create(spec.name, settings).value();
    View view;
    for (const double hour : {2.0, 8.1, 12.0, 12.01, 19.0}) {
      scene->render(hour * 3600, view);
      CHECK(view.picture.size() == image::Size{160, 120});
      CHECK(view.truth.width == 160);
      CHECK((view.grid.rows > 0) == scene->thermal());
      const auto [darkest, brightest] = std::ranges::minmax(std::span(view.picture.data(), std::size_t{160} * 120 * 3));
      CHECK(darkest < brightest);
    }
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
