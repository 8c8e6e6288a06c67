#include "bench/fleet.hpp"

#include <set>

#include <doctest/doctest.h>

#include "node/fault.hpp"

using namespace perch;

TEST_CASE("a faulty camera has every fault once a round, one at a time, and is well in between") {
  const Seconds begin{10}, every{20};
  std::vector<node::Fault> faults;
  for (const std::string& text : bench::fault_round(3, begin, every)) faults.push_back(node::parse_fault(text).value());
  REQUIRE(faults.size() == node::fault_names().size());
  CHECK(node::name(faults.front().kind) == node::fault_names()[3]);

  std::set<node::FaultKind> seen;
  int well = 0;
  const Seconds round = every * static_cast<int>(faults.size());
  for (Seconds at = begin; at < begin + round; at += Seconds{1}) {
    const std::vector<node::FaultKind> active =
        node::active_faults(faults, std::chrono::duration_cast<Nanoseconds>(at));
    CHECK(active.size() <= 1);
    CHECK(active == node::active_faults(faults, std::chrono::duration_cast<Nanoseconds>(at + round)));
    seen.insert(active.begin(), active.end());
    if (active.empty()) ++well;
  }
  CHECK(seen.size() == faults.size());
  CHECK(well == 5 * static_cast<int>(faults.size()));
  CHECK(node::active_faults(faults, Nanoseconds{0}).empty());
}
