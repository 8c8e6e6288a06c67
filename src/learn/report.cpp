#include "learn/report.hpp"

#include <algorithm>

#include "base/json_text.hpp"

namespace perch::learn {

namespace {

constexpr int kDecimals = 5;
constexpr int kMetricDecimals = 8;  // some are very small
constexpr int kSizeDecimals = 1;

void write_metrics(json::Writer& json, const std::vector<Metric>& metrics) {
  json.key("metrics").begin_array();
  for (const Metric& metric : metrics) {
    json::Writer one;
    one.begin_object().key("name").string(metric.name).key("value").number(metric.value, kMetricDecimals);
    if (!metric.of.empty()) one.key("of").string(metric.of);
    if (metric.count > 0) one.key("count").integer(metric.count);
    json.raw(one.end_object().text());
  }
  json.end_array();
}

void write_point(json::Writer& json, const CurvePoint& point) {
  json.begin_array().number(point.threshold, kDecimals).number(point.precision, kDecimals);
  json.number(point.recall, kDecimals).end_array();
}

void write_curves(json::Writer& json, const std::vector<Curve>& curves) {
  json.key("curves").begin_array();
  for (const Curve& curve : curves) {
    json.begin_object().key("label").string(curve.label);
    json.key("columns").raw(R"(["threshold","precision","recall"])");
    json::Writer chosen, points;
    write_point(chosen, curve.chosen);
    points.begin_array();
    for (const CurvePoint& point : curve.points) write_point(points, point);
    json.key("chosen").raw(chosen.text()).key("points").raw(points.end_array().text()).end_object();
  }
  json.end_array();
}

void write_confusion(json::Writer& json, const Confusion& confusion) {
  if (confusion.labels.empty()) return;
  json.key("confusion").begin_object();
  json::Writer labels;
  labels.begin_array();
  for (const std::string& label : confusion.labels) labels.string(label);
  json.key("labels").raw(labels.end_array().text()).key("rows").begin_array();
  for (std::size_t is = 0; is < confusion.labels.size(); ++is) {
    json::Writer row;
    row.begin_array();
    for (std::size_t called = 0; called < confusion.labels.size(); ++called) row.integer(confusion.at(is, called));
    json.raw(row.end_array().text());
  }
  json.end_array().end_object();
}

void write_mistakes(json::Writer& json, const std::vector<Mistake>& mistakes) {
  json.key("mistakes").begin_array();
  for (const Mistake& mistake : mistakes) {
    json::Writer one;
    one.begin_object().key("picture").string(mistake.picture).key("what").string(mistake.what);
    one.key("badness").number(mistake.badness, kDecimals);
    if (const auto& box = mistake.box_px) {
      one.key("box").begin_array();
      for (const float v : {box->x, box->y, box->width, box->height}) one.number(v, kSizeDecimals);
      one.end_array();
    }
    json.raw(one.end_object().text());
  }
  json.end_array();
}

}  // namespace

void TrainReport::keep_worst(std::size_t most) {
  std::ranges::sort(mistakes, [](const Mistake& a, const Mistake& b) {
    return std::tie(b.badness, a.picture, a.what) < std::tie(a.badness, b.picture, b.what);
  });
  if (mistakes.size() > most) mistakes.resize(most);
}

std::string to_json(const TrainReport& report) {
  json::Writer json(2);
  json.begin_object().key("format").integer(1);
  json.key("model").string(report.model).key("kind").string(report.kind).key("version").string(report.version);
  json.key("sha256").string(report.sha256).key("origin").string(report.origin).key("seed").integer(report.seed);
  json.key("data").string(report.data).key("pictures").begin_object();
  json.key("train").integer(report.pictures_train).key("validation").integer(report.pictures_validation);
  json.key("test").integer(report.pictures_test).end_object();
  json.key("epochs").integer(report.epochs).key("best_epoch").integer(report.best_epoch);
  json.key("seconds").number(report.seconds, 1).key("ended").string(report.ended);
  json.key("measured_on").string(report.measured_on).key("threshold").number(report.threshold, kDecimals);
  write_metrics(json, report.metrics);
  write_confusion(json, report.confusion);
  write_mistakes(json, report.mistakes);
  write_curves(json, report.curves);
  json::Writer history;
  history.begin_array();
  for (const auto& [loss, metric] : report.history)
    history.begin_array().number(loss, kDecimals).number(metric, kDecimals).end_array();
  json.key("history").begin_object().key("columns").raw(R"(["loss","metric"])");
  json.key("epochs").raw(history.end_array().text()).end_object();
  return json.end_object().text() + "\n";
}

}  // namespace perch::learn
