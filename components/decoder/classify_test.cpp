#include "decoder/classify.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include <doctest/doctest.h>

#include "support/tensors.hpp"

using namespace perch;
using decoder::classify::Config;
using test::HandMadeTensors;
using test::placed;
using vision::Softmax;

namespace {

HandMadeTensors row(std::vector<float> values) {
  HandMadeTensors tensors;
  tensors.add("scores", {1, static_cast<std::int64_t>(values.size())});
  tensors.values(0) = std::move(values);
  return tensors;
}

Result<Findings> decode(const HandMadeTensors& tensors, Softmax softmax) {
  PERCH_TRY(const std::unique_ptr<Decoder> made, decoder::classify::create({softmax}, {{8, 8}, tensors.infos(), {}}));
  Findings findings;
  PERCH_CHECK(made->decode(tensors.view(), std::vector{placed({0, 0, 8, 8}, {0, 0, 8, 8}, 2)}, findings));
  return findings;
}

}  // namespace

TEST_CASE("logits become probabilities by softmax") {
  const auto findings = decode(row({std::log(1.0F), std::log(2.0F), std::log(5.0F)}), Softmax::automatic);
  REQUIRE(findings);
  REQUIRE(findings->scores.size() == 1);
  CHECK(findings->scores[0].region == 2);
  CHECK(findings->scores[0].p[0] == doctest::Approx(0.125));
  CHECK(findings->scores[0].p[1] == doctest::Approx(0.25));
  CHECK(findings->scores[0].p[2] == doctest::Approx(0.625));
}

TEST_CASE("values that are probabilities already stay as they are, unless softmax is wanted") {
  auto findings = decode(row({0.2F, 0.3F, 0.5F}), Softmax::automatic);
  REQUIRE(findings);
  CHECK(findings->scores[0].p[2] == doctest::Approx(0.5));
  findings = decode(row({0.2F, 0.3F, 0.5F}), Softmax::on);
  REQUIRE(findings);
  CHECK(findings->scores[0].p[2] == doctest::Approx(std::exp(0.5) / (std::exp(0.2) + std::exp(0.3) + std::exp(0.5))));
  findings = decode(row({1, 3}), Softmax::off);
  REQUIRE(findings);
  CHECK(findings->scores[0].p[1] == doctest::Approx(0.75));
  CHECK(decode(row({-1, 3}), Softmax::off).error().code == Errc::mismatch);
}

TEST_CASE("huge logits do not overflow, and numbers that are not finite give no scores") {
  const auto findings = decode(row({1000, 999, -1000}), Softmax::automatic);
  REQUIRE(findings);
  const std::vector<float>& p = findings->scores.at(0).p;
  CHECK(p[0] == doctest::Approx(1 / (1 + std::exp(-1.0))));
  CHECK(std::accumulate(p.begin(), p.end(), 0.0F) == doctest::Approx(1));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const auto none = decode(row({1, bad, 2}), Softmax::automatic);
    REQUIRE(none);
    CHECK(none->scores.empty());
  }
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  CHECK(decode(row({kNan, kNan, kNan}), Softmax::automatic).error().code == Errc::internal);
}

TEST_CASE("a classifier of one class is refused: it would always be the answer") {
  const auto made = decoder::classify::create({}, {{8, 8}, row({0.3F}).infos(), {"open"}});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::mismatch);
  CHECK_FALSE(made.error().remedy.empty());
}

TEST_CASE("a classifier's card must have as many labels as the model classes") {
  ModelShape model{{8, 8}, row({1, 2, 3}).infos(), {"a", "b"}};
  auto made = decoder::classify::create({}, model);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::mismatch);
  CHECK(made.error().what == "the model has 3 classes, but its card 2 labels");

  model.outputs[0].shape = {-1, -1};
  made = decoder::classify::create({}, model);
  REQUIRE(made);
  Findings findings;
  const std::vector<Placement> one{placed({0, 0, 8, 8}, {0, 0, 8, 8})};
  CHECK((*made)->decode(row({1, 2}).view(), one, findings));
  CHECK((*made)->decode(row({1, 2, 3}).view(), one, findings).error().code == Errc::mismatch);

  model.outputs[0].shape = {1, 2, 7, 7};
  CHECK(decoder::classify::create({}, model).error().code == Errc::mismatch);
  model.outputs[0].shape = {1, 2, 1, 1};
  CHECK(decoder::classify::create({}, model));
}
