#include "anomaly/frames.hpp"

#include <algorithm>

#include "image/codec.hpp"
#include "model/preprocess.hpp"
#include "video/grid_reader.hpp"
#include "vision/thermal.hpp"

namespace perch::trainer {

namespace {

/// Brings samples into the model's input.
class Reader {
 public:
  Reader(const model::Card& card, const image::TensorFormat& format)
      : input_(card.input),
        preprocessor_(card.input, format),
        values_(format.bytes() / sizeof(float)) {}

  Result<const std::vector<float>*> read(const learn::Sample& sample) {
    PERCH_CHECK(input_.thermal() ? read_grid(sample) : read_picture(sample));
    return &values_;
  }

 private:
  Result<void> fill(const model::Sight& sight, image::Size full) {
    const Region whole{0, Quad::from_box({0, 0, static_cast<float>(full.width), static_cast<float>(full.height)}), {}};
    return preprocessor_.fill(sight, full, whole, std::as_writable_bytes(std::span(values_))).transform([](auto&&) {});
  }

  /// A data set's grids have the size of the model's input, unless the file has another number of them.
  Result<void> read_grid(const learn::Sample& sample) {
    PERCH_TRY(video::GridReader reader, video::GridReader::open(sample.grid, {input_.height, input_.width}));
    PERCH_TRY(std::vector<float> celsius, reader.next());
    ThermalGrid grid{input_.height, input_.width, std::move(celsius)};
    vision::repair(grid);
    return fill(image::FieldView{grid.celsius.data(), grid.cols, grid.rows}, {grid.cols, grid.rows});
  }

  Result<void> read_picture(const learn::Sample& sample) {
    PERCH_TRY(const Bytes bytes, read_file(sample.path));
    PERCH_TRY(const image::PictureInfo info, decoder_.probe(bytes));
    PERCH_TRY(const image::Size full, decoder_.decode(bytes, picture_, model::needed_size(input_, info.size, {})));
    return fill(picture_.view(), full);
  }

  model::InputCard input_;
  model::Preprocessor preprocessor_;
  image::PictureDecoder decoder_;
  image::Picture picture_;
  std::vector<float> values_;
};

}  // namespace

bool is_thermal(const learn::Dataset& data) {
  return std::ranges::none_of(data.samples(), [](const learn::Sample& sample) { return sample.grid.empty(); });
}

bool is_unusual(const learn::Sample& sample) {
  const auto says_so = [](const learn::Attribute& attribute) {
    const bool* value = std::get_if<bool>(&attribute.value);
    return attribute.name == "anomaly" && value && *value;
  };
  return std::ranges::any_of(sample.attributes, says_so) ||
         std::ranges::any_of(sample.labels, [](const learn::Label& label) { return label.category == "anomaly"; });
}

Result<SplitFrames> read_frames(const learn::Dataset& data, learn::Split split, const model::Card& card,
                                const Say& say) {
  PERCH_TRY(const image::TensorFormat format, model::tensor_format(card.input, image::Element::f32));
  Reader reader(card, format);
  SplitFrames frames;
  for (const std::size_t i : data.of_split(split)) {
    const learn::Sample& sample = data.samples()[i];
    const auto values = reader.read(sample);
    if (!values) {
      say(learn::TrainNote{values.error().message(), true});
      continue;
    }
    const bool unusual = is_unusual(sample);
    AnomalyFrames& into = unusual ? frames.unusual : frames.normal;
    into.values.insert(into.values.end(), (*values)->begin(), (*values)->end());
    ++into.count;
    (unusual ? frames.unusual_names : frames.normal_names).push_back(sample.name);
  }
  return frames;
}

}  // namespace perch::trainer
