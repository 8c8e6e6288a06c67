#include "bench/process.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include "base/bytes.hpp"

using perch::bench::parse_process_use;

TEST_CASE("a process' time and memory are read from the kernel's texts") {
  const auto use = parse_process_use("4711 (a (strange) name) S 1 2 3 4 5 6 7 8 9 10 250 150 1 2 20 0 4 0 100 200 300",
                                     "Name:\tx\nVmHWM:\t  130000 kB\nVmRSS:\t  120000 kB\nThreads:\t4\n", 100);
  REQUIRE(use);
  CHECK(use->cpu.count() == doctest::Approx(4));
  CHECK(use->resident_bytes == 120'000 * 1024);
  CHECK(use->peak_bytes == 130'000 * 1024);
}

TEST_CASE("what is no process is an error") {
  CHECK_FALSE(parse_process_use("", "", 100));
  CHECK_FALSE(parse_process_use("1 (x) S 1 2", "", 100));
  CHECK_FALSE(parse_process_use("1 (x) S 1 2 3 4 5 6 7 8 9 10 a b 1", "", 100));
}

TEST_CASE("this very process can be read") {
  const auto stat = perch::read_file("/proc/self/stat", 65'536);
  const auto status = perch::read_file("/proc/self/status", 65'536);
  REQUIRE(stat);
  REQUIRE(status);
  const auto use = parse_process_use(perch::as_text(*stat), perch::as_text(*status), ::sysconf(_SC_CLK_TCK));
  REQUIRE(use);
  CHECK(use->resident_bytes > 1'000'000);
  CHECK(use->peak_bytes >= use->resident_bytes);
}
