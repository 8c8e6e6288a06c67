#include "onnx/publish_quantised.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "onnx/temporary_folder.hpp"

namespace perch::trainer {

namespace {

std::string note(const learn::Comparison& result) {
  std::string text = fmt::format("agreement {:.3f}", result.agreement);
  if (!result.a.measures.empty())
    text = fmt::format("{} {:.3f} instead of {:.3f}", result.b.measures.front().name, result.b.measures.front().value,
                       result.a.measures.front().value);
  return fmt::format("{} on {} pictures", text, result.pictures);
}

}  // namespace

Result<Judgement> publish_if_good(const model::Model& in_float, const Quantised& quantised, const learn::Exam& judging,
                                  double max_loss, const std::filesystem::path& out, const Registry& registry) {
  std::error_code error;
  if (out.extension() != ".onnx")
    return fail(Errc::invalid, "is not the name of an ONNX file", out.string(), "end it with .onnx");
  if (std::filesystem::equivalent(out, in_float.path(), error))
    return fail(Errc::invalid, "is the float model itself", out.string(), "give another name");
  const TemporaryFolder folder;
  if (folder.path().empty())
    return fail(Errc::io, "a temporary folder cannot be made", {}, "set TMPDIR to a folder that can be written to");
  model::Card card = in_float.card();
  card.name = out.stem().string();
  card.sha256 = sha256_hex(quantised.onnx);
  const std::filesystem::path trial = folder.path() / out.filename();
  std::filesystem::path trial_card = trial, out_card = out;
  trial_card.replace_extension(".toml");
  out_card.replace_extension(".toml");
  PERCH_CHECK(write_file(trial, quantised.onnx));
  PERCH_CHECK(write_file(trial_card, as_bytes(to_toml(card))));
  Judgement judgement;
  PERCH_TRY(judgement.comparison, learn::compare(in_float.path().string(), trial.string(), judging, registry));
  judgement.good = judgement.comparison.loss() <= max_loss;
  if (!judgement.good) return judgement;
  if (!card.origin.empty()) card.origin += "; ";
  card.origin += fmt::format("{} of {}: {}", quantised.how(), in_float.id(), note(judgement.comparison));
  PERCH_CHECK(write_file(out, quantised.onnx));
  PERCH_CHECK(write_file(out_card, as_bytes(to_toml(card))));
  return judgement;
}

}  // namespace perch::trainer
