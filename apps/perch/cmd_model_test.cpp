#include "cmd_model.hpp"

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/program.hpp"
#include "support/tiny_onnx.hpp"

using namespace perch;
using namespace perch::cli;

namespace {

std::shared_ptr<const model::Model> tiny_classifier(const test::TempFolder& folder) {
  test::write_test_file(folder / "m.onnx", as_text(test::mean_onnx(1, 8, 8)));
  test::write_test_file(folder / "m.toml",
                        "name = \"m\"\ntask = \"classify\"\ndecoder = { kind = \"classify\", softmax = \"on\" }\n");
  Registry registry;
  describe_all(registry);
  auto model = model::Model::load((folder / "m.onnx").string(), registry, {});
  REQUIRE_MESSAGE(model, (model ? "" : model.error().message()));
  return *model;
}

}  // namespace

TEST_CASE("a bench without pictures measures inference for each number of workers") {
  const test::TempFolder folder;
  const auto results = bench_model({tiny_classifier(folder), {}, {1, 2}, Seconds(0.02)});
  REQUIRE(results);
  REQUIRE(results->size() == 2);
  for (const BenchResult& result : *results) {
    CHECK(result.stage == BenchStage::infer);
    CHECK(result.per_second > 0);
    CHECK(result.p99_ms >= result.p50_ms);
  }
  CHECK((*results)[1].workers == 2);
}

TEST_CASE("a bench with pictures measures decoding and the whole way too") {
  const test::TempFolder folder;
  const Bytes jpeg = image::encode_jpeg(image::Picture(32, 24).view()).value();
  const auto results = bench_model({tiny_classifier(folder), {jpeg}, {1}, Seconds(0.02)});
  REQUIRE(results);
  REQUIRE(results->size() == 3);
  CHECK(name((*results)[1].stage) == "decode");
  CHECK(name((*results)[2].stage) == "all");
}

TEST_CASE("a bench over a broken picture is an error") {
  const test::TempFolder folder;
  const auto results = bench_model({tiny_classifier(folder), {Bytes{1, 2, 3}}, {1}, Seconds(0.02)});
  REQUIRE_FALSE(results);
  CHECK(results.error().code == Errc::invalid);
}
