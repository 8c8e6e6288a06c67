#include "demo/live_table.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.hpp"

namespace perch::cli {

namespace {

constexpr std::size_t kMostWaiting = 1000;              // readings that nobody takes; the oldest go first
constexpr std::size_t kClockAt = 11, kClockLength = 8;  // of 2026-11-21T02:13:24.118Z

std::optional<boost::json::object> parsed(std::string_view text) {
  boost::system::error_code failed;
  boost::json::value value = boost::json::parse(text, failed);
  if (failed || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::string text_of(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

const boost::json::object* object_of(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value ? value->if_object() : nullptr;
}

/// The objects of an array.
std::vector<const boost::json::object*> objects_of(const boost::json::object& object, std::string_view key) {
  std::vector<const boost::json::object*> all;
  const boost::json::value* value = object.if_contains(key);
  if (value && value->is_array())
    for (const boost::json::value& element : value->get_array())
      if (const boost::json::object* one = element.if_object()) all.push_back(one);
  return all;
}

std::string number_text(const boost::json::value& value, int decimals) {
  if (value.is_null()) return "not a number";
  if (!value.is_number()) return boost::json::serialize(value);
  return fmt::format("{:.{}f}", value.to_number<double>(), decimals);
}

std::string plain_text(const boost::json::value& value) {
  if (value.is_string()) return printable(std::string_view(value.get_string()), 60);
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_double()) return fmt::format("{:g}", value.get_double());
  return boost::json::serialize(value);
}

/// Characters as a terminal counts those that we print.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string cut(std::string_view text, std::size_t columns) {
  if (width_of(text) <= columns) return std::string(text);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i + 1 < columns; ++i) bytes += std::max<std::size_t>(1, utf8_length(text, bytes));
  return std::string(text.substr(0, bytes)) + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
  return std::string(text) + std::string(columns - std::min(columns, width_of(text)), ' ');
}

}  // namespace

/// Turns what the interface says into words.
struct LiveTable::Parser {
  /// `51345.9 kWh`, `car 18, truck 0`; of what has no value why.
  static std::string words(const boost::json::object& seen, const std::map<std::string, Output>& outputs) {
    const std::string status = text_of(seen, "status"), reason = text_of(seen, "reason");
    std::vector<std::string> parts;
    if (const boost::json::object* values = object_of(seen, "values"))
      for (const auto& entry : *values)
        parts.push_back(value_words(std::string(entry.key()), entry.value(), outputs, values->size() > 1));
    std::string text = parts.empty() || status == "unknown" ? "" : join(parts, ", ");
    if (status != "ok" && status != "still" && !reason.empty())
      text += text.empty() ? printable(reason) : fmt::format(" ({})", printable(reason));
    return text;
  }

