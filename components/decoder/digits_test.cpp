#include "decoder/digits.hpp"

#include <limits>

#include <doctest/doctest.h>

#include "support/tensors.hpp"

using namespace perch;
using test::HandMadeTensors;
using test::placed;

namespace {

const std::vector<Placement> kTwo{placed({0, 0, 20, 32}, {0, 0, 20, 32}, 0), placed({0, 0, 20, 32}, {0, 0, 20, 32}, 1)};

HandMadeTensors logits(std::int64_t classes) {
  HandMadeTensors tensors;
  tensors.add("digits", {2, classes});
  return tensors;
}

}  // namespace

TEST_CASE("each region of a digit batch has its own probabilities") {
  for (const std::int64_t classes : {10, 100}) {
    HandMadeTensors tensors = logits(classes);
    tensors.at(0, {0, 3}) = 50;
    tensors.at(0, {1, 9}) = 50;
    const auto made = decoder::digits::create({}, {{20, 32}, tensors.infos(), {}});
    REQUIRE(made);
    Findings findings;
    REQUIRE((*made)->decode(tensors.view(), kTwo, findings));
    REQUIRE(findings.digits.size() == 2);
    CHECK(findings.digits[0].p.size() == static_cast<std::size_t>(classes));
    CHECK(findings.digits[0].p[3] == doctest::Approx(1));
    CHECK(findings.digits[1].region == 1);
    CHECK(findings.digits[1].p[9] == doctest::Approx(1));
  }
}

TEST_CASE("a digit whose values are not finite is left out, its neighbours are not") {
  HandMadeTensors tensors = logits(10);
  tensors.at(0, {0, 3}) = std::numeric_limits<float>::quiet_NaN();
  const auto made = decoder::digits::create({}, {{20, 32}, tensors.infos(), {}});
  REQUIRE(made);
  Findings findings;
  REQUIRE((*made)->decode(tensors.view(), kTwo, findings));
  REQUIRE(findings.digits.size() == 1);
  CHECK(findings.digits[0].region == 1);
  CHECK(findings.digits[0].p[0] == doctest::Approx(0.1));
  for (std::int64_t region = 0; region < 2; ++region)
    for (std::int64_t digit = 0; digit < 10; ++digit)
      tensors.at(0, {region, digit}) = std::numeric_limits<float>::quiet_NaN();
  CHECK((*made)->decode(tensors.view(), kTwo, findings).error().code == Errc::internal);
}

TEST_CASE("a model that gives neither 10 nor 100 values is no digit reader") {
  auto made = decoder::digits::create({}, {{20, 32}, logits(11).infos(), {}});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::mismatch);
  CHECK(made.error().what.find("[2, 11]") != std::string::npos);
  CHECK(decoder::digits::create({}, {{20, 32}, logits(10).infos(), {"0", "1"}}).error().what ==
        "the model has 10 digit positions, but its card 2 labels");

  ModelShape open{{20, 32}, logits(10).infos(), {}};
  open.outputs[0].shape = {-1, -1};
  made = decoder::digits::create({}, open);
  REQUIRE(made);
  Findings findings;
  CHECK((*made)->decode(logits(100).view(), kTwo, findings));
  CHECK((*made)->decode(logits(12).view(), kTwo, findings).error().code == Errc::mismatch);
}
