#pragma once
#include <cstdint>

#include "scenes/core/lighting.hpp"
#include "scenes/core/mesh.hpp"
#include "scenes/core/random.hpp"

namespace perch::scenes::lot {

/// The side view of a car, from its tail (negative x) to its nose, as shares of its length and height; and its paint.
struct CarShape {
  float length = 4.3F;
  float width = 1.8F;
  float height = 1.5F;
  float clearance = 0.2F;
  float belt = 0.6F;           ///< lower edge of the windows, share of the height
  float bonnet = 0.58F;        ///< height of the bonnet at the windscreen
  float nose = 0.45F;          ///< height of the bonnet at its front
  float tail = 0.6F;           ///< height of the tail
  float screen_foot = 0.2F;    ///< x of the windscreen's foot
  float screen_top = 0.02F;    ///< x where the roof begins
  float roof_end = -0.3F;      ///< x where the roof ends
  float rear_foot = -0.42F;    ///< x of the rear window's foot
  float roof_narrow = 0.76F;   ///< width of the roof
  float boxy = 0;              ///< 0: round, 1: like a van
  float wheel = 0.32F;         ///< radius, m
  bool windows_behind = true;  ///< vans for goods have none
  bool bed = false;            ///< a pickup's open bed
};

/// One car: made from a key, always the same. Its own coordinates: x forward, y left, z up, on the ground's middle.
class Car {
 public:
  explicit Car(std::uint64_t key);

  const CarShape& shape() const { return shape_; }

  const Mesh& mesh() const { return mesh_; }

  /// What a place of the car is made of.
  /// @param local  the place in the car's coordinates  @param normal  likewise
  /// @param lights  0: off; 1: headlights and tail lights shine
  Surface surface(Vec3 local, Vec3 normal, std::uint8_t material, float lights, bool braking) const;

 private:
  void build();
  void add_body();
  void add_cabin();
  void add_wheels();
  Surface body(Vec3 p, Vec3 normal, float lights, bool braking) const;
  Surface cabin(Vec3 p, Vec3 normal) const;
  Surface wheel(Vec3 p, Vec3 normal) const;
  /// Height of the side windows' upper edge at x, m.
  float roof_at(float x) const;

  CarShape shape_;
  Rgb paint_;
  Rgb rim_;
  float dirt_ = 0;
  bool dark_trim_ = false;
  bool black_roof_ = false;
  float gloss_ = 60;
  Mesh mesh_;
};

}  // namespace perch::scenes::lot
