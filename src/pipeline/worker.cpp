#include "pipeline/worker.hpp"

#include <algorithm>

#include "base/thrown.hpp"
#include "model/regions.hpp"

namespace perch::pipeline {

namespace {

Observation unknown(const Frame& frame, std::string reason) {
  Observation observation;
  observation.stamp = frame.stamp;
  observation.status = Status::unknown;
  observation.reason = std::move(reason);
  return observation;
}

}  // namespace

Looked Worker::look(const FramePtr& frame, CameraState& camera) {
  Looked looked;
  looked.frame = frame;
  looked.began = clock_.monotonic();
  const Result<const image::Picture*> picture = prepare(camera, looked);
  if (!picture) return broken(std::move(looked), camera, picture.error());
  for (std::size_t i = 0; i < camera.tasks.size(); ++i)
    looked.answers.push_back({i, ask(*picture, camera.tasks[i], camera, looked)});
  return looked;
}

Result<const image::Picture*> Worker::prepare(CameraState& camera, Looked& looked) {
  try {
    return prepare_throwing(camera, looked);
  } catch (const std::exception& thrown) {
    return fail(caught(thrown));
  }
}

Result<const image::Picture*> Worker::prepare_throwing(CameraState& camera, Looked& looked) {
  const Frame& frame = *looked.frame;
  const Result<Decision> decision = camera.gate.decide(frame, decoder_);
  looked.gate = clock_.monotonic() - looked.began;
  if (!decision) return fail(decision.error());
  looked.decision = *decision;
  looked.still = !decision->analyse && std::ranges::all_of(camera.tasks, &Task::has_findings);
  looked.size = camera.size;
  if (looked.still) return nullptr;
  PERCH_TRY(const image::Picture* picture, picture_of(frame, camera, looked));
  if (picture != nullptr) camera.gate.glance(picture->view(), frame.elapsed(), looked.decision);
  camera.size = looked.size;
  return picture;
}

Observation Worker::ask(const image::Picture* picture, Task& task, CameraState& camera, Looked& looked) {
  const Frame& frame = *looked.frame;
  try {
    const Result<void> found = looked.still ? Result<void>() : find(frame, picture, task, camera, looked);
    return answer(frame, task, found, looked);
  } catch (const std::exception& thrown) {
    task.has_findings = false;  // the next frame is looked at anew
    return unknown(frame, caught(thrown).message());
  }
}

Error Worker::caught(const std::exception& thrown) {
  predictors_.clear();
  decoder_ = image::PictureDecoder();
  return thrown_error(thrown);
}

Looked Worker::broken(Looked looked, CameraState& camera, const Error& error) {
  looked.broken = error;
  looked.answers.clear();
  for (std::size_t i = 0; i < camera.tasks.size(); ++i) {
    camera.tasks[i].has_findings = false;  // whatever comes next is looked at anew
    looked.answers.push_back({i, unknown(*looked.frame, error.message())});
  }
  return looked;
}

Result<const image::Picture*> Worker::picture_of(const Frame& frame, const CameraState& camera, Looked& looked) {
  if (const auto* picture = std::get_if<image::Picture>(&frame.payload)) {
    looked.size = picture->size();
    return picture;
  }
  if (const auto* grid = std::get_if<ThermalGrid>(&frame.payload)) looked.size = {grid->cols, grid->rows};
  const auto* jpeg = std::get_if<Jpeg>(&frame.payload);
  if (!jpeg) return nullptr;
  const Nanoseconds start = clock_.monotonic();
  const ByteView bytes = jpeg->bytes.view();
  PERCH_TRY(const image::PictureInfo info, decoder_.probe(bytes));
  image::Size at_least{1, 1};
  for (const Task& task : camera.tasks) {
    if (!task.model) continue;
    // Regions that are not known yet may need every pixel.
    const image::Size needed = task.regions_from ? info.size : predictor(task.model).needed(info.size, task.regions);
    at_least.width = std::max(at_least.width, needed.width);
    at_least.height = std::max(at_least.height, needed.height);
  }
  PERCH_TRY(looked.size, decoder_.decode(bytes, picture_, at_least));
  looked.timing.decode += clock_.monotonic() - start;
  return &picture_;
}

Result<void> Worker::predict(const Frame& frame, const image::Picture* picture, Task& task,
                             std::span<const Region> regions, Looked& looked) {
  model::Predictor& model = predictor(task.model);
  if (const auto* grid = std::get_if<ThermalGrid>(&frame.payload))
    return model.predict(*grid, regions, task.findings, looked.timing);
  return model.predict(picture->view(), looked.size, regions, task.findings, looked.timing);
}

Result<void> Worker::find(const Frame& frame, const image::Picture* picture, Task& task, const CameraState& camera,
                          Looked& looked) {
  task.findings.clear();
  task.has_findings = false;
  if (task.model) PERCH_CHECK(ask_model(frame, picture, task, camera, looked));
  task.has_findings = true;
  return {};
}

Result<void> Worker::ask_model(const Frame& frame, const image::Picture* picture, Task& task, const CameraState& camera,
                               Looked& looked) {
  if (!picture && !std::holds_alternative<ThermalGrid>(frame.payload))
    return fail(Errc::mismatch, "the task has a model, but the frame is no picture and no thermal grid");
  if (!task.regions_from) return predict(frame, picture, task, task.regions, looked);
  const Task& finder = camera.tasks[task.regions_from->task];
  // Nothing found would be said of a place where nobody looked.
  if (!finder.has_findings)
    return fail(Errc::mismatch, "the task '" + finder.name + "', which finds its regions, has failed");
  const std::vector<Region> found = model::regions_from(finder.findings.detections, looked.size,
                                                        task.regions_from->policy, task.regions_from->labels);
  if (found.empty()) return {};
  return predict(frame, picture, task, found, looked);
}

Observation Worker::answer(const Frame& frame, Task& task, const Result<void>& found, Looked& looked) {
  if (!found) return unknown(frame, found.error().message());
  const Nanoseconds start = clock_.monotonic();
  Result<Observation> observation = task.analysis->update(frame, task.findings);
  looked.analysis += clock_.monotonic() - start;
  if (!observation) return unknown(frame, observation.error().message());
  observation->stamp = frame.stamp;
  if (looked.still && observation->status == Status::ok) {
    observation->status = Status::still;
    observation->reason = "nothing moved";
  }
  return std::move(*observation);
}

model::Predictor& Worker::predictor(const std::shared_ptr<const model::Model>& model) {
  return predictors_.try_emplace(model.get(), model).first->second;
}

void Worker::keep_only(const std::set<const model::Model*>& models) {
  std::erase_if(predictors_, [&](const auto& entry) { return !models.contains(entry.first); });
}

}  // namespace perch::pipeline
