#include <algorithm>

#include <fmt/format.h>

#include "base/folder.hpp"
#include "base/text.hpp"
#include "image/codec.hpp"
#include "learn/exam.hpp"

namespace perch::learn {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

/// Reads pictures as long as all of them can be kept in memory.
class Reader {
 public:
  explicit Reader(const LeftOut& left_out) : left_out_(left_out) {}

  /// Whether the picture is to be used; when not, it was left out and that is said.
  Result<bool> read(const std::filesystem::path& path, ExamPicture& picture) {
    Result<Bytes> bytes = read_file(path);
    if (!bytes && !left_out_) return fail(bytes.error());
    if (!bytes) {
      left_out_(bytes.error());
      return false;
    }
    total_ += bytes->size();
    if (total_ > kMostBytes)
      return fail(Errc::too_large, "these are too many pictures to keep in memory", path.string());
    picture.name = path.string();
    picture.bytes = std::move(*bytes);
    return true;
  }

 private:
  const LeftOut& left_out_;
  std::size_t total_ = 0;
};

/// What a data set for a model of that task is called.
bool fits(std::string_view dataset_task, model::Task task) {
  if (task == model::Task::classify) return dataset_task == "classify" || dataset_task == "state";
  return dataset_task == config::enum_name(task);
}

/// The truth of one picture, as the model would say it.
void add_truth(const Sample& sample, const model::Card& card, ExamPicture& picture) {
  const auto number_of = [&](const std::string& label) {
    const auto at = std::ranges::find(card.labels, label);
    return at == card.labels.end() ? -1 : static_cast<int>(at - card.labels.begin());
  };
  for (const Label& label : sample.labels) {
    const int number = number_of(label.category);
    if (card.task == model::Task::detect && number >= 0)
      picture.boxes.push_back({number, label.box_px, is_crowd(label)});
    if (card.task == model::Task::classify && number >= 0) picture.label = number;
    const double* position = find_attribute<double>(label.attributes, "position");
    if (card.task != model::Task::digits || !position) continue;
    const Quad corners = label.corners_px ? *label.corners_px : Quad::from_box(label.box_px);
    picture.regions.push_back({static_cast<int>(picture.regions.size()), corners, {}});
    picture.wheels.push_back(*position);
  }
}

}  // namespace

Result<Exam> exam_of_folder(const std::filesystem::path& folder, const LeftOut& left_out) {
  const FolderFiles found = find_files(folder, &image::is_picture_name, Depth::deep);
  if (!found.unread.empty() && (!left_out || found.files.empty())) return fail(found.unread.front());
  for (const Error& unread : found.unread) left_out(unread);
  if (found.files.empty()) return fail(Errc::not_found, "there is no JPEG or PNG here", folder.string());
  Exam exam;
  Reader reader(left_out);
  for (const std::filesystem::path& file : found.files) {
    ExamPicture picture;
    PERCH_TRY(const bool is_used, reader.read(file, picture));
    if (is_used) exam.pictures.push_back(std::move(picture));
  }
  return exam;
}

Result<Exam> exam_of_dataset(const Dataset& dataset, std::span<const Split> splits, const model::Card& card,
                             const LeftOut& left_out) {
  const std::string where = dataset.folder().string();
  if (!fits(dataset.info().task, card.task))
    return fail(Errc::mismatch,
                fmt::format("its task is {}, the model's is {}", dataset.info().task, config::enum_name(card.task)),
                where);
  const std::vector<std::string>& labels = dataset.info().labels;
  const bool known = card.task == model::Task::digits || std::ranges::any_of(labels, [&](const std::string& label) {
                       return std::ranges::find(card.labels, label) != card.labels.end();
                     });
  if (!known) return fail(Errc::mismatch, "the model knows none of its labels: " + join(labels, ", "), where);
  Exam exam;
  exam.labelled = true;
  Reader reader(left_out);
  for (const Sample& sample : dataset.samples()) {
    if (std::ranges::find(splits, sample.split) == splits.end()) continue;
    ExamPicture picture;
    PERCH_TRY(const bool is_used, reader.read(sample.path, picture));
    if (!is_used) continue;
    add_truth(sample, card, picture);
    if (card.task == model::Task::digits && picture.regions.empty()) continue;
    exam.pictures.push_back(std::move(picture));
  }
  if (exam.pictures.empty()) return fail(Errc::invalid, "has no picture that the model could be measured with", where);
  return exam;
}

}  // namespace perch::learn
