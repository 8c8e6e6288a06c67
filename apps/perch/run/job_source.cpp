#include "run/job_source.hpp"

#include <cmath>

#include "vision/thermal.hpp"

namespace perch::cli {

JobSource::JobSource(std::vector<Input> inputs, double every_s, video::GridSize grid, const std::atomic<bool>& stop)
    : inputs_(std::move(inputs)),
      every_s_(every_s),
      grid_size_(grid),
      stop_(stop) {}

std::optional<Job> JobSource::next() {
  while (at_ < inputs_.size() && !stop_) {
    const Input& input = inputs_[at_];
    if (input.kind == Input::Kind::clip) {
      if (std::optional<Job> job = next_of_clip(input)) return job;
      clip_.reset();
      ++at_;
      continue;
    }
    if (input.kind == Input::Kind::grids) {
      if (std::optional<Job> job = next_of_grids(input)) return job;
      grids_.reset();
      ++at_;
      continue;
    }
    ++at_;
    Job job{input.file, input.relative, {}, Job::File{input.file}};
    if (input.kind == Input::Kind::url) job.what = Job::Address{input.file};
    if (input.kind == Input::Kind::broken) job.what = input.error;
    return job;
  }
  return std::nullopt;
}

std::optional<Job> JobSource::next_of_grids(const Input& input) {
  const auto broken = [&](Error error) {
    ++at_;
    grids_.reset();
    return Job{input.file, input.relative, {}, std::move(error)};
  };
  if (!grids_) {
    Result<video::GridReader> opened = video::GridReader::open(input.file, grid_size_);
    if (!opened) return broken(std::move(opened).error());
    grids_.emplace(std::move(*opened));
    grid_index_ = 0;
  }
  Result<std::vector<float>> celsius = grids_->next();
  if (!celsius) {
    if (celsius.error().code == Errc::eof) return std::nullopt;
    return broken(std::move(celsius).error());
  }
  ThermalGrid grid{grid_size_.rows, grid_size_.cols, std::move(*celsius)};
  vision::repair(grid);
  return Job{input.file, input.relative, FramePlace{grid_index_++, std::nullopt}, std::move(grid)};
}

std::optional<Job> JobSource::next_of_clip(const Input& input) {
  const auto broken = [&](Error error) {
    ++at_;
    clip_.reset();
    return Job{input.file, input.relative, {}, std::move(error)};
  };
  if (!clip_) {
    Result<video::ClipReader> opened = video::ClipReader::open(input.file);
    if (!opened) return broken(std::move(opened).error());
    clip_.emplace(std::move(*opened));
    due_s_ = 0;
  }
  const auto start = std::chrono::steady_clock::now();
  Job::ClipPicture frame;
  // Half a millisecond of slack: time stamps of clips are rounded.
  const Result<video::ClipFrame> place =
      clip_->next(frame.picture, every_s_ > 0 ? due_s_ - 0.0005 : due_s_ - 1e9, &stop_);
  if (!place) {
    if (place.error().code == Errc::eof || place.error().code == Errc::canceled) return std::nullopt;
    return broken(place.error());
  }
  frame.decode = std::chrono::steady_clock::now() - start;
  if (every_s_ > 0) due_s_ = (std::floor(place->t_s / every_s_ + 0.0005) + 1) * every_s_;
  return Job{input.file, input.relative, FramePlace{place->index, place->t_s}, std::move(frame)};
}

}  // namespace perch::cli
