#pragma once
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "base/folder.hpp"
#include "edge/planner.hpp"
#include "edge/settings.hpp"
#include "model/search.hpp"
#include "net/http_client.hpp"
#include "pipeline/worker.hpp"
#include "support/component.hpp"
#include "support/run_coroutine.hpp"

/// Takes a recipe's camera through planner, source, models and analyses as the daemon does, one frame after the other
/// and none left out, and keeps what its tasks say.
namespace perch::recipes {

namespace fs = std::filesystem;
namespace json = boost::json;

inline fs::path folder_of(const std::string& recipe) {
  return fs::path(PERCH_SOURCE_DIR) / "recipes" / recipe;
}

inline edge::Settings settings_of(const std::string& recipe) {
  const fs::path file = folder_of(recipe) / "perch.toml";
  const Result<Bytes> text = read_file(file);
  REQUIRE(text);
  auto settings = edge::load_settings(as_text(*text), file.string(), test::all_components());
  if (!settings) FAIL(settings.error().to_error().message());
  return std::move(*settings);
}

/// One task's observation as the line of a golden file.
inline json::object line_of(std::size_t look, const std::string& task, const Observation& seen) {
  json::object values;
  for (const Value& value : seen.values) std::visit([&](const auto& v) { values[value.name] = v; }, value.value);
  return {{"look", look}, {"task", task}, {"status", std::string(name(seen.status))}, {"values", values}};
}

/// The looks of a recipe's scene. The first two are painted by the recipe's source; for the others there are the
/// pictures that were painted when the tests were built (tests/pictures), once the first two are found to be the same.
class Looks {
 public:
  Looks(const std::string& recipe, Source& source, const Clock& clock) : source_(source), clock_(clock) {
    const fs::path folder = fs::path(PERCH_TEST_PICTURES) / ("recipe-" + recipe) / "pictures";
    painted_ = find_files(folder, [](const fs::path&) { return true; }).files;
  }

  Frame next(boost::asio::io_context& io) {
    if (count_ >= 2 && !painted_.empty()) return painted_next();
    Result<Frame> frame = test::run_coroutine(io, source_.next());
    if (!frame) FAIL(frame.error().message());
    if (!painted_.empty()) {
      REQUIRE(frame->place_time);
      (count_ == 0 ? begin_ : step_) = *frame->place_time - begin_;
      const auto* jpeg = std::get_if<Jpeg>(&frame->payload);
      REQUIRE(jpeg);
      REQUIRE_MESSAGE(std::ranges::equal(jpeg->bytes.view(), painted(count_)),
                      "tests/pictures/CMakeLists.txt paints another scene than the recipe");
    }
    ++count_;
    return std::move(*frame);
  }

 private:
  Bytes painted(std::size_t look) const {
    REQUIRE(look < painted_.size());
    return read_file(painted_[look]).value();
  }

  Frame painted_next() {
    Frame frame;
    frame.payload = Jpeg{SharedBytes(painted(count_))};
    frame.stamp = clock_.stamp();
    frame.place_time = begin_ + step_ * static_cast<int>(count_);
    ++count_;
    return frame;
  }

  Source& source_;
  const Clock& clock_;
  std::vector<fs::path> painted_;  ///< in the order of the looks; none: all are the source's
  std::size_t count_ = 0;
  Nanoseconds begin_{0}, step_{0};
};

/// What the tasks of a recipe's only camera say of its first looks. Tasks whose model is not there are left out.
inline std::vector<json::object> replay(const std::string& recipe, edge::Settings settings, std::size_t looks) {
  REQUIRE(settings.cameras.size() == 1);
  edge::Camera& camera = settings.cameras.front();
  if (camera.source.kind() == "telemetry") camera.source.table.set("timing", config::Node{std::string("fast")});
  const fs::path folder = folder_of(recipe);
  const std::vector<fs::path> models{fs::path(PERCH_SOURCE_DIR) / "models"};
  std::erase_if(camera.tasks, [&](const edge::Task& task) {
    return !task.model.empty() && !model::find_model(task.model, model::model_folders(models));
  });
  if (camera.tasks.empty()) return {};
  model::LoadOptions options;
  options.folders = models;
  edge::Models::Loaded loaded;
  for (const edge::Task& task : camera.tasks) {
    if (task.model.empty()) continue;
    auto model = model::Model::load(task.model, test::all_components(), options);
    if (!model) FAIL(model.error().message());
    loaded.emplace(task.model, std::move(*model));
  }

  boost::asio::io_context io{1};
  boost::asio::thread_pool blocking{1};
  ManualClock clock;
  std::vector<json::object> lines;
  {
    net::HttpClient http{io.get_executor(), clock};
    auto planned = edge::plan_camera(camera, loaded, test::all_components(),
                                     {{}, io.get_executor(), blocking.get_executor(), &clock, &http, folder});
    if (!planned) FAIL(planned.error().message());
    pipeline::Worker worker(clock);
    Looks seen(recipe, *planned->plan.source, clock);
    for (std::size_t look = 1; look <= looks; ++look) {
      Frame frame = seen.next(io);
      frame.seq = look;
      const auto looked = worker.look(std::make_shared<const Frame>(std::move(frame)), planned->plan.state);
      for (const pipeline::Answer& answer : looked.answers)
        lines.push_back(line_of(look, planned->plan.state.tasks[answer.task].name, answer.observation));
    }
  }
  while (io.poll() > 0) {
  }
  blocking.join();
  return lines;
}

/// Whether two lines say the same: the same status and names, the same texts and flags, and numbers that differ by no
/// more than `tolerance`.
inline bool agree(const json::object& is, const json::object& should, double tolerance) {
  if (is.at("look") != should.at("look") || is.at("task") != should.at("task") ||
      is.at("status") != should.at("status"))
    return false;
  const json::object &mine = is.at("values").as_object(), &theirs = should.at("values").as_object();
  if (mine.size() != theirs.size()) return false;
  return std::ranges::all_of(theirs, [&](const auto& value) {
    const json::value* found = mine.if_contains(value.key());
    if (found == nullptr) return false;
    if (!value.value().is_number() || !found->is_number()) return *found == value.value();
    return std::abs(found->template to_number<double>() - value.value().template to_number<double>()) <= tolerance;
  });
}

}  // namespace perch::recipes
