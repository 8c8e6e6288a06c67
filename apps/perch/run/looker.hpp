#pragma once
#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "image/codec.hpp"
#include "model/model.hpp"
#include "model/predictor.hpp"
#include "net/http_message.hpp"
#include "run/outcome.hpp"

namespace perch::cli {

/// What every worker of `perch run` shares. Immutable while they work.
struct LookPlan {
  std::shared_ptr<const model::Model> model;
  std::vector<Region> fixed_regions;                  ///< empty: the whole picture, or the finder's findings
  std::shared_ptr<const model::Model> finder;         ///< its findings are the regions; may be null
  std::vector<LabelId> finder_labels;                 ///< of the finder's findings; empty for all
  std::vector<LabelId> labels;                        ///< detections kept; empty for all
  std::optional<std::filesystem::path> annotate_dir;  ///< where annotated pictures go
  std::set<std::filesystem::path> originals;          ///< canonical: files that no annotated picture may replace

  net::TlsTrust tls;  ///< whom https addresses are believed by

  const std::atomic<bool>* stop = nullptr;  ///< set; once it is true nobody waits for a stream any longer

  bool regional() const { return finder || !fixed_regions.empty(); }
};

/// One picture to look at: a file, an address, the frame of a clip, a grid of temperatures, or what went wrong before
/// there was one.
struct Job {
  struct File {
    std::filesystem::path path;
  };

  struct Address {
    std::string url;
  };

  struct ClipPicture {
    image::Picture picture;
    Nanoseconds decode{0};
  };

  std::string file;
  std::filesystem::path relative;
  std::optional<FramePlace> frame;
  std::variant<File, Address, ClipPicture, ThermalGrid, Error> what;
};

/// Looks at pictures: reads or fetches, decodes, runs the models, writes the annotated picture. One a worker: it owns
/// the memory they work in. @thread its worker
class Looker {
 public:
  explicit Looker(const LookPlan& plan);
  Outcome look(Job job);

 private:
  Result<void> look_at_address(const std::string& url, Outcome& outcome);
  Result<void> look_at_stream(const std::string& url, Outcome& outcome);
  Result<void> look_at_bytes(ByteView bytes, Outcome& outcome);
  Result<void> look_at_picture(const image::Picture& picture, image::Size full, Outcome& outcome);
  Result<void> look_at_grid(const ThermalGrid& grid, Outcome& outcome);
  /// Runs the models on a frame. @param full  size of the frame, in pixels or cells
  Result<void> look_at(const model::Sight& sight, image::Size full, Outcome& outcome);
  Result<void> write_annotated(image::Picture drawn, const Outcome& outcome) const;

  const LookPlan& plan_;
  model::Predictor predictor_;
  std::optional<model::Predictor> finder_;
  image::PictureDecoder decoder_;
  image::Picture decoded_;
  image::Picture rendering_;  ///< of a grid, for people
  Findings found_;
};

}  // namespace perch::cli
