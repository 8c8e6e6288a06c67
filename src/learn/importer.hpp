#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "image/codec.hpp"
#include "learn/dataset_import.hpp"
#include "learn/dataset_writer.hpp"

/// What the imports share.
namespace perch::learn {

/// The split that a word in the name of a folder or a file stands for (`train2017`, `val`, `my_Test-set`); empty: none.
/// Part of a word does not count: `contest` and `valves` are no splits.
std::string split_named(std::string_view text);

/// Whether a picture's path below the source fits one of the patterns to leave out.
bool is_left_out(const std::string& path, const std::vector<std::string>& patterns);

/// What is below a folder.
struct FoundPictures {
  std::vector<std::filesystem::path> files;  ///< JPEG and PNG files, by name, relative to the folder
  std::vector<Error> problems;               ///< what could not be looked into, and pictures of other kinds
};

/// All pictures below a folder that nothing leaves out. What begins with a dot, and what macOS packs beside a folder
/// (`__MACOSX`), is passed over. Errors: not_found. @thread any, blocks
Result<FoundPictures> pictures_below(const std::filesystem::path& folder, const std::vector<std::string>& leave_out);

/// A picture on its way into the data set.
struct Incoming {
  std::filesystem::path file;
  std::string name;           ///< below the source
  image::Size labelled_size;  ///< px; {0, 0}: not stated
  std::vector<Label> labels;
  std::vector<Attribute> attributes;
};

/// Writes pictures into the new data set and keeps the count. One owner.
class Importer {
 public:
  /// Errors: those of `DatasetWriter::create`.
  static Result<Importer> create(const ImportJob& job, DatasetInfo info, const LoadProgress& progress);

  void note(Error problem) { done_.problems.push_back(std::move(problem)); }

  void note(std::vector<Error> problems);

  /// Reads the picture in `file`. @returns its size; {0, 0}: it cannot be used, which is noted
  image::Size read(const std::filesystem::path& file, const std::string& name);

  /// Adds the picture that was read last, of that size, under a name without folders. A label outside of it is noted
  /// and left out. Errors: full, denied, io.
  Result<void> add(Incoming picture, image::Size size);

  /// Reads and adds. Errors: as `add`.
  Result<void> take_over(const Incoming& picture);

  /// Errors: canceled.
  Result<void> advance(std::size_t done, std::size_t all) const;

  /// Notes that no picture has a label, when that is so, and where labels are looked for.
  void note_if_unlabelled(std::string remedy);

  /// Makes it a data set. Errors: invalid (nothing could be used), full, denied, io.
  Result<Imported> finish(const ImportJob& job);

 private:
  /// Of pictures to measure with, and whether there was one.
  struct TestPattern {
    std::string pattern;
    bool fitted = false;
  };

  Importer(DatasetWriter writer, LoadProgress progress, const std::vector<std::string>& test);
  std::vector<Attribute> attributes_of(const Incoming& picture);
  std::string flat_name(const std::string& name);

  DatasetWriter writer_;
  LoadProgress progress_;
  std::vector<TestPattern> test_;
  Imported done_;
  std::set<std::string> names_;
  image::PictureDecoder decoder_;
  image::Picture luma_;
  Bytes bytes_;
};

}  // namespace perch::learn
