#include "learn/model_list.hpp"

#include <doctest/doctest.h>

#include "base/bytes.hpp"
#include "model/session.hpp"
#include "support/program.hpp"

using namespace perch;
using learn::FileState;

namespace {

void put(const std::filesystem::path& folder, const std::string& name, const std::string& content,
         const std::string& card) {
  std::filesystem::create_directories(folder);
  test::write_test_file(folder / (name + ".onnx"), content);
  if (!card.empty()) test::write_test_file(folder / (name + ".toml"), card);
}

std::string card_of(const std::string& sha256) {
  return "name = \"m\"\ntask = \"classify\"\nversion = \"2\"\nlicence = \"MIT\"\nsha256 = \"" + sha256 +
         "\"\ndecoder = { kind = \"classify\" }\n";
}

}  // namespace

TEST_CASE("models are listed by folder with what their cards say and whether the files are theirs") {
  const test::TempFolder folder;
  put(folder / "a", "right", "one", card_of(sha256_hex(as_bytes("one"))));
  put(folder / "a", "wrong", "two", card_of(sha256_hex(as_bytes("one"))));
  put(folder / "b", "bare", "three", "");
  put(folder / "b", "bad", "four", "name = 4\n");
  put(folder / "b", "right", "five", "");
  const std::vector<std::filesystem::path> folders{folder / "a", folder / "b", folder / "none", folder / "a"};
  const auto listed = learn::list_models(folders);
  REQUIRE(listed.size() == 5);
  CHECK(listed[0].name == "right");
  CHECK(listed[0].state == FileState::right);
  CHECK(listed[0].version == "2");
  CHECK(listed[0].licence == "MIT");
  CHECK(listed[0].task == "classify");
  CHECK(listed[0].bytes == 3);
  CHECK(listed[1].state == FileState::wrong);
  CHECK(listed[2].state == FileState::bad_card);
  CHECK(listed[3].state == FileState::no_card);
  CHECK(listed[4].hidden);
  CHECK_FALSE(listed[0].hidden);
}

TEST_CASE("a file that cannot be read is not one without a card") {
  const test::TempFolder folder;
  put(folder / "a", "huge", "x", card_of(sha256_hex(as_bytes("x"))));
  std::filesystem::resize_file(folder / "a/huge.onnx", model::kMaxModelBytes + 1);  // a hole: takes no space
  const std::vector<std::filesystem::path> folders{folder / "a"};
  const auto listed = learn::list_models(folders);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].state == FileState::unread);
  CHECK(learn::describe(listed[0].state) == "cannot be read");
}
