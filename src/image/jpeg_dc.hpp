#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "image/picture.hpp"

namespace perch::image {

/// A Huffman table as a JPEG's header has it.
struct HuffmanCode {
  std::array<std::uint8_t, 17> counts{};   ///< of codes with 1 to 16 bits; [0] is not used
  std::array<std::uint8_t, 256> values{};  ///< in the order of their codes
  bool operator==(const HuffmanCode&) const = default;
};

/// The one scan of a baseline JPEG, as its header describes it.
struct BaselineScan {
  struct Component {
    int across = 1, down = 1;  ///< sampling factors: its blocks in each unit
    const HuffmanCode* dc = nullptr;
    const HuffmanCode* ac = nullptr;
  };

  Size size;                              ///< of the picture, px
  std::span<const Component> components;  ///< at most 4; the first is luma, which none exceeds in sampling
  int luma_quantum = 1;                   ///< by which its DC coefficients were divided
  int restart_units = 0;                  ///< between restart markers; 0: there are none
  ByteView data;                          ///< from the scan's first byte to the end of the file
};

/// Reads the luma of a baseline JPEG at an eighth: the mean of each block of 8×8 pixels, which is what its DC
/// coefficient says. Everything else is only passed over, several symbols at a step, which is what makes it two to
/// three times as fast as libjpeg: cheap enough for every frame of every camera.
///
/// It is no judge of damage: where anything is not as it should be to the last bit, it leaves the picture to libjpeg,
/// which may know better. What it does read equals libjpeg's result exactly. Keeps its tables from picture to picture;
/// not for two threads at once. Source: ITU-T T.81, annexes C and F.
class DcReader {
 public:
  /// @param out  1 channel, an eighth of the size rounded up; of no use when it returns false
  /// @returns whether it could be read without doubt
  bool read(const BaselineScan& scan, Picture& out);

 private:
  /// A look at the next bits of a DC coefficient: its whole difference, when it fits into the look.
  struct DcEntry {
    std::int16_t difference = 0;
    std::uint8_t bits = 0;  ///< code and difference together; 0: they do not fit
  };

  /// A look at the next bits of AC coefficients: as many whole ones as fit into it.
  struct AcEntry {
    std::uint8_t bits = 0;         ///< of them all; 0: not one fits
    std::uint8_t advance : 7 = 0;  ///< coefficients that they pass over
    std::uint8_t ends : 1 = 0;     ///< the last one says that the rest of the block is zero
  };

  struct Table;
  struct Bits;

  /// One component on the way through a scan.
  struct Part {
    std::shared_ptr<const Table> dc, ac;
    int across = 1, down = 1;
    int level = 0;  ///< of the last block
  };

  std::shared_ptr<const Table> table_for(const HuffmanCode& code, bool dc);
  bool prepare(const BaselineScan& scan);
  bool read_unit(Bits& bits, int quantum, int x, int y, Picture& out);
  static bool read_block(Part& part, Bits& bits);
  static bool read_dc(const Table& table, Bits& bits, int& difference);
  static bool skip_ac(const Table& table, Bits& bits);

  std::vector<Part> parts_;
  std::vector<std::shared_ptr<const Table>> tables_;
  std::size_t oldest_ = 0;
};

}  // namespace perch::image
