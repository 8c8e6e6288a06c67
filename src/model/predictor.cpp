#include "model/predictor.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/assert.hpp"

namespace perch::model {

namespace {

Nanoseconds now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace

std::vector<std::int64_t> element_shape(const image::TensorFormat& format) {
  const std::int64_t width = format.size.width, height = format.size.height, channels = format.channels();
  if (format.layout == image::Layout::nchw) return {channels, height, width};
  return {height, width, channels};
}

Predictor::Predictor(std::shared_ptr<const Model> model)
    : model_(std::move(model)),
      preprocessor_(model_->card().input, model_->format()),
      runner_(model_->session(), element_shape(model_->format())) {
  placements_.reserve(static_cast<std::size_t>(runner_.max_batch()));
}

image::Size Predictor::needed(image::Size full, std::span<const Region> regions) const {
  return needed_size(model_->card().input, full, regions);
}

Result<image::Size> Predictor::predict(ByteView jpeg_or_png, std::span<const Region> regions, Findings& out,
                                       Timing& timing) {
  const Nanoseconds start = now();
  PERCH_TRY(const image::PictureInfo info, decoder_.probe(jpeg_or_png));
  PERCH_TRY(const image::Size full, decoder_.decode(jpeg_or_png, picture_, needed(info.size, regions)));
  timing.decode += now() - start;
  PERCH_CHECK(predict(picture_.view(), full, regions, out, timing));
  return full;
}

Result<void> Predictor::predict(const ThermalGrid& grid, std::span<const Region> regions, Findings& out,
                                Timing& timing) {
  if (!grid.is_whole()) return fail(Errc::invalid, "the grid is not rows × cols");
  if (std::ranges::none_of(grid.celsius, [](float celsius) { return std::isfinite(celsius); }))
    return fail(Errc::invalid, "the grid has no temperature");
  const image::FieldView field{grid.celsius.data(), grid.cols, grid.rows};
  return predict(field, field.size(), regions, out, timing);
}

Result<void> Predictor::predict(const Sight& sight, image::Size full, std::span<const Region> regions, Findings& out,
                                Timing& timing) {
  const bool thermal = std::holds_alternative<image::FieldView>(sight);
  if (thermal != model_->card().input.thermal())
    return fail(Errc::mismatch,
                fmt::format("the model {} looks at {}, but the frame is {}", model_->card().name,
                            thermal ? "pictures" : "temperatures", thermal ? "a thermal grid" : "a picture"),
                {}, "choose a model for this kind of camera");
  const Box frame{0, 0, static_cast<float>(full.width), static_cast<float>(full.height)};
  const Region whole{0, Quad::from_box(frame), {}};
  if (regions.empty()) regions = {&whole, 1};
  preprocessor_.expect(regions.size());
  const auto most = static_cast<std::size_t>(runner_.max_batch());
  for (std::size_t first = 0; first < regions.size(); first += most)
    PERCH_CHECK(run_batch(sight, full, regions.subspan(first, std::min(most, regions.size() - first)), out, timing));
  return {};
}

Result<void> Predictor::run_batch(const Sight& sight, image::Size full, std::span<const Region> regions, Findings& out,
                                  Timing& timing) {
  const int batch = static_cast<int>(regions.size());
  const Nanoseconds start = now();
  placements_.clear();
  for (int i = 0; i < batch; ++i) {
    const Region& region = regions[static_cast<std::size_t>(i)];
    PERCH_TRY(const Placement placement, preprocessor_.fill(sight, full, region, runner_.input(batch, i)));
    placements_.push_back(placement);
  }
  const Nanoseconds prepared = now();
  PERCH_TRY(const Tensors* tensors, runner_.run(batch));
  const Nanoseconds inferred = now();
  PERCH_CHECK(model_->decoder().decode(*tensors, placements_, out));
  timing.preprocess += prepared - start;
  timing.infer += inferred - prepared;
  timing.postprocess += now() - inferred;
  return {};
}

}  // namespace perch::model
