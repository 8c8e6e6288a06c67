#include <algorithm>

#include <fmt/format.h>

#include "base/folder.hpp"
#include "base/text.hpp"
#include "image/codec.hpp"
#include "learn/exam.hpp"

namespace perch::learn {

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

Result<Bytes> read_picture(const std::filesystem::path& path, std::size_t& total) {
  PERCH_TRY(Bytes bytes, read_file(path));
  total += bytes.size();
  if (total > kMostBytes) return fail(Errc::too_large, "these are too many pictures to keep in memory", path.string());
  return bytes;
}

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

Result<Exam> exam_of_folder(const std::filesystem::path& folder) {
  PERCH_TRY(const std::vector<std::filesystem::path> files, list_files(folder, &image::is_picture_name, Depth::deep));
  if (files.empty()) return fail(Errc::not_found, "there is no JPEG or PNG here", folder.string());
  Exam exam;
  std::size_t total = 0;
  for (const std::filesystem::path& file : files) {
    ExamPicture picture;
    picture.name = file.string();
    PERCH_TRY(picture.bytes, read_picture(file, total));
    exam.pictures.push_back(std::move(picture));
  }
  return exam;
}

Result<Exam> exam_of_dataset(const Dataset& dataset, std::span<const Split> splits, const model::Card& card) {
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
  std::size_t total = 0;
  for (const Sample& sample : dataset.samples()) {
    if (std::ranges::find(splits, sample.split) == splits.end()) continue;
    ExamPicture picture;
    picture.name = sample.path.string();
    PERCH_TRY(picture.bytes, read_picture(sample.path, total));
    add_truth(sample, card, picture);
    if (card.task == model::Task::digits && picture.regions.empty()) continue;
    exam.pictures.push_back(std::move(picture));
  }
  if (exam.pictures.empty()) return fail(Errc::invalid, "has no picture that the model could be measured with", where);
  return exam;
}

}  // namespace perch::learn
