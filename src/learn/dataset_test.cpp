#include "learn/dataset.hpp"

#include <algorithm>
#include <map>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "image/codec.hpp"
#include "learn/dataset_writer.hpp"
#include "support/program.hpp"

namespace perch::learn {

namespace {

const DatasetInfo kInfo{"lot", "detect", {"car", "person"}, {}, "made by hand"};

/// A picture that looks like no other of another `seed`: blocks of random grey.
Bytes picture_of(unsigned seed, int quality = 90) {
  image::Picture picture(64, 48);
  unsigned state = seed * 2654435761U + 1;
  for (int y = 0; y < 48; y += 8)
    for (int x = 0; x < 64; x += 8) {
      state = state * 1664525U + 1013904223U;
      const auto level = static_cast<std::uint8_t>(state >> 24U);
      for (int dy = 0; dy < 8; ++dy) std::fill_n(picture.at(x, y + dy), std::size_t{8} * 3, level);
    }
  return image::encode_jpeg(picture.view(), quality).value();
}

struct Drawn {
  std::string name;
  Bytes bytes;
  std::vector<Label> labels;
  std::vector<Attribute> attributes;
};

std::filesystem::path write_set(const test::TempFolder& folder, const std::vector<Drawn>& pictures) {
  auto writer = DatasetWriter::create(folder / "set", kInfo);
  REQUIRE(writer);
  for (const Drawn& p : pictures) REQUIRE(writer->add(p.name, p.bytes, 64, 48, p.labels, p.attributes));
  REQUIRE(writer->finish());
  return folder / "set";
}

std::map<std::string, Split> splits_of(const Dataset& set) {
  std::map<std::string, Split> out;
  for (const Sample& sample : set.samples()) out[sample.name] = sample.split;
  return out;
}

}  // namespace

TEST_CASE("what was written is read back") {
  const test::TempFolder folder;
  const Label car{"car", {1, 2, 30.5F, 4}, Quad::from_box({1, 2, 3, 4}), {}, {{"visible", 0.5}}};
  const auto set = Dataset::load(write_set(
      folder, {{"a.jpg", picture_of(1), {car}, {{"light", std::string("day")}}}, {"b.jpg", picture_of(2), {}, {}}}));
  REQUIRE(set);
  CHECK(set->problems().empty());
  CHECK(set->info().labels == kInfo.labels);
  REQUIRE(set->samples().size() == 2);
  CHECK(set->samples()[0].labels == std::vector{car});
  CHECK(set->samples()[0].size == image::Size{64, 48});
  CHECK(*find_attribute<std::string>(set->samples()[0].attributes, "light") == "day");
  CHECK(set->samples()[1].labels.empty());
  CHECK(set->label_index("person") == 1);
  CHECK(set->label_index("dog") == -1);
}

TEST_CASE("each thing that is wrong with a picture or label is named with its remedy, and the rest stays usable") {
  const test::TempFolder folder;
  Bytes cut = picture_of(3);
  cut.resize(cut.size() / 2);
  const auto path = write_set(folder, {{"good.jpg", picture_of(1), {{"car", {1, 2, 3, 4}, {}, {}, {}}}, {}},
                                       {"cut.jpg", cut, {}, {}},
                                       {"gone.jpg", picture_of(4), {}, {}},
                                       {"far.jpg", picture_of(5), {{"car", {64, 2, 3, 4}, {}, {}, {}}}, {}},
                                       {"odd.jpg", picture_of(6), {}, {{"split", std::string("tset")}}}});
  std::filesystem::remove(path / "pictures/gone.jpg");
  const auto set = Dataset::load(path);
  REQUIRE(set);
  CHECK(set->samples().size() == 3);
  REQUIRE(set->problems().size() == 4);
  CHECK(set->problems()[0].where == "picture 'cut.jpg'");
  CHECK(set->problems()[0].remedy == "replace it by a sound JPEG or PNG, or remove it");
  CHECK(set->problems()[1].message().starts_with("picture 'gone.jpg': there is no such file; put it into "));
  CHECK(
      set->problems()[2].message() ==
      "picture 'far.jpg': 'car' at 64, 2, 3 × 4 px lies outside the picture of 64 × 48 px; correct the box, or remove "
      "it");
  CHECK(set->problems()[3].message() ==
        "picture 'odd.jpg': there is no split 'tset'; did you mean 'test'?; taken as if it named none");
}

TEST_CASE("a set that grows moves no picture to another split") {
  std::vector<Drawn> pictures;
  for (unsigned i = 0; i < 60; ++i) pictures.push_back({fmt::format("{}.jpg", i), picture_of(i), {}, {}});
  const test::TempFolder small, large;
  const auto before = Dataset::load(write_set(small, {pictures.begin(), pictures.begin() + 30}));
  const auto after = Dataset::load(write_set(large, pictures));
  REQUIRE((before && after));
  const auto grown = splits_of(*after);
  for (const auto& [name, split] : splits_of(*before)) CHECK(grown.at(name) == split);
  for (const Split split : kSplits) CHECK(!after->of_split(split).empty());
  CHECK(after->of_split(Split::train).size() > 30);
}

TEST_CASE("a picture that was compressed anew goes where the first went, and so does all of a group") {
  std::vector<Drawn> pictures;
  for (unsigned i = 0; i < 20; ++i) pictures.push_back({fmt::format("{}.jpg", i), picture_of(i), {}, {}});
  for (unsigned i = 0; i < 20; ++i) pictures.push_back({fmt::format("{}-again.jpg", i), picture_of(i, 50), {}, {}});
  for (unsigned i = 0; i < 20; ++i)
    pictures.push_back({fmt::format("g{}.jpg", i), picture_of(100 + i), {}, {{"seed", double(i % 2)}}});
  const test::TempFolder folder;
  const auto set = Dataset::load(write_set(folder, pictures));
  REQUIRE(set);
  const auto splits = splits_of(*set);
  for (unsigned i = 0; i < 20; ++i) {
    CHECK(splits.at(fmt::format("{}.jpg", i)) == splits.at(fmt::format("{}-again.jpg", i)));
    CHECK(splits.at(fmt::format("g{}.jpg", i)) == splits.at(fmt::format("g{}.jpg", i % 2)));
  }
  CHECK(set->samples()[40].group == "seed 0");
}

TEST_CASE("the attribute of that name puts a picture into a split") {
  const test::TempFolder folder;
  const auto set = Dataset::load(write_set(folder, {{"a.jpg", picture_of(1), {}, {{"split", std::string("test")}}},
                                                    {"b.jpg", picture_of(2), {}, {{"split", std::string("train")}}}}));
  REQUIRE(set);
  CHECK(set->of_split(Split::test) == std::vector<std::size_t>{0});
  CHECK(set->require_split(Split::train).value() == std::vector<std::size_t>{1});
  CHECK(set->require_split(Split::validation).error().what ==
        "none of the 2 pictures falls into the split 'validation'");
}

TEST_CASE("an empty split says why it is empty") {
  const test::TempFolder folder;
  const auto set = Dataset::load(write_set(
      folder, {{"a.jpg", picture_of(1), {}, {{"seed", 7.0}}}, {"b.jpg", picture_of(2), {}, {{"seed", 7.0}}}}));
  REQUIRE(set);
  const Split other = set->of_split(Split::test).empty() ? Split::test : Split::train;
  const Error error = set->require_split(other).error();
  CHECK(error.what.ends_with(", because all belong to one group ('seed 7')"));
  CHECK(error.remedy.starts_with("add pictures of other places, meters or seeds"));
}

TEST_CASE("a folder that is no data set, one without pictures, and one of which none can be used say what to do") {
  const test::TempFolder folder;
  CHECK(Dataset::load(folder.path()).error().remedy.starts_with("perch dataset import makes one"));
  test::TempFolder empty;
  CHECK(Dataset::load(write_set(empty, {})).error().what == "the data set has no pictures");
  const Error none = Dataset::load(write_set(folder, {{"a.jpg", Bytes{1, 2, 3}, {}, {}}})).error();
  CHECK(none.what == "none of the 1 pictures can be used");
  CHECK(none.remedy.starts_with("the first: picture 'a.jpg': "));
}

TEST_CASE("loading can be stopped, and tells how far it is") {
  const test::TempFolder folder;
  const auto path = write_set(folder, {{"a.jpg", picture_of(1), {}, {}}, {"b.jpg", picture_of(2), {}, {}}});
  std::vector<std::size_t> told;
  const auto stopped = Dataset::load(path, [&](std::size_t done, std::size_t all) {
    CHECK(all == 2);
    told.push_back(done);
    return done < 1;
  });
  CHECK(stopped.error().code == Errc::canceled);
  CHECK(told == std::vector<std::size_t>{0, 1});
}

}  // namespace perch::learn
