#include "journal/reading_json.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "journal/json_document_impl.hpp"
#include "journal/observation_json.hpp"

namespace perch::journal {

namespace {

namespace bj = boost::json;

/// Takes a document apart; remembers the first thing that is wrong with it.
class Reader {
 public:
  bool failed() const { return !wrong_.empty(); }

  Error error() const { return {Errc::invalid, "not a reading: " + wrong_, {}, {}}; }

  void refuse(std::string_view key, std::string_view why) {
    if (wrong_.empty()) wrong_ = fmt::format("'{}' {}", printable(key, 60), why);
  }

  std::string text(const bj::object& o, std::string_view key, bool required) {
    const bj::value* const v = o.if_contains(key);
    if (v == nullptr) {
      if (required) refuse(key, "is missing");
      return {};
    }
    if (!v->is_string()) return refuse(key, "is not a text"), std::string();
    return std::string(v->get_string());
  }

  std::string filled_text(const bj::object& o, std::string_view key) {
    std::string found = text(o, key, true);
    if (found.empty()) refuse(key, "is empty");
    return found;
  }

  std::int64_t whole(const bj::object& o, std::string_view key, std::int64_t least, std::int64_t most,
                     std::optional<std::int64_t> absent) {
    const bj::value* const v = o.if_contains(key);
    if (v == nullptr) {
      if (!absent) refuse(key, "is missing");
      return absent.value_or(0);
    }
    if (!v->is_int64() || v->get_int64() < least || v->get_int64() > most)
      return refuse(key, fmt::format("is not a whole number from {} to {}", least, most)), 0;
    return v->get_int64();
  }

  float number(const bj::value& v, std::string_view key) {
    double number = 0;
    if (v.is_double())
      number = v.get_double();
    else if (v.is_int64())
      number = static_cast<double>(v.get_int64());
    else if (v.is_uint64())
      number = static_cast<double>(v.get_uint64());
    else if (!v.is_null())  // null is what the writer makes of NaN
      refuse(key, "is not a number");
    if (!(std::abs(number) <= std::numeric_limits<float>::max())) return refuse(key, "is out of range"), 0.0F;
    return static_cast<float>(number);
  }

  float number(const bj::object& o, std::string_view key) {
    const bj::value* const v = o.if_contains(key);
    if (v == nullptr) return refuse(key, "is missing"), 0.0F;
    return number(*v, key);
  }

  /// Calls `each` with the elements of the list `key`, if it is there; all must be objects.
  template <class F>
  void objects(const bj::object& o, std::string_view key, F each) {
    for (const bj::value& v : list(o, key, false)) {
      if (!v.is_object()) return refuse(key, "holds something other than objects");
      each(v.get_object());
    }
  }

  const bj::array& list(const bj::object& o, std::string_view key, bool required) {
    static const bj::array nothing;
    const bj::value* const v = o.if_contains(key);
    if (v == nullptr) {
      if (required) refuse(key, "is missing");
      return nothing;
    }
    if (!v->is_array()) return refuse(key, "is not a list"), nothing;
    return v->get_array();
  }

  std::vector<float> numbers(const bj::object& o, std::string_view key) {
    std::vector<float> all;
    for (const bj::value& v : list(o, key, true)) all.push_back(number(v, key));
    return all;
  }

  /// Exactly `N` numbers.
  template <std::size_t N>
  std::array<float, N> numbers(const bj::value& v, std::string_view key) {
    std::array<float, N> all{};
    if (!v.is_array() || v.get_array().size() != N) return refuse(key, fmt::format("is not {} numbers", N)), all;
    for (std::size_t i = 0; i < N; ++i) all[i] = number(v.get_array()[i], key);
    return all;
  }

  int region(const bj::object& o) { return static_cast<int>(whole(o, "region", 0, 1'000'000, 0)); }

 private:
  std::string wrong_;
};

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// The number of a label, entered into the list when it is new.
class Labels {
 public:
  explicit Labels(std::vector<std::string>& labels) : labels_(labels) {}

  LabelId id(std::string name) {
    const auto [found, fresh] = ids_.try_emplace(std::move(name), static_cast<int>(labels_.size()));
    if (fresh) labels_.push_back(found->first);
    return {found->second};
  }

