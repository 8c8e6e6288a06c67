#pragma once
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace perch::net {

/// Walks along the markers of one JPEG as its bytes come in, to know where it ends: what a stream says about lengths
/// and boundaries is often wrong, the picture itself seldom is. It follows segment lengths, so the end of a thumbnail
/// inside is not taken for the end of the picture. Pure. Source: ITU-T T.81, annex B.
class JpegWalk {
 public:
  enum class State : std::uint8_t {
    walking,  ///< more bytes are needed
    ended,    ///< `position()` is the first byte after the picture
    lost      ///< what stands at `position()` cannot stand in a JPEG; a start of image there begins another picture
  };

  /// Goes on from where it stopped. `body` starts with the picture's first byte and only ever grows.
  State advance(ByteView body);

  std::size_t position() const { return position_; }

 private:
  State marker(ByteView body);

  std::size_t position_ = 0;
  bool entropy_ = false;  ///< within the coded data of a scan, where a marker may stand anywhere
  State state_ = State::walking;
};

}  // namespace perch::net
