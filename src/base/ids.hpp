#pragma once
#include <compare>
#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace perch {

/// A name or number that cannot be mistaken for another kind of name or number.
template <class Tag, class T>
struct Id {
  T value{};
  auto operator<=>(const Id&) const = default;
};

/// The name of a camera, the stable key of everything about it.
using CameraId = Id<struct CameraTag, std::string>;
/// The place of a label in its model's list.
using LabelId = Id<struct LabelTag, int>;
/// One object followed over time, unique within a task.
using TrackId = Id<struct TrackTag, std::uint64_t>;
/// The position of a reading in its journal; starts at 1.
using Seq = std::uint64_t;

/// A ULID: 48 bits of time and 80 random bits as 26 characters of Crockford's base 32. Sorts by time; ids made by one
/// process in the same millisecond still ascend. Source: the ULID specification. @thread any
std::string make_ulid(UtcTime now);

}  // namespace perch
