#include "onnx/write_model.hpp"

#include <doctest/doctest.h>

#include "support/full_disk.hpp"
#include "support/program.hpp"

namespace perch::trainer {

namespace {

model::Card a_card() {
  model::Card card;
  card.name = "yard";
  card.decoder.table = config::Node(config::Table{});
  card.decoder.table.set("kind", config::Node("classify"));
  return card;
}

}  // namespace

TEST_CASE("a model is written with its card, and nothing else stays") {
  const test::TempFolder folder;
  REQUIRE(write_model(folder / "yard.onnx", as_bytes("model"), a_card()));
  CHECK(read_file(folder / "yard.onnx") == Bytes{'m', 'o', 'd', 'e', 'l'});
  CHECK(model::load_card(folder / "yard.toml")->name == "yard");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
}

TEST_CASE("on a full disk the model and the card that were there stay, and none comes without the other") {
  const test::TempFolder folder;
  const std::string large(100'000, 'x');
  const test::FullDisk full(10'000);
  CHECK(write_model(folder / "yard.onnx", as_bytes(large), a_card()).error().code == Errc::full);
  CHECK(std::filesystem::is_empty(folder.path()));
  REQUIRE(write_model(folder / "yard.onnx", as_bytes("model"), a_card()));
  model::Card other = a_card();
  other.name = "other";
  CHECK_FALSE(write_model(folder / "yard.onnx", as_bytes(large), other));
  CHECK(read_file(folder / "yard.onnx") == Bytes{'m', 'o', 'd', 'e', 'l'});
  CHECK(model::load_card(folder / "yard.toml")->name == "yard");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
}

}  // namespace perch::trainer
