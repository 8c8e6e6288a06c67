#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "net/fetch.hpp"
#include "support/picture_files.hpp"
#include "support/program.hpp"
#include "support/running_program.hpp"
#include "support/tiny_onnx.hpp"

/// What tests of `perch edge` as a program share: a place for it to run in, and questions to its interface.
namespace perch::e2e {

/// A folder with a configuration, a tiny model and a few pictures.
struct Place {
  test::TempFolder folder;
  std::string config = (folder / "perch.toml").string();
  std::string data = (folder / "data").string();

  Place() {
    REQUIRE(write_file(folder / "means.onnx", test::mean_onnx(1, 8, 8)));
    test::write_test_file(folder / "means.toml",
                          "name = 'means'\ntask = 'detect'\nlabels = ['red', 'green', 'blue']\n"
                          "decoder = { kind = 'classify' }\n");
    for (int i = 0; i < 3; ++i)
      test::write_test_file(folder / ("pictures/" + std::to_string(i) + ".jpg"),
                            as_text(test::jpeg_file(64 + 8 * i, 48)));
  }

  void configure(std::string_view text) const {
    test::write_test_file(config, "device = 'box'\nlisten = '127.0.0.1:0'\n" + std::string(text));
  }

  std::vector<std::string> command() const { return {PERCH_PROGRAM, "edge", "-c", config, "--data", data}; }
};

inline std::string camera(std::string_view name, std::string_view source, std::string_view every = "0s",
                          std::string_view record = "every") {
  return fmt::format(
      "[[camera]]\nname = '{}'\nsource = {}\nevery = '{}'\ngate = {{ mode = 'off' }}\n[[camera.task]]\nname = 'seen'\n"
      "model = './means.onnx'\nanalysis = {{ kind = 'detect' }}\nrecord = '{}'\n",
      name, source, every, record);
}

/// Pictures of a folder, over and over, so many a second.
inline std::string folder_source(int fps = 20) {
  return fmt::format("{{ kind = 'folder', path = 'pictures', loop = true, timing = 'rate', fps = {} }}", fps);
}

inline std::string url_of(test::RunningProgram& edge) {
  const std::string line = edge.wait_for("event=http.listening");
  return line.substr(line.find("url=") + 4);
}

inline boost::json::value get(const std::string& url) {
  const auto bytes = net::fetch(url);
  if (!bytes) FAIL(bytes.error().message());
  return boost::json::parse(std::string(as_text(*bytes)));
}

/// Asks again until something holds. A test that waits for what never comes ends after two minutes.
template <class F>
void until(F holds) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!holds()) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

inline std::int64_t last_seq(const std::string& url) {
  return get(url + "/api/info").at("journal").at("last_seq").as_int64();
}

/// Every line of the readings' files in a folder, rotated ones too.
inline std::vector<boost::json::value> lines_of(const std::filesystem::path& folder) {
  std::vector<boost::json::value> lines;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.path().filename().string().starts_with("readings")) continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) lines.push_back(boost::json::parse(line));
  }
  return lines;
}

}  // namespace perch::e2e
