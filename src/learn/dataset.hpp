#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "image/picture.hpp"
#include "learn/label.hpp"
#include "learn/look.hpp"

namespace perch::learn {

/// No picture of a data set may be larger as a file.
inline constexpr std::size_t kMaxPictureBytes = std::size_t{1} << 28;

/// What a picture may be used for.
enum class Split : std::uint8_t {
  train,       ///< to learn from
  validation,  ///< to decide when to stop and which threshold to take
  test         ///< to measure the finished model with, and for nothing else
};

inline constexpr std::array kSplits{Split::train, Split::validation, Split::test};

/// `train`, `validation`, `test`.
std::string_view name(Split split);
std::optional<Split> split_of_name(std::string_view name);

/// The split that a hash of 64 bits falls to: 70 % train, 15 % validation, 15 % test. @thread any
Split split_of_hash(std::uint64_t hash);

/// One picture of a data set and everything that is to be seen in it.
struct Sample {
  std::string name;            ///< of its file below the folder of pictures
  std::filesystem::path path;  ///< of its JPEG or PNG
  std::filesystem::path grid;  ///< of its temperatures (float32 °C, row by row) for a thermal picture; else empty
  image::Size size;            ///< px, as the file itself announces it
  std::vector<Label> labels;   ///< none: nothing that has a label is to be seen
  std::vector<Attribute> attributes;
  std::string group;  ///< pictures of a group stay in one split: a scene's seed, a meter; empty: on its own
  std::string sha256;
  Look look;
  Split split = Split::train;
};

/// What is wrong with a label whose box shows nothing of its picture; nothing when it does. `place` names the picture.
/// @thread any
std::optional<Error> outside_problem(const Label& label, image::Size size, const std::string& place);

/// Told from time to time while a data set is loaded: pictures done, pictures in all. Returns false to stop.
using LoadProgress = std::function<bool(std::size_t done, std::size_t all)>;

/// A data set that was read: a folder with `dataset.toml`, pictures, and labels in COCO form (docs/formats/dataset.md).
///
/// What is wrong with a single picture or label never costs the rest: it is left out and named in `problems()`.
///
/// **Splits** depend on the pictures alone. A picture falls by the hash of its group (its attribute `group`, else its
/// scene's `seed`), or, without one, by the hash of its bytes; one that nearly equals an earlier picture of the file
/// goes where that one went. So a set that grows at its end never moves a picture from one split to another. A
/// picture's attribute `split` overrides all this. Immutable once loaded: one serves all threads.
class Dataset {
 public:
  /// Reads the labels and looks at every picture once.
  /// Errors: not_found (no such folder, no `dataset.toml`, no labels), invalid (a file that says nothing usable, with
  /// its place; no picture that can be used), unsupported (a newer format), denied, io, canceled. @thread any, blocks
  static Result<Dataset> load(const std::filesystem::path& folder, const LoadProgress& progress = {});

  const DatasetInfo& info() const { return info_; }

  const std::filesystem::path& folder() const { return folder_; }

  /// The usable pictures, in the order of the labels' file.
  const std::vector<Sample>& samples() const { return samples_; }

  /// Places in `samples()` of the pictures of a split.
  std::vector<std::size_t> of_split(Split split) const;

  /// As `of_split`, for work that cannot do without. Errors: invalid, saying why the split is empty and what helps
  Result<std::vector<std::size_t>> require_split(Split split) const;

  /// The place of a label in `info().labels`; -1: not one of them.
  int label_index(std::string_view label) const;

  /// What was left out, and why: each with the picture or label (`where`), what is wrong and what to do.
  const std::vector<Error>& problems() const { return problems_; }

 private:
  friend class DatasetLoader;

  std::filesystem::path folder_;
  DatasetInfo info_;
  std::vector<Sample> samples_;
  std::vector<Error> problems_;
};

}  // namespace perch::learn
