#include "base/thrown.hpp"

#include <new>

#include "base/text.hpp"

namespace perch {

namespace {

constexpr std::size_t kMostChars = 300;  // of what a library says

}  // namespace

Error thrown_error(const std::exception& thrown) {
  // Not `full`: nothing on a disk makes room in memory.
  if (dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr) return {Errc::internal, "no memory left", {}, {}};
  return {Errc::internal, printable(thrown.what(), kMostChars), {}, {}};
}

}  // namespace perch
