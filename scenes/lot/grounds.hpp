#pragma once
#include <cstdint>
#include <vector>

#include "scenes/core/lighting.hpp"
#include "scenes/core/mesh.hpp"
#include "scenes/core/random.hpp"
#include "scenes/lot/layout.hpp"

namespace perch::scenes::lot {

/// Everything of a lot that stays: ground, markings, kerbs, green, lamps, houses.
class Grounds {
 public:
  Grounds(const Layout& layout, Random random);

  const Mesh& ground() const { return ground_; }  ///< flat, drawn first

  const Mesh& paint() const { return paint_; }  ///< markings, just above the ground

  const Mesh& objects() const { return objects_; }

  const Mesh& leaves() const { return leaves_; }  ///< seen from both sides

  /// Heads of the lamp posts.
  const std::vector<Vec3>& lamp_heads() const { return lamp_heads_; }

  /// @param wet    0: dry; 1: in the rain, with puddles
  /// @param lamps  0..1: how much the lamps shine
  Surface surface(const Fragment& f, float wet, float lamps) const;

 private:
  void add_ground();
  void add_markings(Random random);
  void add_islands(Random random);
  void add_lamps(Random random);
  void add_trees(Random random);
  void add_house(Random random);
  void add_bush(Vec3 at, Vec3 size, int leaves, Random random);
  void add_tree(Vec2 at, float height, Random random);
  void add_line(Vec2 from, Vec2 to, float wide);
  Surface asphalt(const Fragment& f, float wet) const;

  Layout layout_;
  std::uint32_t noise_seed_;
  float asphalt_ = 0.15F;
  float stains_ = 0.3F;
  float wear_ = 0.4F;
  Rgb paint_colour_;
  Rgb leaf_colour_;
  Rgb wall_;
  Rgb beyond_;  ///< what lies around the lot
  bool beyond_green_ = true;
  Mesh ground_, paint_, objects_, leaves_;
  std::vector<Vec3> lamp_heads_;
};

}  // namespace perch::scenes::lot
