#include "accuracy/truth.hpp"

#include <algorithm>
#include <map>

#include <boost/json.hpp>

#include "base/bytes.hpp"

namespace perch::accuracy {

namespace json = boost::json;

namespace {

Result<json::value> read_json(const std::filesystem::path& path) {
  PERCH_TRY(const Bytes bytes, read_file(path));
  boost::system::error_code error;
  json::value value = json::parse(json::string_view(as_text(bytes)), error);
  if (error) return fail(Errc::invalid, error.message(), path.string());
  return value;
}

/// Turns what Boost.JSON throws at a missing or mistyped entry into an error.
template <class Read>
auto checked(const std::filesystem::path& path, Read read) -> Result<decltype(read())> {
  try {
    return read();
  } catch (const std::exception& e) {
    return fail(Errc::invalid, e.what(), path.string());
  }
}

float number(const json::value& value) {
  return static_cast<float>(value.to_number<double>());
}

Box box_of(const json::value& value) {
  const json::array& b = value.as_array();
  return {number(b.at(0)), number(b.at(1)), number(b.at(2)), number(b.at(3))};
}

TruePerson person_of(const json::value& value) {
  TruePerson person{box_of(value.at("bbox")), value.at("area").to_number<double>(), {}};
  const json::array& numbers = value.at("keypoints").as_array();
  for (std::size_t i = 0; i + 2 < numbers.size(); i += 3)
    person.points.push_back({{number(numbers[i]) + 0.5F, number(numbers[i + 1]) + 0.5F},
                             static_cast<int>(numbers[i + 2].to_number<std::int64_t>())});
  return person;
}

std::vector<CocoPicture> coco_of(const json::value& root) {
  std::map<std::int64_t, int> label_of;  // by number, as COCO lists them: models' names of them differ ("motorbike")
  for (const json::value& category : root.at("categories").as_array())
    label_of.emplace(category.at("id").to_number<std::int64_t>(), static_cast<int>(label_of.size()));
  std::vector<CocoPicture> pictures;
  std::map<std::int64_t, std::size_t> place_of;
  for (const json::value& image : root.at("images").as_array()) {
    place_of[image.at("id").to_number<std::int64_t>()] = pictures.size();
    pictures.push_back({std::string(image.at("file_name").as_string()), {}, {}});
  }
  const auto picture_of = [&](const json::value& entry) -> CocoPicture& {
    return pictures[place_of.at(entry.at("image_id").to_number<std::int64_t>())];
  };
  for (const json::value& entry : root.at("instances").as_array())
    picture_of(entry).boxes.push_back({label_of.at(entry.at("category_id").to_number<std::int64_t>()),
                                       box_of(entry.at("bbox")), entry.at("iscrowd").to_number<int>() != 0});
  for (const json::value& entry : root.at("keypoints").as_array())
    if (entry.at("num_keypoints").to_number<int>() > 0 && entry.at("iscrowd").to_number<int>() == 0)
      picture_of(entry).people.push_back(person_of(entry));
  return pictures;
}

std::vector<ParkingPicture> parking_of(const json::value& root) {
  std::vector<ParkingPicture> pictures;
  for (const json::value& entry : root.as_array()) {
    ParkingPicture picture{std::string(entry.at("frame").as_string()), {}};
    for (const json::value& space : entry.at("spaces").as_array()) {
      ParkingSlot slot{{}, space.at("occupied").to_number<int>() != 0};
      for (const json::value& corner : space.at("contour").as_array())
        slot.contour_px.push_back({number(corner.as_array().at(0)), number(corner.as_array().at(1))});
      picture.slots.push_back(std::move(slot));
    }
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

}  // namespace

Result<std::vector<CocoPicture>> read_coco(const std::filesystem::path& path) {
  PERCH_TRY(const json::value root, read_json(path));
  return checked(path, [&] { return coco_of(root); });
}

Result<std::vector<ParkingPicture>> read_parking(const std::filesystem::path& path) {
  PERCH_TRY(const json::value root, read_json(path));
  return checked(path, [&] { return parking_of(root); });
}

}  // namespace perch::accuracy
