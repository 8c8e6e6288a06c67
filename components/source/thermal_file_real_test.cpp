#include <algorithm>

#include <doctest/doctest.h>

#include "support/real_data.hpp"
#include "support/source_rig.hpp"

using namespace perch;
using perch::test::SourceRig;

TEST_CASE("a real recording comes in whole, with its half frames filled") {
  PERCH_NEEDS_REAL_DATA("thermal/recordings/ds-16-55-20200525-DSN200u.raw");
  SourceRig rig(test::real_data());
  REQUIRE(rig.make("kind = 'thermal-file'\npath = 'thermal/recordings/ds-16-55-20200525-DSN200u.raw'"));
  int grids = 0, repaired = 0;
  float hottest = 0, coldest = 100;
  for (;;) {
    const auto frame = rig.next();
    if (!frame) {
      CHECK(frame.error().code == Errc::eof);
      break;
    }
    const auto& grid = std::get<ThermalGrid>(frame->payload);
    ++grids;
    repaired += grid.repaired;
    hottest = std::max(hottest, std::ranges::max(grid.celsius));
    coldest = std::min(coldest, std::ranges::min(grid.celsius));
  }
  CHECK(grids == 683);
  CHECK(repaired == 384);
  CHECK(hottest == doctest::Approx(67.749).epsilon(0.001));
  CHECK(coldest > 10);
}
