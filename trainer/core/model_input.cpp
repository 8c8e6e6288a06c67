#include "core/model_input.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "model/predictor.hpp"
#include "video/grid_reader.hpp"
#include "vision/thermal.hpp"

namespace perch::trainer {

namespace {

/// How far the shape of a grid may be from that of its picture, in shares: cells need not be square.
constexpr double kMostApart = 0.25;

/// The rows and columns of `cells` values whose shape is nearest to that of a picture.
std::optional<video::GridSize> shape_of(std::uintmax_t cells, image::Size picture) {
  const double wanted = std::log(static_cast<double>(picture.width) / picture.height);
  std::optional<video::GridSize> best;
  double least = std::log(1 + kMostApart);
  for (std::uintmax_t rows = 1; rows <= cells && rows <= model::kMaxInputSide; ++rows) {
    if (cells % rows != 0 || cells / rows > model::kMaxInputSide) continue;
    const double apart = std::abs(std::log(static_cast<double>(cells / rows) / static_cast<double>(rows)) - wanted);
    if (apart >= least) continue;
    least = apart;
    best = {static_cast<int>(rows), static_cast<int>(cells / rows)};
  }
  return best;
}

Result<ThermalGrid> read_grid(const learn::Sample& sample) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(sample.grid, error);
  if (error) return fail(Errc::io, error.message(), sample.grid.string());
  const auto size = bytes % sizeof(float) == 0 ? shape_of(bytes / sizeof(float), sample.size) : std::nullopt;
  if (!size)
    return fail(Errc::invalid,
                fmt::format("its {} bytes are no grid of float32 in the shape of its picture, {} x {} px", bytes,
                            sample.size.width, sample.size.height),
                sample.grid.string(), "write all of the grid, row by row, and a picture of the same shape");
  PERCH_TRY(video::GridReader reader, video::GridReader::open(sample.grid, *size));
  PERCH_TRY(std::vector<float> celsius, reader.next());
  ThermalGrid grid{size->rows, size->cols, std::move(celsius)};
  vision::repair(grid);
  if (std::ranges::none_of(grid.celsius, [](float value) { return std::isfinite(value); }))
    return fail(Errc::invalid, "the grid has no temperature", sample.grid.string());
  return grid;
}

Region part_of(image::Size frame, const Box& view) {
  const auto width = static_cast<float>(frame.width), height = static_cast<float>(frame.height);
  return {0, Quad::from_box({view.x * width, view.y * height, view.width * width, view.height * height}), {}};
}

}  // namespace

bool is_thermal(const learn::Dataset& data) {
  return std::ranges::none_of(data.samples(), [](const learn::Sample& sample) { return sample.grid.empty(); });
}

Result<RawSample> read_sample(const learn::Sample& sample, bool thermal) {
  RawSample raw{sample.name, {}, {}};
  if (thermal) {
    PERCH_TRY(raw.grid, read_grid(sample));
  } else {
    PERCH_TRY(raw.bytes, read_file(sample.path));
  }
  return raw;
}

ModelInput::ModelInput(const model::InputCard& input, const image::TensorFormat& format)
    : input_(input),
      format_(format),
      preprocessor_(input, format) {}

Result<ModelInput> ModelInput::create(const model::InputCard& input) {
  PERCH_TRY(const image::TensorFormat format, model::tensor_format(input, image::Element::f32));
  return ModelInput(input, format);
}

std::vector<std::int64_t> ModelInput::shape() const {
  return model::element_shape(format_);
}

Result<void> ModelInput::fill(const RawSample& sample, std::span<float> out, const Box& view) {
  PERCH_ASSERT(out.size() == values());
  const auto fill_with = [&](const model::Sight& sight, image::Size full, const Region& region) {
    return preprocessor_.fill(sight, full, region, std::as_writable_bytes(out)).transform([](auto&&) {});
  };
  if (sample.thermal()) {
    const image::FieldView field{sample.grid.celsius.data(), sample.grid.cols, sample.grid.rows};
    return fill_with(field, field.size(), part_of(field.size(), view));
  }
  PERCH_TRY(const image::PictureInfo info, decoder_.probe(sample.bytes));
  const Region region = part_of(info.size, view);
  PERCH_TRY(const image::Size full,
            decoder_.decode(sample.bytes, picture_, model::needed_size(input_, info.size, {&region, 1})));
  return fill_with(picture_.view(), full, region);
}

}  // namespace perch::trainer
