#include "learn/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/text.hpp"
#include "image/codec.hpp"
#include "learn/dataset_file.hpp"
#include "learn/label_file.hpp"

namespace perch::learn {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kSplitNames{"train", "validation", "test"};

/// The first 64 bits of the SHA-256 of a text or a picture: the same on every machine, and evenly spread.
std::uint64_t leading_bits(const std::string& sha256) {
  return std::strtoull(sha256.substr(0, 16).c_str(), nullptr, 16);
}

/// The attribute `group`, else the scene's seed; empty: none.
std::string group_of(const std::vector<Attribute>& attributes) {
  if (const std::string* group = find_attribute<std::string>(attributes, "group")) return *group;
  if (const double* group = find_attribute<double>(attributes, "group")) return fmt::format("{}", *group);
  if (const double* seed = find_attribute<double>(attributes, "seed")) return fmt::format("seed {}", *seed);
  return {};
}

}  // namespace

std::optional<Error> outside_problem(const Label& label, image::Size size, const std::string& place) {
  const Box& box = label.box_px;
  const bool reaches_in = box.right() > 0 && box.bottom() > 0 && box.x < static_cast<float>(size.width) &&
                          box.y < static_cast<float>(size.height);
  if (reaches_in) return std::nullopt;
  return Error{Errc::invalid,
               fmt::format("'{}' at {:.0f}, {:.0f}, {:.0f} × {:.0f} px lies outside the picture of {} × {} px",
                           printable(label.category), box.x, box.y, box.width, box.height, size.width, size.height),
               place, "correct the box, or remove it"};
}

std::string_view name(Split split) {
  return kSplitNames[static_cast<std::size_t>(split)];
}

std::optional<Split> split_of_name(std::string_view name) {
  for (const Split split : kSplits)
    if (learn::name(split) == name) return split;
  return std::nullopt;
}

Split split_of_hash(std::uint64_t hash) {
  constexpr std::uint64_t kTrain = 70, kValidation = 15;  // %
  const std::uint64_t place = hash % 100;
  return place < kTrain ? Split::train : place < kTrain + kValidation ? Split::validation : Split::test;
}

/// Brings together what makes a `Dataset`.
class DatasetLoader {
 public:
  Result<Dataset> load(const fs::path& folder, const LoadProgress& progress) {
    set_.folder_ = folder;
    PERCH_TRY(const DatasetFile file, read_dataset_file(folder));
    set_.info_ = file.info;
    const fs::path labels = folder / file.annotations;
    PERCH_TRY(const Bytes json, read_file(labels));
    PERCH_TRY(LabelFile listed, parse_coco(as_text(json), labels.string()));
    set_.problems_ = std::move(listed.problems);
    const std::size_t all = listed.pictures.size();
    for (std::size_t i = 0; i < all; ++i) {
      if (progress && !progress(i, all)) return fail(Errc::canceled, "stopped", folder.string());
      if (Result<void> added = add(folder / file.pictures, std::move(listed.pictures[i])); !added)
        set_.problems_.push_back(std::move(added).error());
    }
    if (set_.samples_.empty()) return fail(no_pictures(all));
    return std::move(set_);
  }

 private:
  Error no_pictures(std::size_t listed) const {
    if (listed == 0)
      return {Errc::invalid, "the data set has no pictures", set_.folder_.string(),
              "add some with perch dataset import"};
    return {Errc::invalid, fmt::format("none of the {} pictures can be used", listed), set_.folder_.string(),
            "the first: " + set_.problems_.front().message()};
  }

  Result<void> add(const fs::path& pictures, ListedPicture listed) {
    const std::string place = fmt::format("picture '{}'", printable(listed.name));
    const fs::path below(listed.name);
    if (below.is_absolute() || std::find(below.begin(), below.end(), "..") != below.end())
      return fail(Errc::invalid, "its name leads out of the data set's folder", place, "move it there and rename it");
    Sample sample;
    sample.name = std::move(listed.name);
    sample.path = pictures / below;
    PERCH_CHECK(look_at(sample, place));
    if (listed.size != image::Size{} && listed.size != sample.size)
      return fail(Errc::mismatch,
                  fmt::format("is {} × {} px, but its labels are for {} × {} px", sample.size.width, sample.size.height,
                              listed.size.width, listed.size.height),
                  place, "put back the picture that was labelled, or label this one");
    sample.attributes = std::move(listed.attributes);
    sample.group = group_of(sample.attributes);
    for (Label& label : listed.labels) add_label(sample, std::move(label), place);
    sample.split = split_of(sample);
    set_.samples_.push_back(std::move(sample));
    return {};
  }

