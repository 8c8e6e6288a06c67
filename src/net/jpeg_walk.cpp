#include "net/jpeg_walk.hpp"

#include <cstring>

namespace perch::net {

namespace {

constexpr std::uint8_t kStartOfImage = 0xD8, kEndOfImage = 0xD9, kStartOfScan = 0xDA, kTemporary = 0x01,
                       kFirstSegment = 0xC0;

bool is_restart(std::uint8_t code) {
  return code >= 0xD0 && code <= 0xD7;
}

}  // namespace

JpegWalk::State JpegWalk::advance(ByteView body) {
  while (state_ == State::walking) {
    if (entropy_ && position_ < body.size()) {
      const void* found = std::memchr(body.data() + position_, 0xFF, body.size() - position_);
      position_ = found == nullptr ? body.size()
                                   : static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - body.data());
    }
    // A segment may reach beyond what has come so far: position_ then waits ahead.
    if (position_ + 2 > body.size()) return State::walking;
    const std::size_t before = position_;
    state_ = marker(body);
    if (position_ == before) return state_;
  }
  return state_;
}

/// One step at `position_`, where at least two bytes are there. Stays where more are needed.
JpegWalk::State JpegWalk::marker(ByteView body) {
  if (body[position_] != 0xFF) return State::lost;
  const std::uint8_t code = body[position_ + 1];
  if (code == 0xFF) {  // a fill byte
    ++position_;
    return State::walking;
  }
  if (entropy_ && (code == 0x00 || is_restart(code))) {
    position_ += 2;
    return State::walking;
  }
  if (code == kEndOfImage) {
    position_ += 2;
    return State::ended;
  }
  if (code == kStartOfImage) {
    if (position_ != 0) return State::lost;
    position_ += 2;
    return State::walking;
  }
  if (code < kFirstSegment && code != kTemporary) return State::lost;
  if (code == kTemporary || is_restart(code)) {
    position_ += 2;
    return State::walking;
  }
  if (position_ + 4 > body.size()) return State::walking;
  const std::size_t length = std::size_t{body[position_ + 2]} << 8 | body[position_ + 3];
  if (length < 2) return State::lost;
  entropy_ = code == kStartOfScan;
  position_ += 2 + length;
  return State::walking;
}

}  // namespace perch::net