  static std::string value_words(const std::string& name, const boost::json::value& value,
                                 const std::map<std::string, Output>& outputs, bool with_name) {
    const auto known = outputs.find(name);
    std::string text;
    if (known != outputs.end() && known->second.is_number) {
      text = number_text(value, known->second.decimals);
      if (!known->second.unit.empty()) text += " " + printable(known->second.unit, 20);
    } else {
      text = plain_text(value);
    }
    // Of a camera's health there is but one value, and its task has its name.
    const bool is_bare = known == outputs.end() ? name != "health" : known->second.unit.empty();
    return with_name || is_bare ? fmt::format("{} {}", printable(name, 40), text) : text;
  }
};

LiveTable::Task* LiveTable::find(std::string_view camera, std::string_view task) {
  const auto found = cameras_.find(camera);
  if (found == cameras_.end()) return nullptr;
  const auto one = std::ranges::find(found->second.tasks, task, &Task::name);
  return one == found->second.tasks.end() ? nullptr : &*one;
}

void LiveTable::cameras(std::string_view answer) {
  const auto all = parsed(answer);
  if (!all) return;
  wants_cameras_ = false;
  const auto before = std::exchange(cameras_, {});
  for (const boost::json::object* one : objects_of(*all, "cameras")) {
    Camera& camera = cameras_[text_of(*one, "name")];
    if (const boost::json::object* health = object_of(*one, "health")) {
      camera.health = text_of(*health, "health");
      camera.reason = text_of(*health, "reason");
    }
    for (const boost::json::object* described : objects_of(*one, "tasks")) {
      Task task;
      task.name = text_of(*described, "name");
      for (const boost::json::object* output : objects_of(*described, "outputs")) {
        const std::string kind = text_of(*output, "kind");
        const boost::json::value* decimals = output->if_contains("decimals");
        task.outputs[text_of(*output, "name")] = {
            text_of(*output, "unit"), decimals && decimals->is_int64() ? static_cast<int>(decimals->get_int64()) : 0,
            kind == "gauge" || kind == "counter"};
      }
      if (const boost::json::object* latest = object_of(*described, "latest")) {
        task.status = text_of(*latest, "status");
        task.text = Parser::words(*latest, task.outputs);
      }
      camera.tasks.push_back(std::move(task));
    }
  }
}

void LiveTable::hear(std::string_view message) {
  const auto said = parsed(message);
  if (!said) return;
  const std::string type = text_of(*said, "type"), camera = text_of(*said, "camera");
  if (type == "hello" || type == "cameras") {
    wants_cameras_ = true;
  } else if (type == "health") {
    if (const auto found = cameras_.find(camera); found != cameras_.end()) {
      found->second.health = text_of(*said, "health");
      found->second.reason = text_of(*said, "reason");
    }
  } else if (type == "observation") {
    if (Task* task = find(camera, text_of(*said, "task"))) {
      task->status = text_of(*said, "status");
      task->text = Parser::words(*said, task->outputs);
    }
  } else if (const boost::json::object* reading = object_of(*said, "reading"); type == "reading" && reading) {
    ++readings_;
    waiting_.emplace_back(message);
    if (waiting_.size() > kMostWaiting) waiting_.pop_front();
  }
}

std::vector<std::string> LiveTable::take_readings() {
  std::vector<std::string> lines;
  if (wants_cameras_) return lines;
  for (const std::string& message : std::exchange(waiting_, {})) {
    const auto said = parsed(message);
    const boost::json::object& reading = *object_of(*said, "reading");
    const std::string camera = text_of(reading, "camera"), name = text_of(reading, "task"), at = text_of(reading, "at");
    const Task* task = find(camera, name);
    const std::map<std::string, Output> none;
    const std::string status = text_of(reading, "status");
    lines.push_back(fmt::format("{} {} {} {}{}", at.substr(std::min(at.size(), kClockAt), kClockLength),
                                printable(camera), printable(name), status == "ok" ? "" : status + " ",
                                Parser::words(reading, task ? task->outputs : none)));
  }
  return lines;
}

std::vector<std::string> LiveTable::lines(std::size_t columns) const {
  struct Row {
    std::string camera, health, task, status, text;
  };

  std::vector<Row> rows{{"CAMERA", "HEALTH", "TASK", "STATUS", "READING"}};
  for (const auto& [name, camera] : cameras_) {
    if (camera.tasks.empty()) rows.push_back({printable(name), camera.health, "", "", printable(camera.reason)});
    for (const Task& task : camera.tasks) {
      const bool is_first = &task == &camera.tasks.front();
      const std::string why = camera.health == "live" || camera.reason.empty() ? "" : printable(camera.reason);
      rows.push_back({is_first ? printable(name) : "", is_first ? camera.health : "", printable(task.name),
                      task.status.empty() ? "-" : task.status, why.empty() ? task.text : why});
    }
  }
  std::array<std::size_t, 4> widths{};
  for (const Row& row : rows) {
    const std::array<std::string_view, 4> cells{row.camera, row.health, row.task, row.status};
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], width_of(cells[i]));
  }
  std::vector<std::string> lines;
  for (const Row& row : rows)
    lines.push_back(cut(fmt::format("{}  {}  {}  {}  {}", padded(row.camera, widths[0]), padded(row.health, widths[1]),
                                    padded(row.task, widths[2]), padded(row.status, widths[3]), row.text),
                        columns));
  return lines;
}

}  // namespace perch::cli