  /// Size, hash and look of the picture. Errors name it.
  Result<void> look_at(Sample& sample, const std::string& place) {
    Result<Bytes> bytes = read_file(sample.path, kMaxPictureBytes);
    if (!bytes && bytes.error().code == Errc::not_found)
      return fail(Errc::not_found, "there is no such file", place,
                  fmt::format("put it into {}, or remove its labels", sample.path.parent_path().string()));
    if (!bytes) return fail(bytes.error());
    const Result<image::Size> size = decoder_.decode_luma(*bytes, luma_, Look::kSide);
    if (!size)
      return fail(size.error().code, size.error().what, place, "replace it by a sound JPEG or PNG, or remove it");
    sample.size = *size;
    sample.look = look_of(luma_.view());
    sample.sha256 = sha256_hex(*bytes);
    fs::path grid = sample.path;
    grid.replace_extension(".raw");
    std::error_code ignored;
    if (fs::exists(grid, ignored)) sample.grid = grid;
    return {};
  }

  void add_label(Sample& sample, Label label, const std::string& place) {
    if (set_.label_index(label.category) < 0) {
      set_.problems_.push_back(
          {Errc::invalid,
           fmt::format("has the label '{}', which the data set does not have", printable(label.category)), place,
           suggest(label.category, set_.info_.labels)});
    } else if (std::optional<Error> outside = outside_problem(label, sample.size, place)) {
      set_.problems_.push_back(std::move(*outside));
    } else {
      sample.labels.push_back(std::move(label));
    }
  }

  Split split_of(const Sample& sample) {
    if (const std::string* given = find_attribute<std::string>(sample.attributes, "split")) {
      if (const auto split = split_of_name(*given)) return *split;
      const std::vector<std::string> known(kSplitNames.begin(), kSplitNames.end());
      set_.problems_.push_back({Errc::invalid, fmt::format("there is no split '{}'", printable(*given)),
                                fmt::format("picture '{}'", printable(sample.name)),
                                suggest(*given, known) + "; taken as if it named none"});
    }
    if (!sample.group.empty()) return split_of_hash(leading_bits(sha256_hex(as_bytes(sample.group))));
    for (const Sample& earlier : set_.samples_)
      if (earlier.group.empty() && nearly_equal(earlier.look, sample.look)) return earlier.split;
    return split_of_hash(leading_bits(sample.sha256));
  }

  Dataset set_;
  image::PictureDecoder decoder_;
  image::Picture luma_;
};

Result<Dataset> Dataset::load(const fs::path& folder, const LoadProgress& progress) {
  return DatasetLoader().load(folder, progress);
}

std::vector<std::size_t> Dataset::of_split(Split split) const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < samples_.size(); ++i)
    if (samples_[i].split == split) out.push_back(i);
  return out;
}

Result<std::vector<std::size_t>> Dataset::require_split(Split split) const {
  std::vector<std::size_t> places = of_split(split);
  if (!places.empty()) return places;
  const Sample& first = samples_.front();
  const bool one_group = std::all_of(samples_.begin(), samples_.end(), [&](const Sample& sample) {
    return !sample.group.empty() && sample.group == first.group;
  });
  std::string what = fmt::format("none of the {} pictures falls into the split '{}'", samples_.size(), name(split));
  if (one_group) what += fmt::format(", because all belong to one group ('{}')", printable(first.group));
  return fail(Errc::invalid, std::move(what), folder_.string(),
              "add pictures of other places, meters or seeds; or give some pictures the attribute "
              "\"split\": \"" +
                  std::string(name(split)) + "\"");
}

int Dataset::label_index(std::string_view label) const {
  const auto found = std::find(info_.labels.begin(), info_.labels.end(), label);
  return found == info_.labels.end() ? -1 : static_cast<int>(found - info_.labels.begin());
}

}  // namespace perch::learn
