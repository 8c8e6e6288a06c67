#include "run/looker.hpp"

#include <algorithm>
#include <cmath>
#include <system_error>

#include <fmt/format.h>

#include "base/text.hpp"
#include "image/thermal_picture.hpp"
#include "model/regions.hpp"
#include "net/fetch.hpp"
#include "net/http_message.hpp"
#include "video/rtsp_reader.hpp"

namespace perch::cli {

namespace {

Nanoseconds now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

/// Where the annotated picture of an outcome goes below the folder for them: `lot/a.jpg`, `clip-000042.jpg`.
std::filesystem::path annotated_name(const Outcome& outcome) {
  std::filesystem::path name = outcome.relative;
  if (outcome.frame) name.replace_filename(fmt::format("{}-{:06}", name.stem().string(), outcome.frame->index));
  return name.replace_extension(".jpg");
}

/// Drops detections of labels that are not wanted; no list wants all.
void keep_labels(const std::vector<LabelId>& wanted, std::vector<Detection>& detections) {
  if (wanted.empty()) return;
  std::erase_if(detections, [&](const Detection& d) { return std::ranges::find(wanted, d.label) == wanted.end(); });
}

}  // namespace

Looker::Looker(const LookPlan& plan) : plan_(plan), predictor_(plan.model) {
  if (plan.finder) finder_.emplace(plan.finder);
}

Outcome Looker::look(Job job) {
  Outcome outcome;
  outcome.file = std::move(job.file);
  outcome.relative = std::move(job.relative);
  outcome.frame = job.frame;

  const Nanoseconds start = now();
  Result<void> looked;
  if (auto* error = std::get_if<Error>(&job.what)) {
    looked = fail(std::move(*error));
  } else if (const auto* file = std::get_if<Job::File>(&job.what)) {
    const Result<Bytes> bytes = read_file(file->path);
    looked = bytes ? look_at_bytes(*bytes, outcome) : fail(bytes.error());
  } else if (const auto* address = std::get_if<Job::Address>(&job.what)) {
    looked = look_at_address(address->url, outcome);
  } else if (const auto* grid = std::get_if<ThermalGrid>(&job.what)) {
    looked = look_at_grid(*grid, outcome);
  } else {
    const auto& clip = std::get<Job::ClipPicture>(job.what);
    outcome.decode = clip.decode;
    looked = look_at_picture(clip.picture, clip.picture.size(), outcome);
  }
  outcome.total += now() - start;
  if (!looked) {
    outcome.error = looked.error();
    std::string& where = outcome.error->where;
    if (where == outcome.file || where == net::printable_url(outcome.file)) where.clear();  // the line names it already
  }
  return outcome;
}

Result<void> Looker::look_at_address(const std::string& url, Outcome& outcome) {
  const std::string scheme = lower_case(url.substr(0, url.find("://")));
  if (scheme == "rtsp") return look_at_stream(url, outcome);
  if (scheme != "http" && scheme != "https")
    return fail(Errc::invalid, "neither an http(s) nor an rtsp address", {},
                "a file is named by its path, without a scheme");
  PERCH_TRY(const Bytes bytes, net::fetch_picture(url, {.tls = plan_.tls}));
  return look_at_bytes(bytes, outcome);
}

/// Takes the first whole picture.
Result<void> Looker::look_at_stream(const std::string& url, Outcome& outcome) {
  video::RtspOptions options;
  options.url = url;
  PERCH_TRY(video::RtspReader reader, video::RtspReader::open(options, *plan_.stop));
  for (bool whole = false; !whole;) {
    PERCH_TRY(whole, reader.read(true));
  }
  const Nanoseconds start = now();
  PERCH_CHECK(reader.convert(decoded_));
  outcome.decode = now() - start;
  return look_at_picture(decoded_, decoded_.size(), outcome);
}

Result<void> Looker::look_at_bytes(ByteView bytes, Outcome& outcome) {
  const Nanoseconds start = now();
  PERCH_TRY(const image::PictureInfo info, decoder_.probe(bytes));
  image::Size at_least;  // every pixel, as regions that are not known yet may need them
  if (!finder_) at_least = predictor_.needed(info.size, plan_.fixed_regions);
  PERCH_TRY(const image::Size full, decoder_.decode(bytes, decoded_, at_least));
  outcome.decode = now() - start;
  PERCH_CHECK(look_at(decoded_.view(), full, outcome));
  if (!plan_.annotate_dir) return {};
  // People want every pixel, but what is seen must not depend on whether they will look.
  if (decoded_.size() != full) {
    PERCH_TRY(const image::Size again, decoder_.decode(bytes, decoded_));
    static_cast<void>(again);
  }
  return write_annotated(decoded_, outcome);
}

Result<void> Looker::look_at_picture(const image::Picture& picture, image::Size full, Outcome& outcome) {
  PERCH_CHECK(look_at(picture.view(), full, outcome));
  if (plan_.annotate_dir) return write_annotated(picture, outcome);
  return {};
}

Result<void> Looker::look_at_grid(const ThermalGrid& grid, Outcome& outcome) {
  if (std::ranges::none_of(grid.celsius, [](float celsius) { return std::isfinite(celsius); }))
    return fail(Errc::invalid, "the grid has no temperature");
  const image::FieldView field{grid.celsius.data(), grid.cols, grid.rows};
  PERCH_CHECK(look_at(field, field.size(), outcome));
  if (!plan_.annotate_dir) return {};
  image::draw_thermal(grid.celsius, grid.rows, grid.cols, image::thermal_scale(grid.celsius), rendering_);
  return write_annotated(rendering_, outcome);
}

Result<void> Looker::look_at(const model::Sight& sight, image::Size full, Outcome& outcome) {
  outcome.size = full;
  model::Timing timing;
  outcome.regions = plan_.fixed_regions;
  if (finder_) {
    found_.clear();
    PERCH_CHECK(finder_->predict(sight, full, {}, found_, timing));
    outcome.regions = model::regions_from(found_.detections, full, plan_.model->card().regions, plan_.finder_labels);
  }
  if (!finder_ || !outcome.regions.empty())
    PERCH_CHECK(predictor_.predict(sight, full, outcome.regions, outcome.findings, timing));
  keep_labels(plan_.labels, outcome.findings.detections);
  outcome.infer = timing.infer;
  return {};
}

Result<void> Looker::write_annotated(image::Picture drawn, const Outcome& outcome) const {
  annotate(drawn, outcome, plan_.model->card());
  const std::filesystem::path path = *plan_.annotate_dir / annotated_name(outcome);
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) return fail(Errc::io, "cannot make the folder: " + error.message(), path.parent_path().string());
  if (plan_.originals.contains(std::filesystem::weakly_canonical(path, error)))
    return fail(Errc::invalid, "its annotated picture would replace a picture that is looked at", path.string(),
                "name another folder for them");
  PERCH_TRY(const Bytes jpeg, image::encode_jpeg(drawn.view(), 90));
  return write_file(path, jpeg);
}

}  // namespace perch::cli
