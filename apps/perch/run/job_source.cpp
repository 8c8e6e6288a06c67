#include "run/job_source.hpp"

#include <cmath>

namespace perch::cli {

JobSource::JobSource(std::vector<Input> inputs, double every_s, const std::atomic<bool>& stop)
    : inputs_(std::move(inputs)),
      every_s_(every_s),
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
    ++at_;
    Job job{input.file, input.relative, {}, Job::File{input.file}};
    if (input.kind == Input::Kind::url) job.what = Job::Address{input.file};
    if (input.kind == Input::Kind::broken) job.what = input.error;
    return job;
  }
  return std::nullopt;
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
  const Result<video::ClipFrame> place = clip_->next(frame.picture, every_s_ > 0 ? due_s_ - 0.0005 : due_s_ - 1e9);
  if (!place) {
    if (place.error().code == Errc::eof) return std::nullopt;
    return broken(place.error());
  }
  frame.decode = std::chrono::steady_clock::now() - start;
  if (every_s_ > 0) due_s_ = (std::floor(place->t_s / every_s_ + 0.0005) + 1) * every_s_;
  return Job{input.file, input.relative, *place, std::move(frame)};
}

}  // namespace perch::cli
