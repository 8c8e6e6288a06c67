#include "run/outcome.hpp"

#include <doctest/doctest.h>

using namespace perch;

TEST_CASE("classes of a card without labels are told apart by their numbers") {
  cli::Outcome outcome;
  outcome.file = "a.jpg";
  outcome.findings.scores.push_back({0, {0.25F, 0.75F}});
  outcome.findings.detections.push_back({0, LabelId{3}, 0.5F, {0, 0, 4, 4}, std::nullopt});
  const std::string json = cli::to_json(outcome, {}, false);
  CHECK(json.find(R"("scores":{"class 0":0.25,"class 1":0.75})") != std::string::npos);
  CHECK(json.find(R"("label":"class 3")") != std::string::npos);
}
