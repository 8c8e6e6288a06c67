#include "onnx/publish_quantised.hpp"

#include <doctest/doctest.h>

#include "image/codec.hpp"
#include "support/component.hpp"
#include "support/program.hpp"
#include "support/tiny_onnx.hpp"

using namespace perch;

TEST_CASE("where an 8-bit model cannot be written is said before the work begins") {
  const test::TempFolder folder;
  test::write_test_file(folder / "yard.onnx", "model");
  const std::filesystem::path yard = folder / "yard.onnx";
  CHECK(trainer::check_target(yard, folder / "small.onnx"));
  CHECK(trainer::check_target(yard, folder / "small.bin").error().code == Errc::invalid);
  CHECK(trainer::check_target(yard, folder / "./yard.onnx").error().what == "is the float model itself");
  const Error nowhere = trainer::check_target(yard, folder / "nowhere/small.onnx").error();
  CHECK(nowhere.code == Errc::not_found);
  CHECK(nowhere.where == (folder / "nowhere").string());
}

TEST_CASE("a model is not published on the strength of pictures in which nothing is found") {
  const test::TempFolder folder;
  // A YOLOX of 64 × 64 px, so 64 + 16 + 4 cells, that finds nothing anywhere.
  const Bytes blind = test::constant_onnx({"images", test::OnnxType::f32, {1, 3, 64, 64}}, {{"output", {1, 84, 6}, 0}});
  test::write_test_file(folder / "blind.onnx", as_text(blind));
  const auto model = model::Model::load((folder / "blind.onnx").string(), test::all_components(), {});
  REQUIRE_MESSAGE(model, (model ? "" : model.error().message()));
  trainer::Quantised quantised;
  quantised.onnx = blind;
  learn::Exam exam;
  exam.pictures.emplace_back();
  exam.pictures[0].bytes = image::encode_png(image::Picture(8, 8).view()).value();
  const auto published =
      trainer::publish_if_good(**model, quantised, exam, 0.01, folder / "small.onnx", test::all_components());
  REQUIRE_FALSE(published);
  CHECK(published.error().code == Errc::invalid);
  CHECK(published.error().what.starts_with("nothing is found in any of the 1 pictures that judge"));
  CHECK_FALSE(std::filesystem::exists(folder / "small.onnx"));
}