  /// One probability a label. The first of a reading's score lists enters its labels, the others may name no more.
  /// @pre before any other label
  std::vector<float> probabilities(Reader& r, const bj::object& p, bool first) {
    if (first)
      for (const auto& [name, value] : p) id(std::string(name));
    std::vector<float> result(labels_.size());
    for (const auto& [name, value] : p) {
      const auto found = ids_.find(std::string_view(name));
      if (found == ids_.end()) return r.refuse("scores", "name different labels"), result;
      result[static_cast<std::size_t>(found->second)] = r.number(value, "p");
    }
    return result;
  }

 private:
  std::vector<std::string>& labels_;
  std::map<std::string, int, std::less<>> ids_;
};

void read_values(Reader& r, const bj::object& o, std::vector<Value>& values) {
  const bj::value* const v = o.if_contains("values");
  if (v == nullptr) return;
  if (!v->is_object()) return r.refuse("values", "is not an object");
  for (const auto& [key, value] : v->get_object()) {
    std::string name(key);
    if (value.is_double()) {
      if (!std::isfinite(value.get_double())) return r.refuse(key, "is out of range");
      values.push_back({std::move(name), value.get_double()});
    } else if (value.is_int64()) {
      values.push_back({std::move(name), value.get_int64()});
    } else if (value.is_uint64()) {
      values.push_back({std::move(name), static_cast<double>(value.get_uint64())});
    } else if (value.is_bool()) {
      values.push_back({std::move(name), value.get_bool()});
    } else if (value.is_string()) {
      values.push_back({std::move(name), std::string(value.get_string())});
    } else if (!value.is_null()) {
      return r.refuse(key, "is not a value");
    }
  }
}

void read_detections(Reader& r, const bj::object& o, Findings& findings, Labels& labels) {
  r.objects(o, "detections", [&](const bj::object& d) {
    Detection detection;
    detection.label = labels.id(r.text(d, "label", true));
    detection.score = r.number(d, "score");
    if (const bj::value* const box = d.if_contains("box")) {
      const auto [x, y, width, height] = r.numbers<4>(*box, "box");
      detection.box_px = {x, y, width, height};
    } else {
      r.refuse("box", "is missing");
    }
    if (d.contains("track")) detection.track = TrackId{static_cast<std::uint64_t>(r.whole(d, "track", 0, kMost, {}))};
    detection.region = r.region(d);
    findings.detections.push_back(detection);
  });
}

void read_poses(Reader& r, const bj::object& o, Findings& findings) {
  r.objects(o, "poses", [&](const bj::object& p) {
    Pose pose;
    pose.score = r.number(p, "score");
    pose.region = r.region(p);
    for (const bj::value& v : r.list(p, "keypoints", true)) {
      const auto [x, y, score] = r.numbers<3>(v, "keypoints");
      pose.points.push_back({{x, y}, score});
    }
    findings.poses.push_back(std::move(pose));
  });
}

void read_digits(Reader& r, const bj::object& o, Findings& findings) {
  constexpr std::int64_t kMostClasses = 100;
  r.objects(o, "digits", [&](const bj::object& d) {
    Digit digit;
    digit.region = r.region(d);
    digit.p.resize(static_cast<std::size_t>(r.whole(d, "classes", 0, kMostClasses, {})));
    for (const bj::value& v : r.list(d, "p", true)) {
      const auto [place, probability] = r.numbers<2>(v, "p");
      if (!(place >= 0) || place != std::floor(place) || place >= static_cast<float>(digit.p.size()))
        return r.refuse("p", "names a class that is not there");
      digit.p[static_cast<std::size_t>(place)] = probability;
    }
    findings.digits.push_back(std::move(digit));
  });
}

void read_rest(Reader& r, const bj::object& o, Findings& findings) {
  constexpr std::int64_t kMostSide = 1 << 15;
  r.objects(o, "grids", [&](const bj::object& g) {
    Grid grid;
    grid.region = r.region(g);
    grid.rows = static_cast<int>(r.whole(g, "rows", 0, kMostSide, {}));
    grid.cols = static_cast<int>(r.whole(g, "cols", 0, kMostSide, {}));
    grid.value = r.numbers(g, "values");
    if (grid.value.size() != static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.cols))
      return r.refuse("values", "are not rows × cols");
    if (g.contains("corners")) {
      const std::vector<float> numbers = r.numbers(g, "corners");
      if (numbers.size() != 2 * grid.corners_px.corners.size()) return r.refuse("corners", "are not four points");
      for (std::size_t i = 0; i < grid.corners_px.corners.size(); ++i)
        grid.corners_px.corners[i] = {numbers[2 * i], numbers[2 * i + 1]};
    }
    findings.grids.push_back(std::move(grid));
  });
  r.objects(o, "embeddings",
            [&](const bj::object& e) { findings.embeddings.push_back({r.region(e), r.numbers(e, "v")}); });
  r.objects(o, "numbers", [&](const bj::object& n) {
    Number number{r.region(n), r.text(n, "name", true), 0};
    const bj::value* const v = n.if_contains("value");
    if (v == nullptr || !(v->is_number() || v->is_null())) return r.refuse("value", "is not a number");
    if (v->is_number()) number.value = v->to_number<double>();
    findings.numbers.push_back(std::move(number));
  });
}

void read_head(Reader& r, const bj::object& o, Reading& reading) {
  reading.id = r.filled_text(o, "id");
  reading.journal = r.filled_text(o, "journal");
  reading.seq = static_cast<Seq>(r.whole(o, "seq", 1, kMost, {}));
  reading.device = r.filled_text(o, "device");
  reading.camera = r.filled_text(o, "camera");
  reading.task = r.text(o, "task", false);
  reading.picture = r.text(o, "picture", false);
  reading.model = r.text(o, "model", false);
  reading.config = static_cast<std::uint64_t>(r.whole(o, "config", 0, kMost, 0));

  Observation& seen = reading.observation;
  if (auto at = parse_utc(r.text(o, "at", true)))
    seen.stamp.at = *at;
  else
    r.refuse("at", "is not a time");
  seen.stamp.boot = {r.text(o, "boot", false)};
  constexpr std::int64_t kMostMs = kMost / 1'000'000;
  seen.stamp.monotonic = Milliseconds{r.whole(o, "mono_ms", 0, kMostMs, 0)};
  const std::string status = r.text(o, "status", true);
  const std::array all{Status::ok, Status::still, Status::uncertain, Status::unknown};
  if (const auto* const found = std::ranges::find(all, status, [](Status s) { return name(s); }); found != all.end())
    seen.status = *found;
  else
    r.refuse("status", "is none that is known");
  seen.reason = r.text(o, "reason", false);
  if (o.contains("confidence")) seen.confidence = r.number(o, "confidence");
}

}  // namespace

