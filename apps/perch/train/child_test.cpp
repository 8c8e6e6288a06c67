#include "train/child.hpp"

#include <csignal>

#include <doctest/doctest.h>
#include <unistd.h>

#include "train/view.hpp"

using perch::Errc;
using perch::cli::run_child;

TEST_CASE("a child's lines come one by one, the last without an end too, and its exit status is told") {
  std::vector<std::string> lines;
  const auto status = run_child({"/bin/sh", "-c", "echo one; echo; printf two; exit 3"},
                                [&](std::string_view line) { lines.emplace_back(line); });
  CHECK(status.value() == 3);
  CHECK(lines == std::vector<std::string>{"one", "", "two"});
  CHECK(run_child({"/bin/sh", "-c", "kill -KILL $$"}, [](std::string_view) {}).value() == 128 + SIGKILL);
}

TEST_CASE("a child that cannot be started is named") {
  const auto status = run_child({"/no/such/program"}, [](std::string_view) {});
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Errc::not_found);
  CHECK(status.error().where == "/no/such/program");
}

TEST_CASE("a signal goes on to the child, which decides how to end") {
  std::vector<std::string> lines;
  const auto status =
      run_child({"/bin/sh", "-c", "trap 'echo stopping; exit 7' INT; echo ready; while :; do sleep 0.02; done"},
                [&](std::string_view line) {
                  lines.emplace_back(line);
                  if (line == "ready") ::kill(::getpid(), SIGINT);
                });
  CHECK(status.value() == 7);
  CHECK(lines == std::vector<std::string>{"ready", "stopping"});
}

TEST_CASE("an epoch's line has loss, metric, the best so far and the time left") {
  CHECK(perch::cli::line_of({3, 40, 1.5, "F1", 0.5, 0.75, 2, 0.1, 125}) ==
        "epoch 3/40  loss 1.500  F1 0.500  best 0.750 (epoch 2)  2 min 5 s left");
}
