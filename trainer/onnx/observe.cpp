#include "onnx/observe.hpp"

#include <algorithm>
#include <cmath>

#include "image/codec.hpp"
#include "model/predictor.hpp"
#include "model/preprocess.hpp"
#include "model/session.hpp"
#include "onnx/quant_graph.hpp"

namespace perch::trainer {

namespace {

constexpr std::string_view kSeen = "_seen";

/// The model with all tensors that are to be observed as outputs.
Bytes with_outputs(const onnx::ModelProto& prepared, std::map<std::string, std::string>& tensor_of_output) {
  onnx::ModelProto model = prepared;
  onnx::GraphProto& graph = *model.mutable_graph();
  const Wiring wiring(graph);
  for (const std::string& tensor : tensors_to_observe(graph)) {
    if (wiring.is_output(tensor)) {
      tensor_of_output[tensor] = tensor;
      continue;
    }
    std::string output = tensor;
    if (wiring.inputs.contains(tensor)) {  // an input cannot be an output as well
      output.append(kSeen);
      onnx::NodeProto& node = *graph.add_node();
      node.set_op_type("Identity");
      node.add_input(tensor);
      node.add_output(output);
    }
    tensor_of_output[output] = tensor;
    onnx::ValueInfoProto& info = *graph.add_output();
    info.set_name(output);
    info.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
  }
  return to_bytes(model);
}

std::vector<Region> whole(image::Size size) {
  return {{0, Quad::from_box({0, 0, static_cast<float>(size.width), static_cast<float>(size.height)}), {}}};
}

ValueRange all_but_the_tails(const Histogram& histogram) {
  constexpr double kTail = 1e-4;
  std::uint64_t all = 0;
  for (const std::uint64_t n : histogram.counts) all += n;
  const auto tail = static_cast<std::uint64_t>(kTail * static_cast<double>(all));
  std::size_t first = 0, last = Histogram::kBins;
  for (std::uint64_t sum = 0; first + 1 < last && (sum += histogram.counts[first]) <= tail;) ++first;
  for (std::uint64_t sum = 0; last > first + 1 && (sum += histogram.counts[last - 1]) <= tail;) --last;
  return {histogram.low + static_cast<float>(first) * histogram.width(),
          histogram.low + static_cast<float>(last) * histogram.width()};
}

/// The sum of the squares of what rounding and cutting off lose.
double error_of(const Histogram& histogram, ValueRange range) {
  constexpr double kCodes = 255;
  const double step = (double{range.high} - range.low) / kCodes;
  double sum = 0;
  for (std::size_t bin = 0; bin < Histogram::kBins; ++bin) {
    if (histogram.counts[bin] == 0) continue;
    const double value = histogram.low + (static_cast<double>(bin) + 0.5) * histogram.width();
    const double cut = value < range.low ? range.low - value : value > range.high ? value - range.high : 0;
    sum += static_cast<double>(histogram.counts[bin]) * (cut > 0 ? cut * cut : step * step / 12);
  }
  return sum;
}

ValueRange with_least_error(const Histogram& histogram) {
  constexpr int kSteps = 20;
  ValueRange best{std::min(histogram.low, 0.0F), std::max(histogram.high, 0.0F)};
  const ValueRange all = best;
  double least = error_of(histogram, best);
  for (int low = 4; low <= kSteps; ++low) {
    for (int high = 4; high <= kSteps; ++high) {
      if ((all.low == 0 && low < kSteps) || (all.high == 0 && high < kSteps)) continue;
      const ValueRange range{all.low * static_cast<float>(low) / kSteps, all.high * static_cast<float>(high) / kSteps};
      const double error = error_of(histogram, range);
      if (error >= least) continue;
      least = error;
      best = range;
    }
  }
  return best;
}

}  // namespace

Result<Observed> observe(const onnx::ModelProto& prepared, const model::Model& model, const learn::Exam& pictures) {
  std::map<std::string, std::string> tensor_of_output;
  const Bytes bytes = with_outputs(prepared, tensor_of_output);
  PERCH_TRY(std::shared_ptr<const model::Session> session, model::Session::load(bytes, model.path().string()));
  model::Runner runner(std::move(session), model::element_shape(model.format()));
  model::Preprocessor preprocessor(model.card().input, model.format());
  image::PictureDecoder decoder;
  image::Picture picture;
  Observed observed;
  for (const bool counting : {false, true}) {  // bins can only be made once the limits are known
    const auto note = [&](const TensorView& output) {
      const auto tensor = tensor_of_output.find(std::string(output.name));
      if (tensor == tensor_of_output.end()) return;
      const auto [at, is_new] = observed.try_emplace(tensor->second);
      counting ? at->second.count(output.data) : at->second.widen(output.data, is_new);
    };
    for (const learn::ExamPicture& each : pictures.pictures) {
      PERCH_TRY(const image::PictureInfo info, decoder.probe(each.bytes));
      const auto full =
          decoder.decode(each.bytes, picture, model::needed_size(model.card().input, info.size, each.regions));
      if (!full) return fail(full.error().at(each.name));
      const std::vector<Region> regions = each.regions.empty() ? whole(*full) : each.regions;
      for (const Region& region : regions) {
        PERCH_TRY(const Placement placed, preprocessor.fill(picture.view(), *full, region, runner.input(1, 0)));
        static_cast<void>(placed);
        PERCH_TRY(const Tensors* tensors, runner.run(1));
        for (const TensorView& output : tensors->outputs) note(output);
      }
    }
  }
  return observed;
}

ValueRanges ranges_of(const Observed& observed, Calibration calibration) {
  ValueRanges ranges;
  for (const auto& [tensor, histogram] : observed) {
    switch (calibration) {
      case Calibration::min_max:
        ranges[tensor] = {histogram.low, histogram.high};
        break;
      case Calibration::percentile:
        ranges[tensor] = all_but_the_tails(histogram);
        break;
      case Calibration::least_error:
        ranges[tensor] = with_least_error(histogram);
        break;
    }
  }
  return ranges;
}

std::string_view name(Calibration calibration) {
  constexpr std::array<std::string_view, 3> kNames{"min-max", "percentile", "least error"};
  return kNames[static_cast<std::size_t>(calibration)];
}

}  // namespace perch::trainer
