#pragma once
#include <cstdint>
#include <vector>

#include "scenes/core/lighting.hpp"
#include "scenes/core/mesh.hpp"
#include "scenes/core/random.hpp"
#include "scenes/core/view_point.hpp"

namespace perch::scenes::room {

/// What somebody can do at a place.
enum class Use : std::uint8_t { stand, sit, lie, leave };

/// A place for one person. To get there one walks to `before`, which lies on free floor.
struct Place {
  Use use = Use::stand;
  Vec2 at;
  float heading = 0;
  float seat_m = 0.45F;  ///< height of seat or bed
  Vec2 before;
};

/// A furnished room, made from a seed: x and y along the walls, the floor at 0.
class Interior {
 public:
  explicit Interior(Random random);

  Vec3 size() const { return size_; }

  /// Walls, floor, ceiling and what is in them; throws no shadow.
  const Mesh& shell() const { return shell_; }

  const Mesh& furniture() const { return mesh_; }

  const std::vector<Place>& places() const { return places_; }

  /// Corners of the free floor.
  Vec2 free_from() const { return free_from_; }

  Vec2 free_to() const { return free_to_; }

  Vec3 lamp() const { return lamp_; }

  /// In the middle of the window.
  Vec3 window() const { return window_; }

  Vec3 window_outwards() const { return window_out_; }

  /// A camera high in a corner. @param width, height  of the picture
  ViewPoint view(Random random, int width, int height) const;

  /// @param day   light outside, 0..1  @param lamp  0..1: how much the lamp shines
  Surface surface(const Fragment& f, float day, float lamp) const;

 private:
  enum class Look : std::uint8_t { plain, planks, tiles, carpet, cloth, stripes, books, sky, glow };

  struct Stuff {
    Look look = Look::plain;
    Rgb colour;
    Rgb second{};
    float scale = 1;
    float mirror = 0;
  };

  std::uint8_t add_stuff(const Stuff& stuff);
  void add_shell(Random random);
  void add_opening(int wall, float along, float low, float wide, float high, std::uint8_t inner, std::uint8_t frame);
  /// A box standing before a wall: `along` from the wall's middle, `out` from the wall to the box's middle.
  void put(int wall, float along, float out, float low, Vec3 size, std::uint8_t stuff);
  Vec2 on_floor(int wall, float along, float out) const;
  float inward(int wall) const;

  float wall_length(int wall) const { return wall % 2 == 0 ? size_.x : size_.y; }

  void furnish(Random random);
  void add_sofa(int wall, float along, int seats, Random random);
  void add_bed(int wall, float along, Random random);
  void add_table(int wall, float along, Random random);
  void add_cupboard(int wall, float along, Random random);
  void add_shelf(int wall, float along, Random random);
  void add_plant(int wall, float along, Random random);

  Vec3 size_;
  Mesh mesh_;
  Mesh shell_;
  std::vector<Stuff> stuff_;
  std::vector<Place> places_;
  Vec2 free_from_, free_to_;
  Vec3 lamp_;
  Vec3 window_;
  Vec3 window_out_;
  std::uint32_t noise_seed_;
  std::uint8_t wood_ = 0;
};

}  // namespace perch::scenes::room
