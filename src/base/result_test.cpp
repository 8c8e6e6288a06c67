#include "base/result.hpp"

#include <memory>
#include <set>

#include <doctest/doctest.h>

using namespace perch;

namespace {

Result<std::unique_ptr<int>> make(bool ok) {
  if (!ok) return fail(Errc::io, "cannot read", "/a", "try again");
  return std::make_unique<int>(7);
}

Result<void> check(bool ok) {
  if (!ok) return fail(Errc::full, "no space");
  return {};
}

Result<int> use(bool made, bool checked) {
  PERCH_TRY(const auto value, make(made));
  PERCH_TRY(auto second, make(made));
  PERCH_CHECK(check(checked));
  return *value + *second;
}

}  // namespace

TEST_CASE("values pass through the macros, errors return at once") {
  CHECK(use(true, true) == 14);
  CHECK(use(false, true).error().code == Errc::io);
  CHECK(use(true, false).error().code == Errc::full);
}

TEST_CASE("an error is one line with the parts that are there") {
  CHECK(make(false).error().message() == "/a: cannot read; try again");
  CHECK(check(false).error().message() == "no space");
}

TEST_CASE("an error is named with the first place that knows it, and keeps it") {
  CHECK(check(false).error().at("camera garage").message() == "camera garage: no space");
  CHECK(make(false).error().at("camera garage").where == "/a");
}

TEST_CASE("every kind of failure has a name of its own") {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::internal); ++code) names.insert(name(static_cast<Errc>(code)));
  CHECK(names.size() == static_cast<std::size_t>(Errc::internal) + 1);
}
