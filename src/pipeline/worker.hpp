#pragma once
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "image/codec.hpp"
#include "model/model.hpp"
#include "model/predictor.hpp"
#include "model/regions.hpp"
#include "pipeline/gate.hpp"
#include "seam/analysis.hpp"
#include "seam/frame.hpp"

namespace perch::pipeline {

/// Regions that are another task's findings.
struct RegionsFrom {
  std::size_t task = 0;         ///< its place among the camera's tasks; always before the one that uses it
  std::vector<LabelId> labels;  ///< of its findings; empty for all
  model::RegionPolicy policy;
};

/// One question of a camera, as workers see it. Moves into a job and back with the camera's other tasks.
struct Task {
  std::string name;
  std::shared_ptr<const model::Model> model;  ///< null when the analysis needs none
  std::vector<Region> regions;                ///< fixed; empty for the whole frame
  std::optional<RegionsFrom> regions_from;
  std::unique_ptr<Analysis> analysis;

  Findings findings;          ///< of the last frame that went through the model: what holds while nothing moves
  bool has_findings = false;  ///< it could be asked; false too before the first frame
};

/// What of a camera moves into a job and back: the only mutable state that workers touch.
struct CameraState {
  std::vector<Task> tasks;
  Gate gate;
  image::Size size;  ///< of the last picture
};

/// What a task says of one frame.
struct Answer {
  std::size_t task = 0;
  Observation observation;
};

/// What came of one frame.
struct Looked {
  FramePtr frame;
  image::Size size;             ///< of the frame, in pixels (of a grid in cells); 0 when it has none
  bool still = false;           ///< the gate held it back: nothing moved
  std::vector<Answer> answers;  ///< one a task, in their order
  std::optional<Error> broken;  ///< the frame could not be read
  Decision decision;            ///< of the gate, with its evidence for the camera's health
  Nanoseconds began{0};         ///< monotonic, when a worker took it up
  Nanoseconds gate{0};
  Nanoseconds analysis{0};
  model::Timing timing;
};

/// Looks at frames: gate, decode once, models, decoders, analyses. Owns the memory that this needs and reuses it from
/// frame to frame and camera to camera. @thread its own worker
class Worker {
 public:
  explicit Worker(const Clock& clock) : clock_(clock) {}

  /// Takes one frame through the gate and all tasks of its camera. Never fails as a whole: a frame that cannot be read
  /// is `broken` and every task answers `unknown` with the reason. What a library throws ends here too: in a task it is
  /// the reason of this task's `unknown`, before that the frame is `broken`.
  Looked look(const FramePtr& frame, CameraState& camera);

  /// Lets go of the memory for all models but these, whose cameras are still there.
  void keep_only(const std::set<const model::Model*>& models);

 private:
  /// The gate and the decoder: what stands before all tasks. @returns  the picture, or null where there is none to see
  Result<const image::Picture*> prepare(CameraState& camera, Looked& looked);
  Result<const image::Picture*> prepare_throwing(CameraState& camera, Looked& looked);
  Looked broken(Looked looked, CameraState& camera, const Error& error);
  Observation ask(const image::Picture* picture, Task& task, CameraState& camera, Looked& looked);
  /// Throws away what an exception left half done. The same failure as a value.
  Error caught(const std::exception& thrown);
  /// The frame as a picture; decoded no larger than the tasks need. Nothing for frames that are no pictures.
  Result<const image::Picture*> picture_of(const Frame& frame, const CameraState& camera, Looked& looked);
  /// Leaves what holds of this frame in `task.findings`.
  /// @param picture  of the frame, or null
  Result<void> find(const Frame& frame, const image::Picture* picture, Task& task, const CameraState& camera,
                    Looked& looked);
  Result<void> ask_model(const Frame& frame, const image::Picture* picture, Task& task, const CameraState& camera,
                         Looked& looked);
  Result<void> predict(const Frame& frame, const image::Picture* picture, Task& task, std::span<const Region> regions,
                       Looked& looked);
  Observation answer(const Frame& frame, Task& task, const Result<void>& found, Looked& looked);
  model::Predictor& predictor(const std::shared_ptr<const model::Model>& model);

  const Clock& clock_;
  image::PictureDecoder decoder_;
  image::Picture picture_;
  std::map<const model::Model*, model::Predictor> predictors_;
};

}  // namespace perch::pipeline
