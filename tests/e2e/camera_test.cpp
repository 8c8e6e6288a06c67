#include <doctest/doctest.h>

#include "support/looks.hpp"
#include "support/program.hpp"

using perch::test::Finished;
using perch::test::run_program;
using perch::test::says;

namespace {

Finished perch_camera(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {PERCH_PROGRAM, "camera"});
  return run_program(arguments);
}

}  // namespace

TEST_CASE("what would be passed over in silence is refused") {
  for (const std::vector<std::string>& mistaken : {
           std::vector<std::string>{"--folder", ".", "--speed", "3"},
           {"--folder", ".", "--set", "weather=rain"},
           {"--clip", "a.mp4", "--hour", "3h"},
           {"--folder", ".", "--width", "320"},
       }) {
    const Finished f = perch_camera(mistaken);
    CAPTURE(mistaken[2]);
    CHECK(f.status == 2);
    CHECK(says(f.err, mistaken[2] + " requires --scene"));
  }
  const Finished set = perch_camera({"--scene", "lot", "--set", "seed=5"});
  CHECK(set.status == 2);
  CHECK(says(set.err, "--set: seed: is not among the other settings; seed and size are given on their own"));
  const Finished list = perch_camera({"--scene", "lot", "ls"});
  CHECK(list.status == 2);
  CHECK(says(list.err, "--scene excludes ls"));
  CHECK(says(perch_camera({"--quiet", "ls"}).err, "--quiet excludes ls"));
}

TEST_CASE("a command that is mistyped is named, with the nearest") {
  for (const auto& [words, says_it] :
       {std::pair<std::vector<std::string>, const char*>{{"camra"},
                                                         "there is no command 'camra'; did you mean 'camera'?"},
        {{"bench", "pipelin"}, "there is no command 'pipelin'; did you mean 'pipeline'?"},
        {{"model", "nope"}, "there is no command 'nope'"}}) {
    std::vector<std::string> command{PERCH_PROGRAM};
    command.insert(command.end(), words.begin(), words.end());
    const Finished f = run_program(command);
    CHECK(f.status == 2);
    CHECK_MESSAGE(says(f.err, says_it), f.err);
  }
  CHECK(says(run_program({PERCH_PROGRAM}).err, "A subcommand is required"));
}

TEST_CASE("numbers out of their range are refused, and those that are none") {
  for (const auto& [option, value] : {std::pair{"--speed", "nan"}, {"--speed", "inf"}, {"--speed", "-1"}}) {
    const Finished f = perch_camera({"--scene", "lot", option, value});
    CAPTURE(std::string(value));
    CHECK(f.status == 2);
    CHECK(says(f.err, std::string(option) + ": " + value + " is no number from 0 to 10000"));
  }
  CHECK(says(perch_camera({"--scene", "lot", "--seed", "99999999999999999999"}).err, "--seed"));
  CHECK(says(perch_camera({"ls", "--seconds", "nan"}).err, "nan is no number from 0.1 to 86400"));
}
