#include "node/fault.hpp"

#include <doctest/doctest.h>

using namespace perch;
using namespace perch::node;
using namespace std::chrono_literals;

TEST_CASE("a fault comes when its times say so") {
  const Fault always = parse_fault("dark").value();
  CHECK(always.active(0s));
  CHECK(always.active(100h));
  const Fault later = parse_fault("hang@30s").value();
  CHECK(later.kind == FaultKind::hang);
  CHECK_FALSE(later.active(29s));
  CHECK(later.active(30s));
  CHECK(later.active(100h));
  const Fault once = parse_fault("moved@30s+10s").value();
  CHECK(once.active(39s));
  CHECK_FALSE(once.active(40s));
  const Fault again = parse_fault("flap@30s+10s/1min").value();
  CHECK_FALSE(again.active(20s));
  CHECK(again.active(30s));
  CHECK_FALSE(again.active(45s));
  CHECK(again.active(95s));
  CHECK_FALSE(again.active(105s));
  CHECK(active_faults({always, once}, 35s) == std::vector{FaultKind::dark, FaultKind::moved});
}

TEST_CASE("a fault that is mistyped is told with what was meant") {
  CHECK(parse_fault("dakr").error().message().find("did you mean 'dark'?") != std::string::npos);
  CHECK(parse_fault("dark@1min+30s/10s").error().message().find("comes again before it is over") != std::string::npos);
  CHECK(parse_fault("dark@soon").error().code == Errc::invalid);
  for (const char* wrong : {"", "dark+1s", "dark@1s/2s", "dark@1s+5s/5s", "dark@"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_fault(wrong));
  }
}
