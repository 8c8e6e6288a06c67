#pragma once
#include <algorithm>
#include <cmath>

namespace perch::scenes {

inline constexpr float kPi = 3.14159265F;

/// A point or direction in metres (x along the scene, y into it, z up), or a colour in linear light (red, green, blue).
struct Vec3 {
  float x = 0;
  float y = 0;
  float z = 0;
  bool operator==(const Vec3&) const = default;
};

/// Colours in linear light; 1 is a white surface in full light.
using Rgb = Vec3;

/// A point on a plane.
struct Vec2 {
  float x = 0;
  float y = 0;
  bool operator==(const Vec2&) const = default;
};

constexpr Vec3 operator+(Vec3 a, Vec3 b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}

constexpr Vec3 operator-(Vec3 a, Vec3 b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}

constexpr Vec3 operator*(Vec3 a, Vec3 b) {
  return {a.x * b.x, a.y * b.y, a.z * b.z};
}

constexpr Vec3 operator*(Vec3 a, float s) {
  return {a.x * s, a.y * s, a.z * s};
}

constexpr Vec2 operator+(Vec2 a, Vec2 b) {
  return {a.x + b.x, a.y + b.y};
}

constexpr Vec2 operator-(Vec2 a, Vec2 b) {
  return {a.x - b.x, a.y - b.y};
}

constexpr Vec2 operator*(Vec2 a, float s) {
  return {a.x * s, a.y * s};
}

constexpr float dot(Vec3 a, Vec3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

constexpr float dot(Vec2 a, Vec2 b) {
  return a.x * b.x + a.y * b.y;
}

constexpr Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

inline float length(Vec3 a) {
  return std::sqrt(dot(a, a));
}

inline float length(Vec2 a) {
  return std::sqrt(dot(a, a));
}

/// A vector of length 1; `a` itself when it is too short to have a direction.
inline Vec3 normalised(Vec3 a) {
  const float l = length(a);
  return l > 1e-12F ? a * (1 / l) : a;
}

constexpr float mix(float a, float b, float t) {
  return a + (b - a) * t;
}

constexpr Vec3 mix(Vec3 a, Vec3 b, float t) {
  return a + (b - a) * t;
}

constexpr Vec2 mix(Vec2 a, Vec2 b, float t) {
  return a + (b - a) * t;
}

/// 0 below `low`, 1 above `high`, smooth between; `low` above `high` falls instead of rising.
constexpr float smoothstep(float low, float high, float x) {
  const float t = std::clamp((x - low) / (high - low), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

/// Brightness of a colour in linear light.
constexpr float luminance(Rgb c) {
  return 0.2126F * c.x + 0.7152F * c.y + 0.0722F * c.z;
}

/// A place and a heading: what turns a mesh's own coordinates into the scene's. The heading turns about the upward
/// axis, in radians, counter-clockwise from x.
class Placed {
 public:
  explicit Placed(Vec3 at = {}, float heading = 0)
      : at_(at),
        heading_(heading),
        cos_(std::cos(heading)),
        sin_(std::sin(heading)) {}

  Vec3 at() const { return at_; }

  float heading() const { return heading_; }

  Vec3 out(Vec3 local) const { return turn(local) + at_; }

  Vec3 in(Vec3 world) const { return turn_back(world - at_); }

  Vec3 turn(Vec3 d) const { return {d.x * cos_ - d.y * sin_, d.x * sin_ + d.y * cos_, d.z}; }

  Vec3 turn_back(Vec3 d) const { return {d.x * cos_ + d.y * sin_, -d.x * sin_ + d.y * cos_, d.z}; }

 private:
  Vec3 at_;
  float heading_;
  float cos_;
  float sin_;
};

}  // namespace perch::scenes
