#include "scenes/truth.hpp"

#include "base/json_text.hpp"

namespace perch::scenes {

namespace {

constexpr int kPixelDecimals = 2;

void add_point(json::Writer& json, Point p) {
  json.begin_array().number(p.x, kPixelDecimals).number(p.y, kPixelDecimals).end_array();
}

void add_quad(json::Writer& json, const Quad& quad) {
  json.begin_array();
  for (const Point& p : quad.corners) add_point(json, p);
  json.end_array();
}

void add_object(json::Writer& json, const TrueObject& o) {
  json.begin_object().key("id").integer(o.id).key("label").string(o.label).key("box").begin_array();
  for (const float v : {o.box_px.x, o.box_px.y, o.box_px.width, o.box_px.height}) json.number(v, kPixelDecimals);
  json.end_array().key("visible").number(o.visible, 3).key("moving").boolean(o.moving);
  if (!o.posture.empty()) json.key("posture").string(o.posture).key("fallen").boolean(o.fallen);
  if (!o.keypoints.empty()) {
    json.key("keypoints").begin_array();
    for (const TruePoint& p : o.keypoints)
      json.begin_array()
          .number(p.at_px.x, kPixelDecimals)
          .number(p.at_px.y, kPixelDecimals)
          .integer(!p.in_picture ? 0
                   : p.visible   ? 2
                                 : 1)
          .end_array();
    json.end_array();
  }
  json.end_object();
}

void add_slots(json::Writer& json, const Truth& truth) {
  int occupied = 0;
  json.key("slots").begin_array();
  for (const TrueSlot& slot : truth.slots) {
    occupied += slot.occupied ? 1 : 0;
    json.begin_object().key("corners");
    add_quad(json, slot.corners_px);
    json.key("occupied").boolean(slot.occupied).end_object();
  }
  json.end_array().key("occupied").integer(occupied);
  json.key("free").integer(static_cast<std::int64_t>(truth.slots.size()) - occupied);
}

void add_crossings(json::Writer& json, const Truth& truth) {
  json.key("crossings").begin_array();
  for (const TrueCrossings& c : truth.crossings) {
    json.begin_object().key("line").string(c.line).key("from");
    add_point(json, c.from_px);
    json.key("to");
    add_point(json, c.to_px);
    json.key("in").integer(c.in).key("out").integer(c.out).end_object();
  }
  json.end_array();
}

void add_meter(json::Writer& json, const TrueMeter& m) {
  json.key("meter").begin_object().key("kind").string(m.kind).key("unit").string(m.unit);
  json.key("value").number(m.value, m.decimals + 2).key("decimals").integer(m.decimals);
  json.key("per_hour").number(m.per_hour, 4).key("wheels").begin_array();
  for (const TrueWheel& wheel : m.wheels) {
    json.begin_object().key("window");
    add_quad(json, wheel.window_px);
    json.key("position").number(wheel.position < 9.9995F ? wheel.position : 0, 3).end_object();
  }
  json.end_array().end_object();
}

void add_boiler(json::Writer& json, const TrueBoiler& b) {
  json.key("boiler").begin_object().key("state").string(b.state);
  json.key("water")
      .number(b.water_celsius, 2)
      .key("burning")
      .boolean(b.burning)
      .key("anomaly")
      .boolean(b.spot.has_value());
  if (b.spot) {
    json.key("spot");
    add_point(json, *b.spot);
    json.key("spot_celsius").number(b.spot_celsius, 2);
  }
  json.end_object();
}

}  // namespace

std::string to_json(const Truth& truth) {
  json::Writer json;
  json.begin_object().key("scene").string(truth.scene).key("seed").integer(static_cast<std::int64_t>(truth.seed));
  json.key("t").number(truth.t_s, 3).key("width").integer(truth.width).key("height").integer(truth.height);
  if (!truth.weather.empty()) json.key("weather").string(truth.weather);
  if (!truth.light.empty()) json.key("light").string(truth.light);
  json.key("objects").begin_array();
  for (const TrueObject& object : truth.objects) add_object(json, object);
  json.end_array();
  if (!truth.slots.empty()) add_slots(json, truth);
  if (!truth.crossings.empty()) add_crossings(json, truth);
  if (truth.meter) add_meter(json, *truth.meter);
  if (truth.boiler) add_boiler(json, *truth.boiler);
  return json.end_object().text();
}

}  // namespace perch::scenes
