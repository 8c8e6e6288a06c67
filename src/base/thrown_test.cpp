#include "base/thrown.hpp"

#include <new>
#include <stdexcept>

#include <doctest/doctest.h>

using namespace perch;

TEST_CASE("what is thrown is an error, and what is returned stays as it is") {
  const auto thrown = without_throwing([]() -> Result<int> { throw std::runtime_error("the library\ngave up"); });
  REQUIRE_FALSE(thrown);
  CHECK(thrown.error().code == Errc::internal);
  CHECK(thrown.error().what.find("the library") != std::string::npos);
  CHECK(thrown.error().what.find('\n') == std::string::npos);
  CHECK(without_throwing([]() -> Result<int> { throw std::bad_alloc(); }).error().what == "no memory left");
  CHECK(without_throwing([]() -> Result<int> { return 7; }) == 7);
  CHECK(without_throwing([]() -> Result<int> { return fail(Errc::full, "no room"); }).error().code == Errc::full);
}
