#include "number_option.hpp"

#include <string>

#include <CLI/CLI.hpp>
#include <doctest/doctest.h>

using namespace perch;

TEST_CASE("a number within its limits is taken, the limits themselves too") {
  const CLI::Validator range = cli::in_range(-1, 2.5);
  for (std::string number : {"-1", "2.5", "0", "1e-3", "-0.5"}) CHECK(range(number).empty());
}

TEST_CASE("what lies beyond, is no number or not finite is refused, with the limits") {
  const CLI::Validator range = cli::in_range(0, 1);
  for (std::string number : {"-0.1", "1.0001", "nan", "-nan", "inf", "-inf", "", "x", "0.5x"}) {
    const std::string said = range(number);
    CAPTURE(number);
    CHECK(said.find("0 to 1") != std::string::npos);
  }
}
