#include "source/telemetry/given.hpp"

#include <string>

#include <doctest/doctest.h>

using perch::source::telemetry::Given;

TEST_CASE("a record is a repetition when an answer before held it, and never within one answer") {
  Given given;
  given.begin_answer();
  CHECK_FALSE(given.before("a"));
  CHECK_FALSE(given.before("a"));
  CHECK_FALSE(given.before("b"));
  for (int i = 0; i < 2; ++i) {
    given.begin_answer();
    CHECK(given.before("b"));
    CHECK(given.before("a"));
  }
  CHECK_FALSE(given.before("c"));
}

TEST_CASE("of an input without end only the latest records are remembered") {
  Given given;
  given.begin_answer();
  for (std::size_t i = 0; i <= Given::kMost; ++i) given.before(std::to_string(i));
  given.begin_answer();
  CHECK(given.before("1"));
  CHECK(given.before(std::to_string(Given::kMost)));
  CHECK_FALSE(given.before("0"));
}
