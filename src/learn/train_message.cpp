#include "learn/train_message.hpp"

#include <tuple>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "base/json_text.hpp"
#include "base/text.hpp"

namespace perch::learn {

namespace {

template <class Message, class T>
struct Member {
  const char* key;
  T Message::* member;
};

template <class Message, class T>
constexpr Member<Message, T> member(const char* key, T Message::* at) {
  return {key, at};
}

/// The keys of each message, in their order.
template <class Message>
struct Keys;

template <>
struct Keys<TrainStart> {
  static constexpr const char* kEvent = "start";
  static constexpr auto kList =
      std::tuple{member("kind", &TrainStart::kind),     member("name", &TrainStart::name),
                 member("train", &TrainStart::train),   member("held_out", &TrainStart::held_out),
                 member("epochs", &TrainStart::epochs), member("first_epoch", &TrainStart::first_epoch)};
};

template <>
struct Keys<TrainNote> {
  static constexpr const char* kEvent = "note";
  static constexpr auto kList = std::tuple{member("text", &TrainNote::text), member("problem", &TrainNote::problem)};
};

template <>
struct Keys<TrainStep> {
  static constexpr const char* kEvent = "step";
  static constexpr auto kList = std::tuple{member("epoch", &TrainStep::epoch), member("done", &TrainStep::done),
                                           member("loss", &TrainStep::loss), member("left_s", &TrainStep::left_s)};
};

template <>
struct Keys<TrainEpoch> {
  static constexpr const char* kEvent = "epoch";
  static constexpr auto kList = std::tuple{member("epoch", &TrainEpoch::epoch),
                                           member("epochs", &TrainEpoch::epochs),
                                           member("loss", &TrainEpoch::loss),
                                           member("metric_name", &TrainEpoch::metric_name),
                                           member("metric", &TrainEpoch::metric),
                                           member("best", &TrainEpoch::best),
                                           member("best_epoch", &TrainEpoch::best_epoch),
                                           member("done", &TrainEpoch::done),
                                           member("left_s", &TrainEpoch::left_s)};
};

template <>
struct Keys<TrainDone> {
  static constexpr const char* kEvent = "done";
  static constexpr auto kList = std::tuple{member("stopped", &TrainDone::stopped),
                                           member("why", &TrainDone::why),
                                           member("model", &TrainDone::model),
                                           member("report", &TrainDone::report),
                                           member("metric_name", &TrainDone::metric_name),
                                           member("metric", &TrainDone::metric),
                                           member("seconds", &TrainDone::seconds)};
};

template <>
struct Keys<TrainFailed> {
  static constexpr const char* kEvent = "failed";
  static constexpr auto kList = std::tuple{member("text", &TrainFailed::text)};
};

constexpr int kMessageDecimals = 5;

void write(json::Writer& json, const std::string& value) {
  json.string(value);
}

void write(json::Writer& json, bool value) {
  json.boolean(value);
}

void write(json::Writer& json, double value) {
  json.number(value, kMessageDecimals);
}

template <class Integer>
  requires std::is_integral_v<Integer>
void write(json::Writer& json, Integer value) {
  json.integer(value);
}

void read(const boost::json::value& value, std::string& out) {
  out = std::string(value.as_string());
}

void read(const boost::json::value& value, bool& out) {
  out = value.as_bool();
}

void read(const boost::json::value& value, double& out) {
  out = value.is_null() ? 0 : value.to_number<double>();
}

template <class Integer>
  requires std::is_integral_v<Integer>
void read(const boost::json::value& value, Integer& out) {
  out = value.to_number<Integer>();
}

/// Whether the object is a message of this kind; then `out` is it. Throws what Boost.JSON throws.
template <class Message>
bool read_as(const boost::json::object& object, TrainMessage& out) {
  if (object.at("event").as_string() != Keys<Message>::kEvent) return false;
  Message message;
  std::apply([&](const auto&... m) { (read(object.at(m.key), message.*m.member), ...); }, Keys<Message>::kList);
  out = std::move(message);
  return true;
}

}  // namespace

std::string to_json(const TrainMessage& message) {
  json::Writer json;
  json.begin_object();
  std::visit(
      [&]<class Message>(const Message& m) {
        json.key("event").string(Keys<Message>::kEvent);
        std::apply([&](const auto&... key) { ((json.key(key.key), write(json, m.*key.member)), ...); },
                   Keys<Message>::kList);
      },
      message);
  return json.end_object().text();
}

Result<TrainMessage> parse_train_message(std::string_view line) {
  try {
    const boost::json::value value = boost::json::parse(boost::json::string_view(line.data(), line.size()));
    const boost::json::object& object = value.as_object();
    TrainMessage out;
    if (read_as<TrainStart>(object, out) || read_as<TrainNote>(object, out) || read_as<TrainStep>(object, out) ||
        read_as<TrainEpoch>(object, out) || read_as<TrainDone>(object, out) || read_as<TrainFailed>(object, out))
      return out;
  } catch (const std::exception&) {  // not JSON, a key missing, a value of another type
  }
  return fail(Errc::invalid, fmt::format("no message of a training: {}", printable(line, 80)));
}

}  // namespace perch::learn
