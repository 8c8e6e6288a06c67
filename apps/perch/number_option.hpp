#pragma once
#include <cstdint>

namespace CLI {
class Validator;
}

/// What the options of all commands that take a number have in common.
namespace perch::cli {

/// The most that the seed of a scene can be: up to here JSON keeps whole numbers whole.
inline constexpr std::int64_t kMostSeed = (std::int64_t{1} << 53) - 1;

/// A number from `low` to `high`, both included. Unlike `CLI::Range` it takes no `nan`, which no comparison refuses.
CLI::Validator in_range(double low, double high);

}  // namespace perch::cli
