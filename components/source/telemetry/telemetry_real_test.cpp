#include <cstdio>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/real_data.hpp"
#include "support/source_rig.hpp"

using namespace perch;
using perch::test::SourceRig;

namespace {

/// The number of records in a file of the real data; every one must be right.
int records_in(std::string_view path, std::size_t fields) {
  SourceRig rig(test::real_data());
  REQUIRE(rig.make(fmt::format("kind = 'telemetry'\npath = '{}'", path)));
  for (int count = 0;; ++count) {
    const auto frame = rig.next();
    if (!frame) {
      CHECK_MESSAGE(frame.error().code == Errc::eof, frame.error().message());
      return count;
    }
    CHECK(std::get<Record>(frame->payload).fields.size() == fields);
  }
}

}  // namespace

TEST_CASE("the recording of a car comes in whole") {
  PERCH_NEEDS_REAL_DATA("telemetry/car/car.csv");
  CHECK(records_in("telemetry/car/car.csv", 11) == 4708);
}

TEST_CASE("recordings with a separator at the end of each line come in whole") {
  PERCH_NEEDS_REAL_DATA("telemetry/obd/drive1.csv");
  CHECK(records_in("telemetry/obd/drive1.csv", 27) > 100);
}
