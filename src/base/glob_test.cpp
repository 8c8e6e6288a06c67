#include "base/glob.hpp"

#include <string>

#include <doctest/doctest.h>

using perch::glob_matches;

TEST_CASE("a star stands for anything, a question mark for one character") {
  CHECK(glob_matches("*", ""));
  CHECK(glob_matches("*", "anything"));
  CHECK(glob_matches("", ""));
  CHECK_FALSE(glob_matches("", "a"));
  CHECK(glob_matches("indoor-camera-*", "indoor-camera-1a2b"));
  CHECK(glob_matches("indoor-camera-*", "indoor-camera-"));
  CHECK_FALSE(glob_matches("indoor-camera-*", "outdoor-camera-1a2b"));
  CHECK(glob_matches("*-1a2b", "x-1a2b-1a2b"));
  CHECK(glob_matches("a*b*c", "a-b-b-c"));
  CHECK_FALSE(glob_matches("a*b*c", "a-b-b-d"));
  CHECK(glob_matches("cam?", "cam1"));
  CHECK_FALSE(glob_matches("cam?", "cam"));
  CHECK_FALSE(glob_matches("cam?", "cam12"));
  CHECK(glob_matches("cam?", "camä"));
  CHECK_FALSE(glob_matches("Cam", "cam"));
}

TEST_CASE("a pattern of stars takes no longer than it should") {
  const std::string text(2000, 'a');
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "a*";
  CHECK_FALSE(glob_matches(pattern + "b", text));
  CHECK(glob_matches(pattern, text));
}