std::string to_json(const Reading& reading) {
  const Observation& seen = reading.observation;
  json::Writer w;
  w.begin_object().key("id").string(reading.id).key("journal").string(reading.journal);
  w.key("seq").integer(static_cast<std::int64_t>(reading.seq)).key("device").string(reading.device);
  w.key("camera").string(reading.camera).key("task").string(reading.task);
  w.key("at").string(to_string(seen.stamp.at)).key("boot").string(seen.stamp.boot.value);
  w.key("mono_ms").integer(std::chrono::duration_cast<Milliseconds>(seen.stamp.monotonic).count());
  write_observation(w, seen, reading.labels);
  if (!reading.picture.empty()) w.key("picture").string(reading.picture);
  if (!reading.model.empty()) w.key("model").string(reading.model);
  w.key("config").integer(static_cast<std::int64_t>(reading.config)).end_object();
  return w.text();
}

Result<Reading> reading_from_json(std::string_view line) {
  constexpr std::size_t kMostDepth = 8;
  if (line.size() > kMostLineBytes)
    return fail(Errc::too_large, fmt::format("a reading of {}", format_size(line.size())));
  const auto parsed = parse_document(line, kMostDepth);
  if (!parsed) return fail(parsed.error().code, "not a reading: " + parsed.error().what);
  const bj::value& document = *parsed;
  if (!document.is_object()) return fail(Errc::invalid, "not a reading: not an object");

  const bj::object& o = document.get_object();
  Reader r;
  Reading reading;
  Labels labels(reading.labels);
  Findings& findings = reading.observation.findings;
  read_head(r, o, reading);
  read_values(r, o, reading.observation.values);
  r.objects(o, "scores", [&](const bj::object& s) {
    const bj::value* const p = s.if_contains("p");
    if (p == nullptr || !p->is_object()) return r.refuse("p", "is not an object");
    findings.scores.push_back({r.region(s), labels.probabilities(r, p->get_object(), findings.scores.empty())});
  });
  read_detections(r, o, findings, labels);
  read_poses(r, o, findings);
  read_digits(r, o, findings);
  read_rest(r, o, findings);
  if (r.failed()) return fail(r.error());
  return reading;
}

}  // namespace perch::journal
