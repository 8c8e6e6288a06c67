#include "number_option.hpp"

#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace perch::cli {

CLI::Validator in_range(double low, double high) {
  const auto check = [low, high](std::string& text) {
    double value = 0;
    const bool good = CLI::detail::lexical_cast(text, value) && value >= low && value <= high;
    return good ? std::string() : fmt::format("{} is no number from {} to {}", text, low, high);
  };
  return {check, fmt::format("FLOAT in [{} - {}]", low, high)};
}

}  // namespace perch::cli
