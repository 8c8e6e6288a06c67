#include "core/publish.hpp"

#include <cmath>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "model/session.hpp"
#include "onnx/write_model.hpp"

namespace perch::trainer {

namespace {

std::filesystem::path beside(const learn::TrainSettings& settings, std::string_view extension) {
  return std::filesystem::path(settings.out) / fmt::format("{}{}", settings.model_name(), extension);
}

/// The largest difference of one output.
Result<double> compare(const TensorView& output, const std::vector<float>& wanted) {
  if (output.data.size() != wanted.size())
    return fail(Errc::mismatch, fmt::format("output '{}' has {} values, the trained network {}", output.name,
                                            output.data.size(), wanted.size()));
  double most = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double difference = std::abs(static_cast<double>(output.data[i]) - static_cast<double>(wanted[i]));
    if (!(difference <= most)) most = difference;  // NaN too
  }
  return most;
}

}  // namespace

Result<double> compare_export(const std::string& onnx, const std::vector<Proof>& proofs) {
  PERCH_TRY(const auto session, model::Session::load(as_bytes(onnx), "the exported model"));
  double most = 0;
  for (const Proof& proof : proofs) {
    model::Runner runner(session, proof.input_shape);
    const std::span<std::byte> input = runner.input(1, 0);
    if (input.size() != proof.input.size() * sizeof(float))
      return fail(Errc::mismatch, "the exported model has an input of another size");
    std::memcpy(input.data(), proof.input.data(), input.size());
    PERCH_TRY(const Tensors* tensors, runner.run(1));
    if (tensors->outputs.size() != proof.outputs.size())
      return fail(Errc::mismatch, fmt::format("the exported model has {} outputs instead of {}",
                                              tensors->outputs.size(), proof.outputs.size()));
    for (std::size_t i = 0; i < proof.outputs.size(); ++i) {
      PERCH_TRY(const double difference, compare(tensors->outputs[i], proof.outputs[i]));
      if (!(difference <= most)) most = difference;
    }
  }
  if (!(most <= kMaxExportDifference))
    return fail(Errc::mismatch, fmt::format("the exported model differs from the trained one by {}", most));
  return most;
}

model::Card card_of(const learn::TrainSettings& settings) {
  model::Card card;
  card.name = settings.model_name();
  card.version = settings.version;
  card.licence = settings.licence;
  card.origin = settings.origin;
  return card;
}

std::string model_path(const learn::TrainSettings& settings) {
  return beside(settings, ".onnx").string();
}

std::string report_path(const learn::TrainSettings& settings) {
  return beside(settings, ".json").string();
}

Result<void> publish(const learn::TrainSettings& settings, const std::string& onnx, model::Card card,
                     learn::TrainReport report) {
  card.sha256 = sha256_hex(as_bytes(onnx));
  report.sha256 = card.sha256;
  report.model = card.name;
  report.kind = settings.kind;
  report.version = settings.version;
  report.origin = settings.origin;
  report.seed = settings.seed;
  PERCH_CHECK(write_file(report_path(settings), as_bytes(to_json(report))));
  Result<void> written = write_model(model_path(settings), as_bytes(onnx), card);
  if (written) return written;
  Error error = std::move(written).error();
  if (std::error_code unseen; std::filesystem::exists(settings.checkpoint(), unseen))
    error.remedy += "; the checkpoint is kept: the same command with --resume publishes the model";
  return fail(std::move(error));
}

}  // namespace perch::trainer
